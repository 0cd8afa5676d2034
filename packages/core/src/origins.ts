// The entry `@muntin/core/origins`: for people who ask why, and for code that still posts by hand. Nothing else of core imports it.
export {
  type Consent,
  explainOrigins,
  type OriginFacts,
  type OriginPower,
  type OriginsExplanation,
  type Power,
} from './origin/explain.ts';
export { listenTo, type PinnedMessageHandler, type PinnedTarget, pinnedTarget } from './origin/pinned.ts';

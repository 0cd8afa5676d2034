// For @muntin/host and @muntin/guest only: no application imports this, and it changes without notice.
export { nanoid } from 'nanoid';
export { requirePage, requireWorker } from './browser.ts';
export { cloneOf } from './clone.ts';
export { structuredCloneName } from './codec/codec.ts';
export { notCloneable } from './codec/uncloneable.ts';
export { Connection, type ConnectionOptions } from './connection.ts';
export { compareContracts } from './contract/compare.ts';
export { listProcedures } from './contract/define.ts';
export type { Served } from './contract/types.ts';
export { validate } from './contract/validate.ts';
export { asyncDispose, dispose } from './disposal.ts';
export { invalidOption, messageOf, show } from './errors.ts';
export { Endpoint } from './extension/endpoint.ts';
export { onThaw } from './freeze.ts';
export { type AcceptEvents, type AcceptOptions, Acceptor, type Seen } from './handshake/accept.ts';
export { type Clock, pageClock } from './handshake/clock.ts';
export {
  type Embedder,
  type Gate,
  WorkerGate,
  windowEmbedder,
  windowGate,
  workerEmbedder,
} from './handshake/gate.ts';
export type { Hello, Welcome } from './handshake/messages.ts';
export { type OfferEvents, Offerer, type OfferOptions } from './handshake/offer.ts';
export { findNearest } from './hints.ts';
export { readLimits } from './link/limits.ts';
export { CONTEXT, READY, WELCOME } from './link/messages.ts';
export { checkOptions, type OptionKinds, wrongWord } from './options.ts';
export { isAcceptable, originOf } from './origin.ts';
export { type LaneHolder, Lanes } from './reference/lanes.ts';
export { Admission } from './rpc/admission.ts';
export { beforeClose, serveBeforeClose } from './rpc/before-close.ts';
export { Caller } from './rpc/caller.ts';
export { createClient, ping } from './rpc/client.ts';
export { checkSize } from './rpc/failures.ts';
export { survival } from './rpc/replay.ts';
export { pairHandlers } from './rpc/served.ts';
export { Session, type SessionOptions } from './session.ts';
export { Steps } from './steps.ts';
export { isPromiseLike } from './stream/kinds.ts';
export { Latest } from './stream/latest.ts';

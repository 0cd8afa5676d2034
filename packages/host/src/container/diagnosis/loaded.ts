// What is loaded when a guest has not connected, and only then; see `inquire.ts`.
import { conclude, type Finding } from './conclude.ts';
import type { Case, Scene } from './evidence.ts';
import { gather } from './gather.ts';

/** Why a guest did not connect, as far as the evidence goes. It never rejects. */
export async function explain(scene: Scene, facts: Case): Promise<Finding> {
  const isAnswered = facts.seen.hellos > 0 || facts.wasReady;
  return conclude(scene, facts, await gather(scene, facts.probes && !isAnswered));
}

import * as v from 'valibot';

/** What the desk replays. Times in milliseconds since 1970, UTC. */
export const RecordFacts = v.object({ from: v.number(), to: v.number(), count: v.number() });
export type RecordFacts = v.InferOutput<typeof RecordFacts>;

import packed from 'virtual:record';
import type { Arrival } from '@quake-desk/contracts/arrival';
import type { RecordFacts } from '@quake-desk/contracts/record-facts';

export type Quake = Omit<Arrival, 'seq' | 'pass'>;

/** Every earthquake of the record, in the order in which they happened. */
export const quakes: readonly Quake[] = packed.rows.map(([id, time, longitude, latitude, depth, magnitude, place]) => ({
  id,
  time,
  longitude,
  latitude,
  depth,
  magnitude,
  place,
}));

export const source = packed.source;
/** How many explosions and quarry blasts of the feed are not part of the record. */
export const leftOut = packed.leftOut;

export const recordFacts: RecordFacts = {
  from: quakes[0]?.time ?? 0,
  to: quakes.at(-1)?.time ?? 0,
  count: quakes.length,
};

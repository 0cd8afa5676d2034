import * as v from 'valibot';
import type { Arrival } from './arrival.ts';

const Longitude = v.pipe(v.number(), v.minValue(-180), v.maxValue(180));
const Latitude = v.pipe(v.number(), v.minValue(-90), v.maxValue(90));

/** A box on the globe, in degrees. Where `west` is greater than `east` it crosses the 180th meridian. */
export const Box = v.object({ west: Longitude, south: Latitude, east: Longitude, north: Latitude });
export type Box = v.InferOutput<typeof Box>;

/** A span of time and magnitude, ends included. */
export const Range = v.object({
  from: v.number(),
  to: v.number(),
  weakest: v.number(),
  strongest: v.number(),
});
export type Range = v.InferOutput<typeof Range>;

/** Identifiers of earthquakes. */
export const Picks = v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(5_000));
export type Picks = v.InferOutput<typeof Picks>;

/** What is selected on the desk. Each widget sets its own part and is filtered by the parts of the others. */
export const Selection = v.object({ box: v.nullable(Box), range: v.nullable(Range), picks: Picks });
export type Selection = v.InferOutput<typeof Selection>;
export type SelectionPart = keyof Selection;

export const nothingSelected: Selection = { box: null, range: null, picks: [] };

type Quake = Pick<Arrival, 'id' | 'time' | 'longitude' | 'latitude' | 'magnitude'>;

/**
 * Returns the question whether a quake passes the selection; `except` leaves out the asking widget's own part,
 * so that a widget still shows what it lets one choose from.
 */
export function selectionFilter(selection: Selection, except?: SelectionPart): ((quake: Quake) => boolean) | null {
  const box = except === 'box' ? null : selection.box;
  const range = except === 'range' ? null : selection.range;
  const picks = except === 'picks' || selection.picks.length === 0 ? null : new Set(selection.picks);
  if (!box && !range && !picks) return null;
  return (quake) =>
    (!box || isInBox(quake, box)) && (!range || isInRange(quake, range)) && (!picks || picks.has(quake.id));
}

export function isInBox(quake: Pick<Quake, 'longitude' | 'latitude'>, { west, south, east, north }: Box): boolean {
  if (quake.latitude < south || quake.latitude > north) return false;
  const { longitude } = quake;
  return west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east;
}

export function isInRange(quake: Pick<Quake, 'time' | 'magnitude'>, range: Range): boolean {
  return (
    quake.time >= range.from &&
    quake.time <= range.to &&
    quake.magnitude >= range.weakest &&
    quake.magnitude <= range.strongest
  );
}

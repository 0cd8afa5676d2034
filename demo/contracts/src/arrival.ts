import * as v from 'valibot';

/** One earthquake of the record, as it reaches a widget. The same earthquake arrives again in each pass over the record. */
export const Arrival = v.object({
  /** Counts every arrival since the desk was opened, from 0. A widget that falls far behind finds gaps. */
  seq: v.number(),
  /** Which pass over the record this arrival belongs to, from 1. */
  pass: v.number(),
  /** The seismic network's identifier, the same in every pass. */
  id: v.string(),
  /** When the earth shook: milliseconds since 1970, UTC. */
  time: v.number(),
  longitude: v.number(),
  latitude: v.number(),
  /** Kilometres below the surface; a little below zero for events inside mountains. */
  depth: v.number(),
  magnitude: v.number(),
  /** In English, as the network wrote it. */
  place: v.string(),
});
export type Arrival = v.InferOutput<typeof Arrival>;

/** The most arrivals of the past that a widget may ask for; and as many wait for a widget that is slow, then the oldest go. */
export const maxBacklog = 20_000;

/** What a widget says when it subscribes: how many of the latest arrivals it wants first. */
export const ArrivalsRequest = v.object({
  backlog: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(maxBacklog)),
});

/** Which earthquake a widget is asked to show; it answers whether it could. */
export const LocateRequest = v.object({ id: v.pipe(v.string(), v.maxLength(64)) });

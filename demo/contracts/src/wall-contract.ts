import { contract, observable, type } from '@muntin/core';
import { Arrival, ArrivalsRequest, maxBacklog } from './arrival.ts';
import type { DeskContext } from './context.ts';

/** The wall: a window of its own, for a screen that hangs somewhere else. */
export const wall = contract({
  name: 'quake-desk/wall',
  version: '1.0.0',
  guest: {},
  host: { arrivals: observable({ input: ArrivalsRequest, output: Arrival, overflow: 'latest', buffer: maxBacklog }) },
  context: type<DeskContext>(),
});

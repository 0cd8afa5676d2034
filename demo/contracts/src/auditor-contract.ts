import { contract, observable } from '@muntin/core';
import * as v from 'valibot';
import { Arrival, ArrivalsRequest, maxBacklog } from './arrival.ts';

/** The auditor: a worker that counts what it is told, and whether anything is missing. */
export const auditor = contract({
  name: 'quake-desk/auditor',
  version: '1.0.0',
  guest: { audit: observable({ output: v.object({ told: v.number(), missing: v.number() }), overflow: 'latest' }) },
  host: { arrivals: observable({ input: ArrivalsRequest, output: Arrival, overflow: 'latest', buffer: maxBacklog }) },
});

import { contract, mutation, observable, type } from '@muntin/core';
import * as v from 'valibot';
import { Arrival, ArrivalsRequest, LocateRequest, maxBacklog } from './arrival.ts';
import type { DeskContext } from './context.ts';
import { Selection } from './selection.ts';
import { WidgetStatus } from './widget-status.ts';

/** The contract of a widget that reads the record and is filtered by others, and chooses nothing itself. */
const reader = (name: string) =>
  contract({
    name,
    version: '1.0.0',
    guest: {
      status: observable({ output: WidgetStatus, overflow: 'latest' }),
      locate: mutation({ input: LocateRequest, output: v.boolean() }),
    },
    host: {
      arrivals: observable({ input: ArrivalsRequest, output: Arrival, overflow: 'latest', buffer: maxBacklog }),
      selection: observable({ output: Selection, overflow: 'latest' }),
    },
    context: type<DeskContext>(),
  });

/** A newspaper's, in React. */
export const strongest = reader('tremor-tribune/strongest');
/** By people who dive, in Vue. */
export const depths = reader('tiefsee/depths');
/** A laboratory's: it computes in a worker, and serves that on the lane `lab`. */
export const lab = reader('richter-lab/lab');
/** Nobody's: it runs without an origin. */
export const energy = reader('anonymous/energy');

/** What the laboratory serves on its lane, as Comlink has it. */
export interface Lab {
  /** How the number of earthquakes falls with their magnitude; `null` where there are too few to say. */
  fit(magnitudes: Float64Array): Promise<Fit | null>;
}

/** The law of Gutenberg and Richter: log10 of how many are of at least `magnitude` is `a - b * magnitude`. */
export interface Fit {
  readonly a: number;
  readonly b: number;
  /** The standard error of `b`. */
  readonly error: number;
  /** From here on the record is complete enough to count. */
  readonly complete: number;
  /** How many are at least that strong. */
  readonly count: number;
}

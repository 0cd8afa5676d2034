import { contract, mutation, observable, query, type } from '@muntin/core';
import * as v from 'valibot';
import { Arrival, ArrivalsRequest, LocateRequest, maxBacklog } from './arrival.ts';
import type { DeskContext } from './context.ts';
import { RecordFacts } from './record-facts.ts';
import { Range, Selection } from './selection.ts';
import { WidgetStatus } from './widget-status.ts';

export const chart = contract({
  name: 'quake-desk/chart',
  version: '1.0.0',
  guest: {
    status: observable({ output: WidgetStatus, overflow: 'latest' }),
    locate: mutation({ input: LocateRequest, output: v.boolean() }),
  },
  host: {
    record: query({ output: RecordFacts }),
    arrivals: observable({ input: ArrivalsRequest, output: Arrival, overflow: 'latest', buffer: maxBacklog }),
    selection: observable({ output: Selection, overflow: 'latest' }),
    select: mutation({ input: v.nullable(Range) }),
  },
  context: type<DeskContext>(),
});

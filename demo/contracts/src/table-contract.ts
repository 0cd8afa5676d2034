import { contract, mutation, observable, type } from '@muntin/core';
import * as v from 'valibot';
import { Arrival, ArrivalsRequest, LocateRequest, maxBacklog } from './arrival.ts';
import type { DeskContext } from './context.ts';
import { Picks, Selection } from './selection.ts';
import { WidgetStatus } from './widget-status.ts';

export const table = contract({
  name: 'quake-desk/table',
  version: '1.0.0',
  guest: {
    status: observable({ output: WidgetStatus, overflow: 'latest' }),
    locate: mutation({ input: LocateRequest, output: v.boolean() }),
  },
  host: {
    arrivals: observable({ input: ArrivalsRequest, output: Arrival, overflow: 'latest', buffer: maxBacklog }),
    selection: observable({ output: Selection, overflow: 'latest' }),
    select: mutation({ input: Picks }),
  },
  context: type<DeskContext>(),
});

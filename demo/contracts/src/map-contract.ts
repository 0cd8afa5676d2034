import { contract, mutation, observable, type } from '@muntin/core';
import * as v from 'valibot';
import { Arrival, ArrivalsRequest, LocateRequest, maxBacklog } from './arrival.ts';
import type { DeskContext } from './context.ts';
import { Box, Selection } from './selection.ts';
import { WidgetStatus } from './widget-status.ts';

export const map = contract({
  name: 'quake-desk/map',
  version: '1.0.0',
  guest: {
    status: observable({ output: WidgetStatus, overflow: 'latest' }),
    locate: mutation({ input: LocateRequest, output: v.boolean() }),
  },
  host: {
    arrivals: observable({ input: ArrivalsRequest, output: Arrival, overflow: 'latest', buffer: maxBacklog }),
    selection: observable({ output: Selection, overflow: 'latest' }),
    select: mutation({ input: v.nullable(Box) }),
  },
  context: type<DeskContext>(),
});

import type { Extensible } from '@muntin/core';
import { type Remote, wrap } from '@muntin/core/comlink';
import { type Mount, mount } from '@muntin/host';
import { focusable } from '@muntin/host/focus';
import { state } from '@muntin/host/state';
import { chart } from '@quake-desk/contracts/chart';
import type { DeskContext } from '@quake-desk/contracts/context';
import { map } from '@quake-desk/contracts/map';
import { depths, energy, type Lab, lab, strongest } from '@quake-desk/contracts/reader';
import { table } from '@quake-desk/contracts/table';
import type { WidgetStatus } from '@quake-desk/contracts/widget-status';
import type { Observable } from 'rxjs';
import type { Desk } from './desk.ts';
import { recordFacts } from './record.ts';
import { urlOf } from './url-of.ts';
import type { WidgetName } from './words.ts';

/** A mounted widget, whichever it is: what the desk shows about it and asks of it. */
export interface Widget {
  readonly mount: Extensible &
    Pick<
      Mount<typeof map>,
      'state' | 'state$' | 'ready' | 'origin' | 'frame' | 'stats' | 'setContext' | 'ping' | 'reload' | 'unmount'
    >;
  readonly status: () => Observable<WidgetStatus>;
  readonly locate: (id: string) => Promise<boolean>;
  /** What it serves beside its contract, on a lane. */
  readonly lab?: Remote<Lab>;
}

export interface WidgetSpec {
  readonly name: WidgetName;
  /** Who has made it, and with what. */
  readonly maker: string;
  /** Whether it is loaded only when its place comes near. */
  readonly isLate?: true;
  /** Puts the widget into the page. */
  open(into: Element, title: string, context: DeskContext): Widget;
  /** Forgets what the widget had selected: its filter goes with it. */
  forget(): void;
}

/** What is developed is made while it loads. */
export const handshakeTimeoutMs = import.meta.env.DEV ? 30_000 : 4_000;

/** A widget whose server is away is tried again, until it is back. */
const patience = {
  handshakeTimeoutMs,
  askServer: true,
  reconnect: { retries: Infinity, delayMs: 500, maxDelayMs: 2_000 },
} as const;

/** How the reader has sorted the table: kept while it is reloaded, and while it is away. */
const tableState = state({ key: 'table' });

/** The widgets of the desk, its own first: where each lives, and what the desk serves it. */
export function widgetSpecs(desk: Desk): readonly WidgetSpec[] {
  const { replay, selection$ } = desk;
  const arrivals = ({ backlog }: { backlog: number }) => replay.arrivals(backlog);
  const selection = () => selection$;
  return [
    {
      name: 'map',
      maker: 'Quake desk, TypeScript',
      forget: () => desk.selectBox(null),
      open: (into, title, context) => {
        const select = desk.selectBox.bind(desk);
        const widget = mount(map, {
          ...patience,
          url: urlOf('map'),
          into,
          title,
          context,
          handlers: { arrivals, selection, select },
        });
        return { mount: widget, status: widget.guest.status, locate: (id) => widget.guest.locate({ id }) };
      },
    },
    {
      name: 'chart',
      maker: 'Quake desk, TypeScript',
      forget: () => desk.selectRange(null),
      open: (into, title, context) => {
        const select = desk.selectRange.bind(desk);
        const handlers = { record: () => recordFacts, arrivals, selection, select };
        const widget = mount(chart, { ...patience, url: urlOf('chart'), into, title, context, handlers });
        return { mount: widget, status: widget.guest.status, locate: (id) => widget.guest.locate({ id }) };
      },
    },
    {
      name: 'table',
      maker: 'Quake desk, TypeScript',
      forget: () => desk.selectPicks([]),
      open: (into, title, context) => {
        const select = desk.selectPicks.bind(desk);
        const widget = mount(table, {
          ...patience,
          url: urlOf('table'),
          into,
          title,
          context,
          handlers: { arrivals, selection, select },
          use: [tableState, focusable()],
        });
        return { mount: widget, status: widget.guest.status, locate: (id) => widget.guest.locate({ id }) };
      },
    },
    late('strongest', 'The Tremor Tribune, React', strongest),
    late('depths', 'Tiefsee, Vue', depths),
    late('lab', 'Richter Lab, worker and Comlink', lab, { hasLane: true }),
    late('energy', 'anonymous, without an origin', energy, { opaque: true }),
  ];

  /** A widget of another company: it reads along, and chooses nothing. */
  function late(
    name: WidgetName,
    maker: string,
    contract: typeof strongest,
    { opaque = false, hasLane = false } = {},
  ): WidgetSpec {
    return {
      name,
      maker,
      isLate: true,
      forget: () => undefined,
      open: (into, title, context) => {
        const handlers = { arrivals, selection };
        const widget = mount(contract, { ...patience, opaque, url: urlOf(name), into, title, context, handlers });
        const lane = hasLane ? { lab: wrap<Lab>(widget, 'lab') } : {};
        return { mount: widget, status: widget.guest.status, locate: (id) => widget.guest.locate({ id }), ...lane };
      },
    };
  }
}

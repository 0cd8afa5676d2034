import { type Mount, mount } from '@muntin/host';
import { chart } from '@quake-desk/contracts/chart';
import type { DeskContext } from '@quake-desk/contracts/context';
import { map } from '@quake-desk/contracts/map';
import { table } from '@quake-desk/contracts/table';
import type { WidgetStatus } from '@quake-desk/contracts/widget-status';
import type { Observable } from 'rxjs';
import type { Desk } from './desk.ts';
import { recordFacts } from './record.ts';
import type { WidgetName } from './words.ts';

/** A mounted widget, whichever it is: what the desk shows about it and asks of it. */
export interface Widget {
  readonly mount: Pick<
    Mount<typeof map>,
    'state' | 'state$' | 'origin' | 'frame' | 'stats' | 'setContext' | 'ping' | 'reload' | 'unmount'
  >;
  readonly status: () => Observable<WidgetStatus>;
  readonly locate: (id: string) => Promise<boolean>;
}

export interface WidgetSpec {
  readonly name: WidgetName;
  /** Puts the widget into the page. */
  open(into: Element, title: string, context: DeskContext): Widget;
  /** Forgets what the widget had selected: its filter goes with it. */
  forget(): void;
}

/** The three widgets of the desk: where each lives, and what the desk serves it. */
export function widgetSpecs(desk: Desk): readonly WidgetSpec[] {
  const { replay, selection$ } = desk;
  const arrivals = ({ backlog }: { backlog: number }) => replay.arrivals(backlog);
  const selection = () => selection$;
  return [
    {
      name: 'map',
      forget: () => desk.selectBox(null),
      open: (into, title, context) => {
        const select = desk.selectBox.bind(desk);
        const widget = mount(map, {
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
      forget: () => desk.selectRange(null),
      open: (into, title, context) => {
        const select = desk.selectRange.bind(desk);
        const handlers = { record: () => recordFacts, arrivals, selection, select };
        const widget = mount(chart, { url: urlOf('chart'), into, title, context, handlers });
        return { mount: widget, status: widget.guest.status, locate: (id) => widget.guest.locate({ id }) };
      },
    },
    {
      name: 'table',
      forget: () => desk.selectPicks([]),
      open: (into, title, context) => {
        const select = desk.selectPicks.bind(desk);
        const widget = mount(table, {
          url: urlOf('table'),
          into,
          title,
          context,
          handlers: { arrivals, selection, select },
        });
        return { mount: widget, status: widget.guest.status, locate: (id) => widget.guest.locate({ id }) };
      },
    },
  ];
}

/** The address that the server wrote into the page. */
function urlOf(name: WidgetName): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="quake-desk:${name}"]`)?.content ?? '';
}

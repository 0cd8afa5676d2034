// oxlint-disable-next-line import/no-unassigned-import -- It must have run before uPlot is imported.
import './locale.ts';
import { expose } from '@muntin/guest';
import { chart } from '@quake-desk/contracts/chart';
import { hosts } from '@quake-desk/contracts/hosts';
import { newest } from '@quake-desk/contracts/newest';
import { typeIsSettled } from '@quake-desk/contracts/type';
import { auditTime } from 'rxjs';
import { ChartView } from './chart-view.ts';

await typeIsSettled();
const view = new ChartView(document.body);
const fail = (thrown: unknown) => view.say(thrown);

const status$ = newest(view.status$);
const shell = expose(chart, {
  hosts,
  handlers: { status: () => status$, locate: ({ id }) => view.locate(id) },
});
shell.context$.subscribe((context) => view.setContext(context));
shell.host.record().then((record) => view.setRecord(record), fail);
shell.host.arrivals({ backlog: 2_000 }).subscribe({ next: (arrival) => view.add(arrival), error: fail });
shell.host.selection().subscribe({ next: (selection) => view.setSelection(selection), error: fail });
view.range$.pipe(auditTime(30)).subscribe((range) => void shell.host.select(range).catch(fail));

// While it is developed, the next version begins with an empty page.
import.meta.hot?.dispose(() => document.body.replaceChildren());

import { expose } from '@muntin/guest';
import { focusable } from '@muntin/guest/focus';
import { state } from '@muntin/guest/state';
import { maxBacklog } from '@quake-desk/contracts/arrival';
import { hosts } from '@quake-desk/contracts/hosts';
import { table } from '@quake-desk/contracts/table';
import { typeIsSettled } from '@quake-desk/contracts/type';
import { TableState } from './table-state.ts';
import { TableView } from './table-view.ts';

await typeIsSettled();
const view = new TableView(document.body, maxBacklog);
const fail = (thrown: unknown) => view.say(thrown);

const shell = expose(table, {
  hosts,
  use: [state({ schema: TableState, save: () => view.state, restore: (was) => view.restore(was) }), focusable()],
  handlers: { status: () => view.status$, locate: ({ id }) => view.locate(id) },
});
shell.context$.subscribe((context) => view.setContext(context));
shell.host.arrivals({ backlog: maxBacklog }).subscribe({ next: (arrival) => view.add(arrival), error: fail });
shell.host.selection().subscribe({ next: (selection) => view.setSelection(selection), error: fail });
view.picks$.subscribe((picks) => void shell.host.select(picks).catch(fail));

// While it is developed, the next version begins with an empty page.
import.meta.hot?.dispose(() => document.body.replaceChildren());

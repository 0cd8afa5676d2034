import { expose } from '@muntin/guest';
import { maxBacklog } from '@quake-desk/contracts/arrival';
import { table } from '@quake-desk/contracts/table';
import { typeIsSettled } from '@quake-desk/contracts/type';
import { TableView } from './table-view.ts';

await typeIsSettled();
const view = new TableView(document.body, maxBacklog);
const hosts = document.querySelector<HTMLMetaElement>('meta[name="quake-desk:hosts"]')?.content.split(' ') ?? [];
const fail = (thrown: unknown) => view.say(thrown);

const shell = expose(table, {
  hosts,
  handlers: { status: () => view.status$, locate: ({ id }) => view.locate(id) },
});
shell.context$.subscribe((context) => view.setContext(context));
shell.host.arrivals({ backlog: maxBacklog }).subscribe({ next: (arrival) => view.add(arrival), error: fail });
shell.host.selection().subscribe({ next: (selection) => view.setSelection(selection), error: fail });
view.picks$.subscribe((picks) => void shell.host.select(picks).catch(fail));

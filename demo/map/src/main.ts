import { expose } from '@muntin/guest';
import { hosts } from '@quake-desk/contracts/hosts';
import { map } from '@quake-desk/contracts/map';
import { typeIsSettled } from '@quake-desk/contracts/type';
import { auditTime } from 'rxjs';
import { MapView } from './map-view.ts';

await typeIsSettled();
const view = new MapView(document.body);
const fail = (thrown: unknown) => view.say(thrown);

const shell = expose(map, {
  hosts,
  handlers: { status: () => view.status$, locate: ({ id }) => view.locate(id) },
});
shell.context$.subscribe((context) => view.setContext(context));
shell.host.arrivals({ backlog: 2_000 }).subscribe({ next: (arrival) => view.add(arrival), error: fail });
shell.host.selection().subscribe({ next: (selection) => view.setSelection(selection), error: fail });
view.box$.pipe(auditTime(30)).subscribe((box) => void shell.host.select(box).catch(fail));

import { expose } from '@muntin/guest';
import { hosts } from '@quake-desk/contracts/hosts';
import { map } from '@quake-desk/contracts/map';
import { newest } from '@quake-desk/contracts/newest';
import { typeIsSettled } from '@quake-desk/contracts/type';
import { auditTime } from 'rxjs';
import { MapView } from './map-view.ts';

await typeIsSettled();
const view = new MapView(document.body);
const fail = (thrown: unknown) => view.say(thrown);

const status$ = newest(view.status$);
const shell = expose(map, {
  hosts,
  handlers: { status: () => status$, locate: ({ id }) => view.locate(id) },
});
shell.context$.subscribe((context) => view.setContext(context));
shell.host.arrivals({ backlog: 2_000 }).subscribe({ next: (arrival) => view.add(arrival), error: fail });
shell.host.selection().subscribe({ next: (selection) => view.setSelection(selection), error: fail });
view.box$.pipe(auditTime(30)).subscribe((box) => void shell.host.select(box).catch(fail));

// While it is developed, the next version begins with an empty page.
import.meta.hot?.dispose(() => document.body.replaceChildren());

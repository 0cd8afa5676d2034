import { exposeLane } from '@muntin/core/comlink';
import { expose } from '@muntin/guest';
import { hosts } from '@quake-desk/contracts/hosts';
import { newest } from '@quake-desk/contracts/newest';
import { type Fit, lab } from '@quake-desk/contracts/reader';
import { Reading } from '@quake-desk/contracts/reading';
import { wrap } from 'comlink';
import { concatMap, map } from 'rxjs';
import { LabView } from './lab-view.ts';

const worker = new Worker(new URL('./law.worker.ts', import.meta.url), { type: 'module' });
const law = wrap<{ fit(magnitudes: Float64Array): Fit | null }>(worker);
const view = new LabView(document.body);
const reading = new Reading();
const status$ = newest(reading.status$);
const shell = expose(lab, {
  hosts,
  handlers: { status: () => status$, locate: ({ id }) => reading.has(id) },
});
// What the desk may call on the lane is this one method; behind it is the worker.
const withdraw = exposeLane(
  shell,
  'lab',
  { fit: (magnitudes: Float64Array) => law.fit(magnitudes) },
  { methods: ['fit'] },
);

shell.context$.subscribe((context) => view.setContext(context));
reading.follow(shell.host, (error) => view.say(error));
reading.shown$
  .pipe(
    map((shown) => Float64Array.from(shown, ({ magnitude }) => magnitude)),
    concatMap(async (magnitudes) => ({ magnitudes, found: await law.fit(magnitudes) })),
  )
  .subscribe({ next: ({ magnitudes, found }) => view.show(magnitudes, found), error: (error) => view.say(error) });

// While it is developed, the next version begins with an empty page, and serves the lane with a worker of its own.
import.meta.hot?.dispose(() => {
  withdraw();
  worker.terminate();
  document.body.replaceChildren();
});

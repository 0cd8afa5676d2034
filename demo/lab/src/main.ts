import { exposeLane } from '@muntin/core/comlink';
import { expose } from '@muntin/guest';
import { hosts } from '@quake-desk/contracts/hosts';
import { type Fit, lab } from '@quake-desk/contracts/reader';
import { Reading } from '@quake-desk/contracts/reading';
import { wrap } from 'comlink';
import { concatMap, map } from 'rxjs';
import { LabView } from './lab-view.ts';

const law = wrap<{ fit(magnitudes: Float64Array): Fit | null }>(
  new Worker(new URL('./law.worker.ts', import.meta.url), { type: 'module' }),
);
const view = new LabView(document.body);
const reading = new Reading();
const shell = expose(lab, {
  hosts,
  handlers: { status: () => reading.status$, locate: ({ id }) => reading.has(id) },
});
// What the desk may call on the lane is this one method; behind it is the worker.
exposeLane(shell, 'lab', { fit: (magnitudes: Float64Array) => law.fit(magnitudes) }, { methods: ['fit'] });

shell.context$.subscribe((context) => view.setContext(context));
reading.follow(shell.host, (error) => view.say(error));
reading.shown$
  .pipe(
    map((shown) => Float64Array.from(shown, ({ magnitude }) => magnitude)),
    concatMap(async (magnitudes) => ({ magnitudes, found: await law.fit(magnitudes) })),
  )
  .subscribe({ next: ({ magnitudes, found }) => view.show(magnitudes, found), error: (error) => view.say(error) });

import { release, transfer } from '@muntin/core';
import { expose } from '@muntin/guest';
import { Observable } from 'rxjs';
import { hostOrigin } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest, source, visit } from '../../page/job.ts';
import { bench, limits } from './contract.ts';

/** A source that nobody asks. */
const pushed = (request: StreamRequest): Observable<unknown> =>
  new Observable((subscriber) => {
    void pushAll(request, (value) => subscriber.next(value)).then(() => subscriber.complete());
  });

expose(bench, {
  hosts: [hostOrigin],
  limits,
  handlers: {
    ...job,
    give: (buffer) => transfer(buffer, [buffer]),
    visit: ({ ticks, onDone }) => {
      const answer = visit(ticks, onDone);
      release(onDone);
      return answer;
    },
    values: (request) => (request.kind === 'pushed' ? pushed(request) : source(request)),
    padding: padding(() => () => undefined),
  },
});

import { transfer } from '@muntin/core';
import { expose } from '@muntin/guest';
import { hostOrigin } from '../../page/frame.ts';
import { job, padding, source } from '../../page/job.ts';
import { bench } from './contract.ts';

expose(bench, {
  hosts: [hostOrigin],
  handlers: {
    ...job,
    give: (buffer) => transfer(buffer, [buffer]),
    values: source,
    padding: padding(() => () => undefined),
  },
});

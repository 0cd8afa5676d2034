import { expose } from '@muntin/guest';
import { hostOrigin } from '../../page/frame.ts';
import { job } from '../../page/job.ts';
import { tables } from './tables.ts';

expose(tables, { hosts: [hostOrigin], handlers: { ...job, echo: (table) => table } });

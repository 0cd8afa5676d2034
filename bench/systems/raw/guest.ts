import { job, padding } from '../../page/job.ts';
import { answer } from './answer.ts';

answer({ ...job, ...padding(() => () => undefined) });

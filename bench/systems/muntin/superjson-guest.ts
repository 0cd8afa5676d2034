import { superjsonCodec } from '@muntin/core/superjson';
import { expose } from '@muntin/guest';
import { hostOrigin } from '../../page/frame.ts';
import { job } from '../../page/job.ts';
import { echoes } from './echoes.ts';

expose(echoes, { hosts: [hostOrigin], codec: superjsonCodec(), handlers: job });

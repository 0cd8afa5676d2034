import { expose } from '@muntin/guest';
import { sums } from './contract.ts';

expose(sums, { hosts: ['https://host.example'], handlers: { add: ({ a, b }) => a + b } });

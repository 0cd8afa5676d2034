import { host } from 'virtual:muntin/origins';
import { expose } from '@muntin/guest';
import { counter as contract } from '../contract.ts';
import { counter } from './counter.ts';

/** The host, as the widget sees it. Nobody but the pages in `hosts` is answered. Edit the handlers while the session lives. */
export const shell = expose(contract, {
  hosts: [host],
  handlers: { add: (by) => counter.add(by), counts: () => counter.count$ },
});

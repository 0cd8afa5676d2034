import { byReference, transfer } from '@muntin/core';
import { mount } from '@muntin/host';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';
import { bench, limits } from './contract.ts';

const muntin: System = {
  handshake: true,
  streams: 'an observable with credit; the slow consumer is a for await',
  says: 'limits.valueNodes is 2,000,000 in place of 500,000, for values of 20 MB',
  connect: (url, into) => {
    const mounted = mount(bench, { url, into, title: 'The measured guest', limits });
    const { guest } = mounted;
    return {
      add: guest.add,
      echo: guest.echo,
      transfer: (buffer) => guest.give(transfer(buffer, [buffer])),
      visit: (ticks, onDone) => guest.visit({ ticks, onDone: byReference(onDone) }),
      stream: (request, next) => {
        const subscription = guest.values(request).subscribe(next);
        return { cancel: () => subscription.unsubscribe() };
      },
      pull: (request, take) => {
        const values = guest.values(request)[Symbol.asyncIterator]();
        void (async () => {
          for await (const value of values) await take(value);
        })();
        return { cancel: () => void values.return?.() };
      },
      produced: () => guest.produced(),
      stop: () => guest.stop(),
      close: () => void mounted.unmount(),
    };
  },
};

serve(muntin);

import { transfer } from '@muntin/core';
import { mount } from '@muntin/host';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';
import { bench } from './contract.ts';

const muntin: System = {
  handshake: true,
  streams: 'an observable with credit; the slow consumer is a for await',
  connect: (url, into) => {
    const mounted = mount(bench, { url, into, title: 'The measured guest' });
    const { guest } = mounted;
    return {
      add: guest.add,
      echo: guest.echo,
      transfer: (buffer) => guest.give(transfer(buffer, [buffer])),
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

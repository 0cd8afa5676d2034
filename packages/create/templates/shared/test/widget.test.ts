import { fakeHost, testMount } from '@muntin/testing';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { counter as contract } from '../contract.ts';
import { makeCounter } from '../guest/counter.ts';

test('the host adds to the count, hears each change, and nothing is left', async () => {
  const counter = makeCounter();
  const { widget, expectNoLeaks } = testMount(contract, {
    guest: { handlers: { add: (by) => counter.add(by), counts: () => counter.count$ } },
    host: fakeHost(contract, { handlers: { note: () => undefined }, context: { theme: 'light' } }),
  });
  expect(await widget.guest.add(2)).toBe(2);
  expect(await widget.guest.add(3)).toBe(5);
  expect(await firstValueFrom(widget.guest.counts())).toBe(5);
  await expectNoLeaks();
});

test('the guest notes something in the host, also after it was loaded anew', async () => {
  const counter = makeCounter();
  const host = fakeHost(contract, { handlers: { note: () => undefined }, context: { theme: 'dark' } });
  const mounted = testMount(contract, {
    guest: { handlers: { add: (by) => counter.add(by), counts: () => counter.count$ } },
    host,
  });
  await mounted.widget.ready;
  await mounted.shell.host.note('hello');
  mounted.reload();
  await mounted.flush();
  await mounted.shell.host.note('hello again');
  expect(host.calls.map(({ path, input }) => [path, input])).toEqual([
    ['note', 'hello'],
    ['note', 'hello again'],
  ]);
  await mounted.expectNoLeaks();
});

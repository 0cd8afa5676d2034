// A widget tested with Jest, as its authors would write it.
import { jest } from '@jest/globals';
import { contract, mutation, observable, query } from '@muntin/core';
import { fakeHost, testMount } from '@muntin/testing';
import { range } from 'rxjs';

const ticker = contract({
  name: 'acme/ticker',
  version: '1.0.0',
  guest: { quote: query(), counts: observable(), order: mutation() },
  host: { open: mutation() },
});

/** The script of the widget. */
const widgetScript = (expose) => {
  const shell = expose({
    handlers: {
      quote: async ({ symbol }) => {
        const opened = await shell.host.open({ path: `/${symbol}` });
        return { opened, at: new Date(0), sizes: new Map([[symbol, [symbol.length]]]) };
      },
      counts: (to) => range(1, to),
      order: () => new Promise(() => undefined),
    },
  });
};

afterEach(() => jest.useRealTimers());

test('host and guest call each other, and nothing is left', async () => {
  const host = fakeHost(ticker, { handlers: { open: () => 'opened' } });
  const { widget, reload, expectSettled, expectNoLeaks } = testMount(ticker, { guest: widgetScript, host });
  expect(await widget.guest.quote({ symbol: 'ACME' })).toEqual({
    opened: 'opened',
    at: new Date(0),
    sizes: new Map([['ACME', [4]]]),
  });
  expect(host.calls.map(({ path, input }) => [path, input])).toEqual([['open', { path: '/ACME' }]]);
  reload();
  expect(await widget.guest.quote({ symbol: 'AB' })).toMatchObject({ opened: 'opened' });
  const counts = [];
  for await (const count of widget.guest.counts(3)) counts.push(count);
  expect(counts).toEqual([1, 2, 3]);
  await expectSettled();
  await expectNoLeaks();
});

test('time passes as the test says', async () => {
  // Messages between host and guest need both.
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  const { widget, flush, unmount } = testMount(ticker, { guest: widgetScript, host: fakeHost(ticker, {}) });
  await flush();
  const code = widget.guest.order({ n: 1 }, { timeoutMs: 60_000 }).catch((error) => error.code);
  await flush();
  jest.advanceTimersByTime(60_000);
  expect(await code).toBe('CALL_TIMED_OUT');
  await unmount();
});

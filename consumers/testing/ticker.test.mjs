// A widget tested with what Node brings, as its authors would write it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contract, mutation, query } from '@muntin/core';
import { fakeHost, testMount } from '@muntin/testing';

const ticker = contract({
  name: 'acme/ticker',
  version: '1.0.0',
  guest: { quote: query(), order: mutation() },
  host: { open: mutation() },
});

/** The script of the widget. */
const widgetScript = (expose) => {
  const shell = expose({
    handlers: {
      quote: async ({ symbol }) => {
        await shell.host.open({ path: `/${symbol}` });
        return symbol.length;
      },
      order: () => new Promise(() => undefined),
    },
  });
};

void test('host and guest call each other, and nothing is left', async () => {
  const host = fakeHost(ticker, { handlers: { open: () => 'opened' } });
  const { widget, reload, expectSettled, expectNoLeaks } = testMount(ticker, { guest: widgetScript, host });
  assert.equal(await widget.guest.quote({ symbol: 'ACME' }), 4);
  assert.deepEqual(
    host.calls.map(({ path, input }) => [path, input]),
    [['open', { path: '/ACME' }]],
  );
  reload();
  assert.equal(await widget.guest.quote({ symbol: 'AB' }), 2);
  await expectSettled();
  await expectNoLeaks();
});

void test('time passes as the test says', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  // The mock timers of Node leave this clock alone, and Muntin goes by it.
  t.mock.method(performance, 'now', () => Date.now());
  const { widget, flush, unmount } = testMount(ticker, { guest: widgetScript, host: fakeHost(ticker, {}) });
  await flush();
  const outcome = assert.rejects(widget.guest.order({ n: 1 }, { timeoutMs: 60_000 }), { code: 'CALL_TIMED_OUT' });
  await flush();
  // These timers jump. A jump past the end of a stretch is a page that was frozen, which blames nobody.
  for (let ms = 0; ms <= 60_500; ms += 50) t.mock.timers.tick(50);
  await outcome;
  await unmount();
});

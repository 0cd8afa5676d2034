import { contract, event, query } from '@muntin/core';
import { type TestMount, testMount } from '@muntin/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';

// The table about events in docs/guide/when-a-peer-goes.md, as far as it can be seen without a browser.
const board = contract({
  name: 'acme/board',
  version: '1.0.0',
  guest: { note: event<string>(), count: query<void, number>() },
});
let handled: string[];
let test: TestMount<typeof board>;

beforeEach(() => {
  handled = [];
  test = testMount(board, {
    guest: { handlers: { note: (text) => void handled.push(text), count: () => handled.length } },
    host: {},
  });
});

afterEach(() => test.unmount());

it('an event that the guest is not ready for waits, in order with the calls', async () => {
  test.widget.guest.note('early');
  expect(await test.widget.guest.count()).toBe(1);
  expect(handled).toEqual(['early']);
});

it('an event that was sent goes to no other document', async () => {
  await test.widget.ready;
  test.freeze();
  test.widget.guest.note('sent');
  test.reload();
  test.thaw();
  expect(await test.widget.guest.count()).toBe(handled.length);
  test.widget.guest.note('next');
  await test.widget.guest.count();
  expect(handled).toEqual(['next']);
});

it('an event for a guest that is gone is lost without an error', async () => {
  await test.widget.ready;
  await test.unmount();
  test.widget.guest.note('late');
  await test.flush();
  expect(handled).toEqual([]);
});

import { expect, test } from 'vitest';
import { MuntinError } from '../../src/errors.ts';
import type { Route } from '../../src/rpc/pending.ts';
import { Uplink } from '../../src/rpc/uplink.ts';

const cause = new MuntinError('UNMOUNTED', 'It is over');

/** A session whose peer serves `quote`, and nothing else. */
const route: Pick<Route, 'indexes'> = { indexes: new Map([['quote', 0]]) };

function isRoute(value: unknown): value is Route {
  return value === route;
}

function open(uplink: Uplink): void {
  if (isRoute(route)) uplink.open(route);
}

test('who asks before there is a session is answered by the first that opens, though one was lost meanwhile', async () => {
  const uplink = new Uplink();
  const asked = Promise.all([uplink.serves('quote'), uplink.serves('buy')]);
  uplink.close();
  open(uplink);
  expect(await asked).toEqual([true, false]);
  expect(await uplink.serves('quote')).toBe(true);
});

test('who asks is told when no session will come, and so is who asks later', async () => {
  const uplink = new Uplink();
  const asked = uplink.serves('quote');
  uplink.end(cause);
  await expect(asked).rejects.toMatchObject({ code: 'LINK_CLOSED', cause, mayHaveRun: false });
  await expect(uplink.serves('quote')).rejects.toMatchObject({ code: 'LINK_CLOSED', cause });
  uplink.close(); // a session that ends later rules nothing in again
  expect(uplink.ended).toBe(cause);
});

test('it waits again when a session may come again', async () => {
  const uplink = new Uplink();
  uplink.end(cause);
  uplink.revive();
  const asked = uplink.serves('quote');
  open(uplink);
  expect(await asked).toBe(true);
  expect(uplink.route).toBe(route);
  expect(uplink.ended).toBeUndefined();
});

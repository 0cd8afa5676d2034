import { expect, it } from 'vitest';
import { byReference, contract, query, transfer } from '../../src/index.ts';
import { lazyPart } from '../../src/reference/lazy.ts';
import { openPair } from '../fixtures/open-pair.ts';

// The part that packs is loaded once in a process: what is passed before that is all in one test, in one turn.

const board = contract({ name: 'acme/board', version: '1.0.0', guest: { put: query<unknown, number>() }, host: {} });

function open() {
  const got: unknown[] = [];
  const put = (value: unknown): number => got.push(value);
  return { got, ...openPair(board, { host: {}, guest: { put } }) };
}

it('what is given away inside a value is gone when the call returns, also in the first values of a page, and what is refused keeps it', async () => {
  expect(lazyPart()).toBeUndefined();
  const { got, host } = open();
  const make = (): Uint8Array<ArrayBuffer> => new Uint8Array([0, 1, 2, 3]);
  const [plain, shared, live, beside, refused] = [make(), make(), make(), make(), make()];
  const calls = [
    host.client.put({ bytes: transfer(plain, [plain.buffer]), at: new Date(5) }),
    host.client.put({
      early: new Uint8Array(shared.buffer, 1, 2),
      bytes: transfer(shared, [shared.buffer]),
      again: [shared],
    }),
    host.client.put({ bytes: transfer(live, [live.buffer]), call: byReference(() => 7) }),
    host.client.put({ bytes: transfer(beside, [beside.buffer]), find: /a/g, text: new Blob(['a']) }),
  ];
  // Something else each time that it is read, by us or by the browser.
  const restless = {
    get bytes() {
      const bytes = make();
      return transfer(bytes, [bytes.buffer]);
    },
  };
  calls.push(host.client.put(restless));
  const failed = host.client.put({ bytes: transfer(refused, [refused.buffer]), no: () => undefined });
  expect([plain, shared, live, beside].map(({ byteLength }) => byteLength)).toEqual([0, 0, 0, 0]);
  expect(refused.byteLength).toBe(4);
  await expect(failed).rejects.toMatchObject({ code: 'VALUE_NOT_CLONEABLE' });
  expect(refused.byteLength).toBe(4);
  await Promise.all(calls);
  expect(got[0]).toEqual({ bytes: make(), at: new Date(5) });
  expect(got[1]).toEqual({ early: new Uint8Array([1, 2]), bytes: make(), again: [make()] });
  const { early, bytes, again } = got[1] as Record<'early' | 'bytes', Uint8Array> & { again: Uint8Array[] };
  expect(early.buffer).toBe(bytes.buffer);
  expect(again[0]).toBe(bytes);
  expect(got[2]).toMatchObject({ bytes: make() });
  expect(got[3]).toMatchObject({ bytes: make(), find: /a/g });
  expect(got[4]).toEqual({ bytes: make() });
});

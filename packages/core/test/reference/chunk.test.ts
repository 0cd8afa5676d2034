import { beforeEach, describe, expect, it, vi } from 'vitest';
import { importAgain } from '../../src/reference/import-again.ts';

const file = '../../src/reference/loaded.ts';
let isBroken = true;

// Every test begins with nothing loaded, and with a part that cannot be loaded.
beforeEach(() => {
  vi.resetModules();
  isBroken = true;
  vi.doMock(file, async (original) => {
    if (isBroken) throw new Error('the network is gone');
    return original();
  });
});

/** The mock's own failure is remembered, as Firefox does: another one takes its place. */
function repair(): void {
  isBroken = false;
  vi.doUnmock(file);
}

async function fresh() {
  const { byReference, contract, mutation, observable } = await import('../../src/index.ts');
  const { openPair } = await import('../fixtures/open-pair.ts');
  const c = contract({
    name: 'test/chunk',
    version: '1.0.0',
    guest: { write: mutation<unknown, unknown>(), watch: observable<unknown, unknown>() },
    host: { write: mutation<unknown, unknown>() },
  });
  const write = (input: unknown): unknown => (input === 'live' ? { call: byReference(() => 1) } : typeof input);
  const watch = (): unknown[] => [1, { call: byReference(() => 1) }, 3];
  return { byReference, ...openPair(c, { host: { write }, guest: { write, watch: watch as never } }) };
}

const notLoaded = { code: 'CHUNK_NOT_LOADED' };

describe('a part that cannot be loaded', () => {
  it('fails the one call that needs it, and no other; the next attempt tries again', async () => {
    const { host, guest, byReference } = await fresh();
    const outcomes = await Promise.allSettled(
      [1, { call: byReference(() => 1) }, 'text', () => 1, 4].map((value) => host.client.write(value)),
    );
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code))).toEqual([
      'number',
      'CHUNK_NOT_LOADED',
      'string',
      'CHUNK_NOT_LOADED',
      'number',
    ]);
    repair();
    expect(await host.client.write({ call: byReference(() => 1) })).toBe('object');
    expect([host.ended, guest.ended]).toEqual([undefined, undefined]);
  });

  it('fails the one call whose value it is needed to read, also where that one comes with others', async () => {
    const { host, guest } = await fresh();
    const outcomes = await Promise.allSettled([1, new Set([1]), 'text'].map((value) => host.client.write(value)));
    expect(outcomes).toMatchObject([{ value: 'number' }, { reason: notLoaded }, { value: 'string' }]);
    repair();
    expect(await host.client.write(new Set([1]))).toBe('object');
    expect([host.ended, guest.ended]).toEqual([undefined, undefined]);
  });

  it('fails the one answer, and the stream, that has something live', async () => {
    const { host } = await fresh();
    await expect(host.client.write('live')).rejects.toMatchObject(notLoaded);
    const seen: unknown[] = [];
    const error = await new Promise((resolve) => {
      host.client.watch(1).subscribe({ next: (value) => seen.push(value), error: resolve });
    });
    expect(error).toMatchObject(notLoaded);
    expect(seen).toEqual([1]);
    expect(await host.client.write(2)).toBe('number');
  });
});

describe('importing again', () => {
  const own = 'https://widget.example/assets/index-abc.js';
  const part = 'https://widget.example/assets/loaded-def.js';
  const failing = (message: string) => () => Promise.reject(new TypeError(message));

  async function ask(message: string, attempt = 1): Promise<string | undefined> {
    let asked: string | undefined;
    const importAt = async (address: string): Promise<unknown> => {
      asked = address;
      return { part: 1 };
    };
    const again = importAgain(failing(message), undefined, attempt, { own, importAt });
    expect(await again.catch(() => undefined)).toEqual(asked === undefined ? undefined : { part: 1 });
    return asked;
  }

  it('asks for the address that the browser names, with another query each time', async () => {
    const text = 'error loading dynamically imported module: ';
    expect(await ask(text + part)).toBe(`${part}?retry=1`);
    expect(await ask(`${text}${part}?v=2`, 3)).toBe(`${part}?v=2&retry=3`);
  });

  it('asks for nothing on another origin', async () => {
    expect(await ask('error loading dynamically imported module: https://other.example/loaded.js')).toBeUndefined();
    expect(await ask('error loading dynamically imported module: data:text/javascript,1')).toBeUndefined();
  });

  it('takes what the plain import gives where that works', async () => {
    expect(await importAgain(async () => ({ part: 2 }), new Error(part), 1)).toEqual({ part: 2 });
  });

  it('fails as the plain import does where no address is named', async () => {
    await expect(importAgain(failing('Importing a module script failed.'), undefined, 1)).rejects.toThrow('Importing');
  });
});

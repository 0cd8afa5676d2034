// @vitest-environment jsdom
import { contract } from '@muntin/core';
import { describe, expect, it } from 'vitest';
import { mount } from '../../src/index.ts';
import { Keeper } from '../../src/state/keeper.ts';
import { state } from '../../src/state/state.ts';

const storage = { get: () => '', set: () => undefined };

describe('state', () => {
  it.each([
    ['a typo', { maxbytes: 3 }, 'did you mean "maxBytes"'],
    ['no bytes', { maxBytes: 0 }, 'maxBytes is 0'],
    ['bytes without an end', { maxBytes: Infinity }, 'maxBytes is Infinity'],
    ['an empty key', { key: '' }, 'key is empty'],
    ['a storage that keeps nothing', { key: 'k', storage: {} }, 'give an object with get and set'],
    ['a storage without a key', { storage }, 'storage is given without key'],
  ])('refuses %s', (_, options, message) => {
    expect(() => state(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it('is found only where it is used', async () => {
    const place = contract({ name: 'test/place', version: '1.0.0' });
    const [used, unused] = [state(), state()];
    const widget = mount(place, { url: 'https://guest.example/', into: document.body, title: 'Guest', use: [used] });
    expect(await used.of(widget).save()).toBe(false);
    expect(() => unused.of(widget)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    await widget.unmount();
  });
});

it('opaque guests of two servers do not share a text', async () => {
  const [texts, place] = [new Map<string, string>(), contract({ name: 'test/place', version: '1.0.0' })];
  for (const url of ['https://a.example/', 'https://b.example/']) {
    const widget = mount(place, { url, into: document.body, title: 'Guest', opaque: true });
    const one = new Keeper({} as never, { key: 'draft', storage: undefined, maxBytes: 100, texts });
    one.begin(widget);
    expect(await one.kept()).toEqual({ maxBytes: 100 });
    one.keep(`of ${url}`);
    await widget.unmount();
  }
  expect([...texts.keys()]).toEqual(['muntin null https://a.example draft', 'muntin null https://b.example draft']);
});

describe('a keeper', () => {
  const keeper = (maxBytes: number): Keeper =>
    new Keeper({} as never, { key: undefined, storage: undefined, maxBytes, texts: new Map() });

  it('keeps texts within the bounds, in bytes, and nothing else', async () => {
    const one = keeper(6);
    for (const [given, isKept] of [
      ['éé', true],
      ['ééé', true],
      ['éééé', false],
      ['1234567', false],
      ['', false],
      [{ toString: () => 'x' }, false],
      [['x'], false],
      [undefined, false],
    ] as const)
      expect([given, one.keep(given)]).toEqual([given, isKept]);
    expect(await one.kept()).toEqual({ text: 'ééé', maxBytes: 6 });
    one.forget();
    expect(await one.kept()).toEqual({ maxBytes: 6 });
  });

  it('survives a storage that fails, and asks it once', async () => {
    let asked = 0;
    const errors: unknown[] = [];
    globalThis.reportError = (error) => void errors.push(error);
    const one = new Keeper({} as never, {
      key: 'k',
      maxBytes: 9,
      texts: new Map(),
      storage: {
        get: () => {
          asked++;
          throw new Error('the storage is off');
        },
        set: () => Promise.reject(new Error('the storage is full')),
      },
    });
    expect(await one.kept()).toEqual({ maxBytes: 9 });
    expect(await one.kept()).toEqual({ maxBytes: 9 });
    expect(asked).toBe(1);
    one.keep('x');
    one.forget();
    await new Promise((resolve) => setTimeout(resolve));
    expect(errors.map(String)).toEqual(['Error: the storage is off', 'Error: the storage is full']);
  });

  it('takes nothing from a storage that is too large or no text', async () => {
    for (const text of ['1234567890', 7, null])
      expect(
        await new Keeper({} as never, {
          key: 'k',
          maxBytes: 9,
          texts: new Map(),
          storage: { get: () => text as string, set: () => undefined },
        }).kept(),
      ).toEqual({ maxBytes: 9 });
  });
});

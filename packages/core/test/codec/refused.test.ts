import { concat, from, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { notCloneable } from '../../src/codec/uncloneable.ts';
import { byReference, contract, MuntinError, observable, query, transfer, type } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { rejection } from '../fixtures/turns.ts';

const c = contract({
  name: 'test/refused',
  version: '1.0.0',
  guest: {
    give: query<unknown, unknown>(),
    fail: query({ input: type<unknown>(), errors: { bad: type<unknown>() } }),
    stream: observable({ input: type<unknown>(), output: type<unknown>(), errors: { bad: type<unknown>() } }),
  },
});

function open(give: (input: unknown) => unknown = (input) => input) {
  return openPair(c, {
    host: {},
    guest: {
      give,
      fail: (data) => {
        throw new MuntinError('bad', 'declared', { data: give(data) });
      },
      stream: (input) => give(input) as [],
    },
  });
}

const bad = (): unknown => ({ items: [0, { onClick: () => 1 }] });

const culprits: readonly (readonly [name: string, make: () => unknown, text: string])[] = [
  ['a function', () => () => 1, 'input (Function)'],
  ['an async function', () => ({ f: async () => 1 }), 'input.f (AsyncFunction)'],
  ['a symbol', () => [Symbol('x')], 'input[0] (Symbol)'],
  ['a WeakMap in a map', () => new Map([['k', new WeakMap()]]), 'input[0][1] (WeakMap)'],
  ['a function as the key of a map', () => new Map([[() => 1, 1]]), 'input[0][0] (Function)'],
  ['a WeakSet in a set', () => new Set([1, new WeakSet()]), 'input[1] (WeakSet)'],
  ['a key with a dot', () => ({ 'a.b': { c: () => 1 } }), 'input["a.b"].c (Function)'],
  ['a proxy of a map', () => ({ p: new Proxy(new Map(), {}) }), 'input.p (Proxy)'],
  [
    'a getter that throws',
    () => ({
      a: [
        {
          get b() {
            throw new Error('no');
          },
        },
      ],
    }),
    'input.a[0].b',
  ],
  ['a generator function', () => function* () {}, 'input (GeneratorFunction)'],
  [
    'an instance with a function',
    () => ({
      p: new (class {
        f = () => 1;
      })(),
    }),
    'input.p.f (Function)',
  ],
  ['a port that is not transferred', () => ({ p: new MessageChannel().port1 }), 'input.p ('],
  [
    'a function beside a transferred port',
    () => {
      const { port1 } = new MessageChannel();
      return transfer({ a: { port1 }, f: () => 1 }, [port1]);
    },
    'input.f (Function)',
  ],
  [
    'a cycle with a function',
    () => {
      const v: { self?: unknown; f: () => 1 } = { f: () => 1 };
      v.self = v;
      return v;
    },
    'input.f (Function)',
  ],
  [
    'a buffer that is gone',
    () => {
      const list = [new Uint8Array(4), new Uint8Array(4)];
      structuredClone(1, { transfer: [list[1]?.buffer ?? new ArrayBuffer(0)] });
      return { list };
    },
    'input.list[1] (Uint8Array) cannot cross to another page: An ArrayBuffer is detached',
  ],
  [
    'a proxy that is revoked',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return { proxy };
    },
    'input.proxy (Proxy)',
  ],
  [
    'far away',
    () => ({ list: [...Array.from({ length: 5000 }, () => ({ a: 1 })), () => 1] }),
    'input.list[5000] (Function)',
  ],
  [
    'too deep',
    () => {
      let v: unknown = 1;
      for (let n = 0; n < 100_000; n++) v = { v };
      return v;
    },
    'input (Object) cannot cross to another page: it nests too deep',
  ],
];

describe('a value that cannot cross', () => {
  it.each(culprits)('is refused with its path: %s', async (_name, make, text) => {
    const { host } = open();
    const [before, refused, after] = await Promise.allSettled([
      host.client.give('before'),
      host.client.give(make()),
      host.client.give('after'),
    ]);
    expect([before, after]).toMatchObject([{ value: 'before' }, { value: 'after' }]);
    const reason = refused.status === 'rejected' ? (refused.reason as MuntinError) : undefined;
    expect(reason).toMatchObject({ code: 'VALUE_NOT_CLONEABLE', mayHaveRun: false });
    expect(reason?.message).toContain(text);
    expect(reason?.message).toMatch(/byReference.*transfer.*superjson|send it flat|detached|plain data/);
    expect(host.ended).toBeUndefined();
  });

  // Such a value, too, is copied around what is live in it while it waits, and packed when it is sent: what is live is never the culprit.
  describe.each(['that waits', 'that is sent at once'])('beside callbacks, in a call %s', (when) => {
    it.each(culprits.filter(([name]) => name !== 'too deep'))(
      'is refused with its path: %s',
      async (_name, make, text) => {
        const { host } = open();
        if (when === 'that is sent at once') await host.client.give(byReference(() => 1));
        const beside = { first: byReference(() => 1), list: [of(1)], v: make(), last: byReference({ go: () => 1 }) };
        expect(await rejection(host.client.give(beside))).toMatchObject({
          code: 'VALUE_NOT_CLONEABLE',
          message: expect.stringContaining(text.replace('input', 'input.v')),
          mayHaveRun: false,
        });
        expect(await host.client.give('alive')).toBe('alive');
      },
    );
  });

  it('is refused as the data of an error, of a call and of a stream', async () => {
    const { host } = open(bad);
    const text = 'data.items[1].onClick (Function)';
    expect(await rejection(host.client.fail(0))).toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
      message: expect.stringContaining(text),
    });
    expect(await host.client.give(1).catch(({ code }: MuntinError) => code)).toBe('VALUE_NOT_CLONEABLE');
    expect(host.ended).toBeUndefined();
  });

  it.each([
    ['first', () => of(bad(), 1, 2), []],
    ['between', () => of(1, bad(), 2), [1]],
    ['last, and complete', () => of(1, 2, bad()), [1, 2]],
    ['pulled', () => [1, bad(), 2], [1]],
    ['in time', () => concat(of(1), from(Promise.resolve(bad())), of(2)), [1]],
  ])('ends its stream and nothing else: %s', async (_name, make, values) => {
    const { host } = open((input) => (input === 'stream' ? make() : input));
    const got: unknown[] = [];
    const end = await new Promise<unknown>((resolve) => {
      host.client
        .stream('stream')
        .subscribe({ next: (v) => got.push(v), error: resolve, complete: () => resolve('complete') });
    });
    expect(got).toEqual(values);
    expect(end).toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
      message: expect.stringContaining('value.items[1].onClick'),
    });
    expect(await host.client.give('alive')).toBe('alive');
  });

  it('of a stream does not let through what waited behind it for credit', async () => {
    const { host } = open((input) => (input === 'stream' ? from([1, 2, 3, bad(), 5, 6]) : input));
    const got: unknown[] = [];
    const end = rejection(
      (async () => {
        for await (const value of host.client.stream('stream', { window: 1 })) got.push(value);
      })(),
    );
    expect(await end).toMatchObject({ code: 'VALUE_NOT_CLONEABLE' });
    expect(got).toEqual([1, 2, 3]);
  });

  it('is looked for no longer than a moment, and the message says how far', async () => {
    const rows: unknown[] = Array.from({ length: 400_000 }, (_, n) => ({ n, name: `row ${n}`, tags: [n] }));
    rows.push({ onClick: () => 1 });
    const { message } = notCloneable({ rows }, 'input', new Error('cause'));
    // A quick machine finds it; any other says where it stopped.
    expect(message).toMatch(
      /^input(\.rows\[400000\]\.onClick \(Function\)| \(Object\).* parts that were looked at in 50 ms \(up to input\.rows\[\d+\])/,
    );
  });

  it('is found where it is shared, beside parts that are fine', () => {
    const fine = { deep: [1, { two: new Map([['k', new Set([3])]]) }] };
    const { message } = notCloneable(
      { a: fine, b: [fine, { c: fine, d: new WeakMap() }] },
      'input',
      new Error('cause'),
    );
    expect(message).toContain('input.b[1].d (WeakMap)');
  });

  it('is a proxy where all its parts are fine', () => {
    const { message } = notCloneable({ a: [1], b: { c: new Proxy({ d: 1 }, {}) } }, 'input', new Error('cause'));
    expect(message).toContain('input.b.c (');
  });
});

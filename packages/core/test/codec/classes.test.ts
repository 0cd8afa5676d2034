import { describe, expect, it } from 'vitest';
import { customType, superjsonCodec } from '../../src/codec/superjson.ts';
import { byReference, contract, type MuntinError, observable, query } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { rejection } from '../fixtures/turns.ts';

// With the codec, a value arrives as it is or is refused: whatever the class says of itself.

class Registered {
  readonly n = 1;
}
class Boxed {
  readonly inner: unknown;
  constructor(inner: unknown) {
    this.inner = inner;
  }
}
class Thrower {
  readonly why = 'cannot tell';
}
const codec = superjsonCodec({
  classes: { Registered },
  custom: {
    boxed: customType<Boxed>({
      isApplicable: (value) => value instanceof Boxed,
      serialize: ({ inner }) => ({ inner }),
      deserialize: (data) => new Boxed(Reflect.get(Object(data), 'inner')),
    }),
    thrower: customType<Thrower>({
      isApplicable: (value) => value instanceof Thrower,
      serialize: ({ why }) => {
        throw new Error(why);
      },
      deserialize: () => new Thrower(),
    }),
  },
});

const c = contract({
  name: 'test/classes',
  version: '1.0.0',
  guest: { take: query<unknown, void>(), echo: query<unknown, unknown>(), stream: observable<unknown, unknown>() },
});

function open() {
  const state: { got?: unknown; give?: unknown } = {};
  const { host } = openPair(c, {
    host: {},
    guest: {
      take: (value) => {
        state.got = value;
      },
      echo: () => state.give,
      stream: () => [state.give],
    },
    codec,
  });
  return { client: host.client, state };
}

/** How a value crosses; answers with what arrived. */
type Carrier = (session: ReturnType<typeof open>, value: unknown) => Promise<unknown>;

const carriers: Readonly<Record<string, Carrier>> = {
  'the input of a call': async ({ client, state }, value) => {
    await client.take(value);
    return state.got;
  },
  'an input beside a callback': async ({ client, state }, value) => {
    await client.take({ call: byReference(() => 1), value });
    return Reflect.get(Object(state.got) as object, 'value');
  },
  'an input that waits beside a callback': async ({ client, state }, value) => {
    await client.take(byReference(() => 1));
    const before = Array.from({ length: 1100 }, () => client.take(0));
    const sent = client.take({ call: byReference(() => 1), value });
    await Promise.allSettled([...before, sent]);
    await sent;
    return Reflect.get(Object(state.got) as object, 'value');
  },
  'a result': async ({ client, state }, value) => {
    state.give = value;
    return client.echo(0);
  },
  'a value of a stream': async ({ client, state }, value) => {
    state.give = value;
    let last: unknown;
    for await (const item of client.stream(0)) last = item;
    return last;
  },
};

/** A class that says it is something else. */
function tagged(tag: string): object {
  return new (class {
    readonly a = 1;
    get [Symbol.toStringTag](): string {
      return tag;
    }
  })();
}

function extended<T extends object>(value: T): T {
  class Sub {
    readonly kind = 'sub';
  }
  Object.setPrototypeOf(Sub.prototype, Object.getPrototypeOf(value) as object);
  return Object.setPrototypeOf(value, Sub.prototype) as T;
}

const platforms: Readonly<Record<string, () => object>> = {
  Array: () => [1],
  Map: () => new Map([[1, 2]]),
  Set: () => new Set([1]),
  Date: () => new Date(1),
  RegExp: () => /a/,
  ArrayBuffer: () => new ArrayBuffer(2),
  DataView: () => new DataView(new ArrayBuffer(2)),
  Number: () => Object(1) as object,
  String: () => Object('ab') as object,
  Boolean: () => Object(true) as object,
  Uint8Array: () => new Uint8Array(2),
  Float64Array: () => new Float64Array(2),
  BigInt64Array: () => new BigInt64Array(2),
  URL: () => new URL('https://a.example/'),
  Blob: () => new Blob(['x']),
};
// An array keeps own properties; of bytes they are not looked for, nor of what is not of the language.
const keepers: readonly string[] = ['Array', 'Uint8Array', 'Float64Array', 'BigInt64Array', 'Blob'];

type Lost = readonly [name: string, make: () => object, culprit?: string];

const lost: readonly Lost[] = [
  ...['Money', 'Temporal.Instant', 'Map', 'Blob', 'Uint8Array', 'Window', '', 'Object', 'MessagePort'].map(
    (tag): Lost => [`an instance with the tag "${tag}"`, () => tagged(tag)],
  ),
  [
    'an instance with all of it private',
    () =>
      new (class {
        readonly #x = 1;
        get [Symbol.toStringTag](): string {
          return `Private${this.#x}`;
        }
      })(),
  ],
  ['a Buffer', () => Buffer.from('abc')],
  ...Object.entries(platforms).map(([name, make]) => [`a subclass of ${name}`, () => extended(make())] satisfies Lost),
  ...Object.entries(platforms)
    .filter(([name]) => !keepers.includes(name))
    .flatMap(([name, make]): readonly Lost[] => [
      [`an own property of ${name}`, () => Object.assign(make(), { foo: 1 }), '.foo (number)'],
      [`a symbol as a key of ${name}`, () => Object.assign(make(), { [Symbol('key')]: 1 }), '[Symbol(key)] (number)'],
    ]),
  ['an instance of a registered class in what a custom type makes', () => new Boxed(new Registered())],
  ['another custom type in what one makes', () => new Boxed([new Map([['k', new Boxed(1)]])])],
  ['a URL in what a custom type makes', () => new Boxed(new URL('https://a.example/'))],
  ['a subclass in what a custom type makes', () => new Boxed(extended(new Uint8Array(1)))],
  ['an own property in what a custom type makes', () => new Boxed(Object.assign(new Date(1), { foo: 1 }))],
  ['what its custom type throws for', () => new Thrower()],
];

describe.each(Object.entries(carriers))('%s', (_carrier, pass) => {
  it.each(lost.map(([name, make, culprit = ' (']) => [name, make, culprit] as const))(
    'is refused with its path where it would not arrive as it is: %s',
    async (_name, make, culprit) => {
      const session = open();
      const error = await rejection(pass(session, { list: [0, make()] }));
      expect(error).toMatchObject({
        code: 'VALUE_NOT_CLONEABLE',
        message: expect.stringMatching(/^(input|result|value)(\.value)?\.list\[1\]/),
      });
      expect((error as MuntinError).message).toContain(`.list[1]${culprit}`);
      expect(await pass(session, { list: ['alive'] })).toEqual({ list: ['alive'] });
    },
  );

  it.each(Object.entries(platforms))('arrives as one where it is one: %s', async (_name, make) => {
    const [part] = (await pass(open(), [make()])) as object[];
    expect(Object.getPrototypeOf(part)).toBe(Object.getPrototypeOf(make()));
  });

  it('takes what a custom type makes of plain data, errors and bytes', async () => {
    const inner = { bytes: new Uint8Array([1]), when: new Date(2), why: new RangeError('x'), big: 3n };
    const got = (await pass(open(), new Boxed(inner))) as Boxed;
    expect(got).toBeInstanceOf(Boxed);
    expect(got.inner).toEqual(inner);
  });
});

it.each(Object.entries(platforms).filter(([name]) => name !== 'Blob'))(
  'no subclass of it can be registered: %s',
  (_name, make) => {
    class Sub {
      readonly kind = 'sub';
    }
    Object.setPrototypeOf(Sub.prototype, Object.getPrototypeOf(make()) as object);
    expect(() => superjsonCodec({ classes: { Sub } })).toThrow('make a customType of it');
  },
);

import { Observable } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { customType, superjsonCodec } from '../../src/codec/superjson.ts';
import { byReference, type Codec, contract, MuntinError, observable, query, transfer } from '../../src/index.ts';
import { Connection, createClient, READY, readLimits } from '../../src/internal.ts';
import { CALL } from '../../src/link/messages.ts';
import { loadLazyPart } from '../../src/reference/lazy.ts';
import { closeEnd, openEnd, openPair } from '../fixtures/open-pair.ts';
import { rejection } from '../fixtures/turns.ts';

// A value is what it was when it was passed, however long it waits; and what is refused has lost nothing.

class Registered {
  n = 1;
}
class Custom {
  n = 1;
}
class Unregistered {
  readonly n = 1;
}
const codecs = {
  'structured clone': undefined,
  superjson: superjsonCodec({
    classes: { Registered },
    custom: {
      custom: customType<Custom>({
        isApplicable: (value) => value instanceof Custom,
        serialize: ({ n }) => ({ n }),
        deserialize: (data) => Object.assign(new Custom(), data),
      }),
    },
  }),
} as const;

const calls = { take: query<unknown, void>(), stream: observable<void, unknown>() } as const;
const c = contract({ name: 'test/taken', version: '1.0.0', guest: calls });

beforeAll(loadLazyPart); // the first such value of a page waits for it, and is read then

function open(codec: (typeof codecs)[keyof typeof codecs]) {
  const got: unknown[] = [];
  let source = (): Observable<unknown> => new Observable();
  const { host } = openPair(c, {
    host: {},
    guest: { take: (value) => void got.push(value), stream: () => source() },
    ...(codec === undefined ? {} : { codec }),
  });
  /** Passes a value that waits, and does something at once; answers with what arrives, or with why it does not. */
  const carriers = {
    'beyond the window of the peer': async (value: unknown, passed: () => void) => {
      const before = Array.from({ length: 1100 }, () => host.client.take(0));
      const sent = host.client.take(value);
      passed();
      await Promise.allSettled([...before, sent]);
      await sent;
      return got.at(-1);
    },
    'without credit': async (value: unknown, passed: () => void) => {
      source = () =>
        new Observable((subscriber) => {
          subscriber.next(0);
          subscriber.next(value);
          passed();
          subscriber.complete();
        });
      let last: unknown;
      for await (const item of host.client.stream(undefined, { window: 1 })) last = item;
      return last;
    },
  };
  return { client: host.client, carriers };
}

function nameThen(live: unknown): object {
  const made = {};
  Reflect.set(made, 'then', live);
  return made;
}

const carrierNames = ['beyond the window of the peer', 'without credit'] as const;
const codecNames = ['structured clone', 'superjson'] as const;
const beside = { 'by itself': {}, 'beside a callback': { call: byReference(() => 1) } } as const;
const cases = codecNames.flatMap((codec) =>
  carrierNames.flatMap((carrier) =>
    (['by itself', 'beside a callback'] as const).map((company) => [codec, carrier, company] as const),
  ),
);

describe.each(cases)('with %s, %s, %s', (codec, carrier, company) => {
  const hasCodec = codec === 'superjson';
  const culprits: readonly (readonly [name: string, make: () => unknown])[] = [
    ['a function', () => () => 1],
    ['a symbol', () => Symbol('x')],
    ['a WeakMap', () => [new WeakMap()]],
    ['something live inside an error', () => new Error('x', { cause: { call: byReference(() => 1) } })],
    ['something live that is named "then"', () => nameThen(byReference(() => 1))],
    ...(hasCodec
      ? ([
          ['an instance that is not registered', () => new Unregistered()],
          ['an own property of a Map', () => Object.assign(new Map(), { foo: 1 })],
          ['a symbol as a key', () => ({ [Symbol('x')]: 1 })],
          ['an own property of an error', () => Object.assign(new Error('x'), { foo: 1 })],
        ] as const)
      : []),
  ];

  it.each(culprits)('what is refused has lost nothing: %s', async (_name, make) => {
    const { client, carriers } = open(codecs[codec]);
    await client.take(beside['beside a callback']);
    const bytes = new Uint8Array([1, 2]);
    const value = transfer({ ...beside[company], bytes, culprit: make() }, [bytes.buffer]);
    expect(await rejection(carriers[carrier](value, () => undefined))).toMatchObject({ code: 'VALUE_NOT_CLONEABLE' });
    expect(bytes.length).toBe(2);
  });

  it('what is given away is gone at once, with everything beside it', async () => {
    const { client, carriers } = open(codecs[codec]);
    await client.take(beside['beside a callback']);
    const bytes = new Uint8Array([1, 2]);
    const value = {
      ...beside[company],
      bytes,
      blob: new Blob(['x']),
      why: new RangeError('x'),
      map: new Map([[1, bytes]]),
    };
    let left = -1;
    const got = (await carriers[carrier](transfer(value, [bytes.buffer]), () => {
      left = bytes.length;
    })) as typeof value;
    expect(left).toBe(0);
    expect([...got.bytes]).toEqual([1, 2]);
    expect(got.map.get(1)).toBe(got.bytes);
  });

  const changing: Readonly<
    Record<string, readonly [make: () => object, change: (value: never) => void, read: (value: never) => unknown]>
  > = {
    'a date': [() => new Date(1), (value: Date) => value.setTime(2), (value: Date) => value.getTime()],
    bytes: [() => new Uint8Array([1]), (value: Uint8Array) => value.fill(2), (value: Uint8Array) => value[0]],
    'a map': [
      () => new Map([['n', 1]]),
      (value: Map<string, number>) => value.set('n', 2),
      (value: Map<string, number>) => value.get('n'),
    ],
    'an instance': [() => new Registered(), (value: Registered) => (value.n = 2), (value: Registered) => value.n],
    'an error': [
      () => new Error('1'),
      (value: Error) => (value.message = '2'),
      (value: Error) => Number(value.message),
    ],
    ...(hasCodec
      ? {
          'a URL': [
            () => new URL('https://a.example/1'),
            (value: URL) => (value.pathname = '/2'),
            (value: URL) => Number(value.pathname.slice(1)),
          ] as const,
          'a custom type': [() => new Custom(), (value: Custom) => (value.n = 2), (value: Custom) => value.n] as const,
        }
      : {}),
  };

  it.each(Object.keys(changing))('a later change is not sent: %s', async (name) => {
    const [make, change, read] = changing[name] ?? [];
    const { client, carriers } = open(codecs[codec]);
    await client.take(beside['beside a callback']);
    const part = make?.();
    const shared = { part, again: [part], ...beside[company] };
    const got = (await carriers[carrier](shared, () => change?.(part as never))) as typeof shared;
    expect(read?.(got.part as never)).toBe(1);
    expect(got.again[0]).toBe(got.part);
  });
});

describe('before there is a session, without a codec', () => {
  const unusual: Readonly<Record<string, () => unknown>> = {
    'a Blob': () => new Blob(['x']),
    'an instance': () => new Unregistered(),
    'an error with a property of its own': () => Object.assign(new Error('x'), { code: 1 }),
    'an error with a cause': () => new Error('x', { cause: { n: 1 } }),
    'a boxed number': () => Object(1),
    'a DOMException': () => new DOMException('x', 'AbortError'),
    'a subclass of Array': () => new (class List extends Array {})(),
    'more than 100,000 parts': () => Array.from({ length: 100_001 }, (_, n) => ({ n })),
    'plain data': () => ({ n: 1 }),
  };

  function connect(codec?: Codec) {
    const limits = readLimits();
    const connection = new Connection({
      side: 'host',
      contract: c,
      limits,
      calls,
      served: [],
      codec,
      use: undefined,
      onHandlerError: () => undefined,
    });
    return { caller: connection.caller, client: createClient(calls, connection.caller) };
  }

  it.each(Object.keys(unusual))('a value is taken when it is passed: %s', async (name) => {
    const { caller, client } = connect();
    const bytes = new Uint8Array([1]);
    const plain = { part: unusual[name]?.(), n: 1 };
    const given = transfer({ part: unusual[name]?.(), bytes, n: 1 }, [bytes.buffer]);
    const ends = Promise.allSettled([client.take(plain), client.take(given)]);
    expect(bytes.length).toBe(0);
    plain.n = given.n = 2;
    const { port1, port2 } = new MessageChannel();
    const sent: unknown[] = [];
    port2.onmessage = ({ data }) =>
      sent.push(...data.filter(([kind]: unknown[]) => kind === CALL).map((call: unknown[]) => call[3]));
    const end = openEnd({ side: 'host', port: port1, calls, served: [], caller });
    port2.postMessage([[READY, undefined]]);
    await expect.poll(() => sent.length).toBe(2);
    expect(sent).toMatchObject([{ n: 1 }, { n: 1, bytes: new Uint8Array([1]) }]);
    closeEnd(end);
    port2.close();
    await ends;
  });

  it('with a codec, what it would change is not cloned', async () => {
    const { caller, client } = connect(codecs.superjson);
    const bytes = new Uint8Array([1]);
    const ends = Promise.allSettled([client.take(transfer({ part: new Registered(), bytes }, [bytes.buffer]))]);
    expect(bytes.length).toBe(1);
    caller.end(new MuntinError('UNMOUNTED', 'The test is over'));
    expect(await ends).toMatchObject([{ status: 'rejected' }]);
  });
});

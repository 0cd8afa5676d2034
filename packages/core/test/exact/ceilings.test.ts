import { Subject } from 'rxjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { superjsonCodec } from '../../src/codec/superjson.ts';
import {
  byReference,
  type Codec,
  contract,
  type Limits,
  MuntinError,
  observable,
  query,
  type,
} from '../../src/index.ts';
import { loadLazyPart } from '../../src/reference/lazy.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { rejection } from '../fixtures/turns.ts';

vi.setConfig({ testTimeout: 30_000 });
beforeAll(loadLazyPart);

const c = contract({
  name: 'test/sender',
  version: '1.0.0',
  guest: {
    take: query<unknown, string>(),
    give: query<void, unknown>(),
    stream: observable<void, unknown>(),
    fail: query({ input: type<void>(), errors: { bad: type<unknown>() } }),
    burst: query<void, unknown>(),
    ticks: observable<number, number>(),
  },
});

const codecs: Readonly<Record<string, Codec | undefined>> = {
  'structured clone': undefined,
  superjson: superjsonCodec(),
};

function start(
  codec: Codec | undefined,
  give: () => unknown = () => undefined,
  limits: { readonly host?: Partial<Limits>; readonly guest?: Partial<Limits> } = {},
) {
  const subjects = new Map<number, Subject<number>>();
  return openPair(c, {
    host: {},
    guest: {
      take: () => 'taken',
      give,
      stream: () => [give()],
      fail: () => {
        throw new MuntinError('bad', 'declared', { data: give() });
      },
      ticks: (index) => {
        const subject = new Subject<number>();
        subjects.set(index, subject);
        return subject;
      },
      burst: () => {
        for (const subject of subjects.values()) {
          for (let tick = 0; tick < 400; tick++) subject.next(tick);
          subject.complete();
        }
        return { done: byReference(() => 'done') }; // something live, so that each value is a message of its own
      },
    },
    limits,
    ...(codec === undefined ? {} : { codec }),
  });
}

function withMethods(count: number): object {
  return byReference(Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, () => at])));
}

let made: readonly object[] | undefined;
/** 64 objects with 1,024 methods each. */
function many(): readonly object[] {
  made ??= Array.from({ length: 64 }, () => withMethods(1024));
  return made;
}

function nest(levels: number, inner: unknown): unknown {
  let value = inner;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

/** Ceilings of the receiver that end its session, each met and gone over by one. */
const ceilings: readonly {
  readonly name: string;
  readonly fits: () => unknown;
  readonly over: () => unknown;
  readonly why: RegExp;
}[] = [
  {
    name: 'methods of an object',
    fits: () => ({ api: withMethods(1024) }),
    over: () => ({ api: withMethods(1025) }),
    why: /^(input|result|value)\.api \(Object\) .* 1025 methods, which is over 1024/u,
  },
  {
    name: 'paths and methods of one value',
    fits: () => many().slice(0, 63),
    over: many,
    why: /^(input|result|value)\[63\] .* over 65536 together/u,
  },
  {
    name: 'levels above something live',
    fits: () =>
      nest(
        500,
        byReference(() => 1),
      ),
    over: () =>
      nest(
        20_001,
        byReference(() => 1),
      ),
    why: /^(input|result|value)\[0\]\[0\].* more than 20000 levels/u,
  },
];

describe.each(Object.entries(codecs))('with %s, a ceiling of the receiver', (_codec, codec) => {
  it.each(ceilings)('is known where it is sent, and fails that one value: $name', async ({ fits, over, why }) => {
    let make = fits;
    const { host, guest } = start(codec, () => make());
    const streamed = async (): Promise<unknown> => {
      for await (const value of host.client.stream()) return value;
      return undefined;
    };
    const carriers = [async () => host.client.take(make()), async () => host.client.give(), streamed];
    for (const carry of carriers) expect(await carry()).toBeDefined();
    make = over;
    for (const carry of carriers) {
      const error = await rejection(carry());
      expect(error).toMatchObject({ code: 'VALUE_NOT_CLONEABLE', message: expect.stringMatching(why) });
    }
    expect(await host.client.take('alive')).toBe('taken');
    expect([host.ended, guest.ended]).toEqual([undefined, undefined]);
  });

  it('is not met by a batch that had to be split', async () => {
    const { host, guest } = start(codec);
    const sums = Array.from({ length: 20 }, async (_, index) => {
      let sum = 0;
      await host.client.ticks(index).forEach((tick) => void (sum += tick));
      return sum;
    });
    await host.client.take('subscribed');
    const { done } = (await host.client.burst()) as { done: () => Promise<string> };
    expect(await done()).toBe('done');
    expect(new Set(await Promise.all(sums))).toEqual(new Set([(400 * 399) / 2]));
    expect([host.ended, guest.ended]).toEqual([undefined, undefined]);
  });

  it('is not met by one object in two places of a value', async () => {
    const api = withMethods(20);
    const { host } = start(codec, () => [api, new Set([api]), { api }]);
    const [first, set, { api: third }] = (await host.client.give()) as [object, Set<object>, { api: object }];
    expect([...set, third].every((one) => one === first)).toBe(true);
  });

  it('is not met by an array of a million places and one entry', async () => {
    const sparse: unknown[] = [];
    sparse[999_999] = 'last';
    const { host } = start(codec, () => ({ sparse }));
    const { sparse: got } = (await host.client.give()) as { sparse: unknown[] };
    expect([got.length, Object.keys(got), got[999_999]]).toEqual([1_000_000, ['999999'], 'last']);
  });

  it('of places without an end is one: an array of 2^32 - 1 fails its call', async () => {
    const { host } = start(codec);
    const endless = Object.assign([], { length: 2 ** 32 - 1 });
    expect(await rejection(host.client.take(endless))).toMatchObject({ code: 'VALUE_TOO_LARGE' });
    expect(await host.client.take('alive')).toBe('taken');
  });

  it.each([
    ['a callback', () => byReference(() => 1)],
    ['a subject, which clones in silence', () => new Subject()],
    ['an error that is its own cause', () => Object.assign(new Error('round'), { cause: undefined })],
  ])('of what takes copies only: %s in the data of an error fails that call', async (_name, make) => {
    const { host } = start(codec, () => {
      const part: unknown = make();
      if (part instanceof Error) part.cause = part;
      return { deep: [part] };
    });
    expect(await rejection(host.client.fail())).toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
      message: expect.stringContaining('data.deep[0] ('),
    });
    expect(host.ended).toBeUndefined();
  });
});

/** Ceilings for values that the receiver alone has lower than its peer knows, and a value that is over each. */
const lower: readonly (readonly [limits: Partial<Limits>, over: () => unknown, code: string])[] = [
  [{ valueNodes: 50 }, () => Array(60).fill(0), 'VALUE_TOO_LARGE'],
  [{ valueNodes: 50 }, () => new Map(Array.from({ length: 60 }, (_, at) => [at, new Set([at])])), 'VALUE_TOO_LARGE'],
  [{ valueDepth: 8 }, () => nest(9, 1), 'VALUE_TOO_LARGE'],
  [{ valueChars: 100 }, () => 'x'.repeat(101), 'VALUE_TOO_LARGE'],
  [{ valueChars: 100 }, () => ({ ['x'.repeat(101)]: 1 }), 'VALUE_TOO_LARGE'],
  [{ valueBytes: 100 }, () => new ArrayBuffer(101), 'VALUE_TOO_LARGE'],
  [{ attachments: 3 }, () => Array.from({ length: 4 }, () => byReference(() => 1)), 'VALUE_TOO_LARGE'],
  [{ imports: 3 }, () => Array.from({ length: 4 }, () => byReference(() => 1)), 'OVERLOADED'],
];

const oversized: Readonly<
  Record<string, (client: ReturnType<typeof start>['host']['client'], value: unknown) => Promise<unknown>>
> = {
  'the input of a call': (client, value) => client.take(value),
  'the input of a stream': async (client, value) => client.ticks(value as number).forEach(() => undefined),
  'a result': (client) => client.give(),
  'a value of a stream': (client) => client.stream().forEach(() => undefined),
  'the data of an error': (client) => client.fail(),
};

describe.each(Object.entries(codecs))('with %s, a ceiling that the receiver alone has', (_codec, codec) => {
  const rows = lower.flatMap(([limits, over, code]) =>
    Object.keys(oversized)
      // In the data of an error nothing is live.
      .filter((carrier) => carrier !== 'the data of an error' || !('attachments' in limits || 'imports' in limits))
      .map((carrier) => ({ carrier, limit: Object.keys(limits)[0], limits, over, code })),
  );

  it.each(rows)('fails each of 40 at once, and never the session: $limit of $carrier', async (row) => {
    const { carrier, limits, over, code } = row;
    const receiver = carrier.startsWith('the input') ? 'guest' : 'host';
    const { host, guest } = start(codec, over, { [receiver]: limits });
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, () => rejection(oversized[carrier]?.(host.client, over()) ?? Promise.resolve())),
    );
    const codes = outcomes.map((error) => (error instanceof MuntinError ? error.code : error));
    expect(new Set(codes)).toEqual(new Set([code]));
    expect(await host.client.take('alive')).toBe('taken');
    expect([host.ended, guest.ended]).toEqual([undefined, undefined]);
  });
});

describe('a contract', () => {
  it('has no code of an error that could not be sent', () => {
    for (const code of ['', 'x'.repeat(257)])
      expect(() => query({ errors: { [code]: type<void>() } })).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      );
    expect(query({ errors: { ['x'.repeat(256)]: type<void>() } }).kind).toBe('query');
  });
});

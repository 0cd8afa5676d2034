import {
  concat,
  EMPTY,
  finalize,
  firstValueFrom,
  from,
  interval,
  lastValueFrom,
  map,
  merge,
  NEVER,
  Observable,
  of,
  range,
  Subject,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { HandlerContext, StreamOptions, StreamSource } from '../../src/index.ts';
import { contract, MuntinError, observable, query, type } from '../../src/index.ts';
import { CALL, CANCEL, CREDIT } from '../../src/link/messages.ts';
import { countValues, openHostileGuest, openHostileHost } from '../fixtures/hostile-peer.ts';
import { openPair, type Pair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

type Source = (input: unknown, context: HandlerContext) => StreamSource<unknown>;

function makeContract(options: StreamOptions = {}) {
  return contract({
    name: 'test/streams',
    version: '1.0.0',
    guest: {
      list: observable<unknown, unknown>(options),
      coded: observable({ input: type<void>(), output: type<unknown>(), errors: { empty: type<number>() } }),
      ping: query<unknown, unknown>(),
    },
    host: { list: observable<unknown, unknown>() },
  });
}
const streams = makeContract();

function serve(source: Source, options?: StreamOptions): Pair<typeof streams> {
  return openPair(makeContract(options), {
    guest: { list: source, coded: (_, context) => source(undefined, context), ping: (value) => value },
    host: { list: source },
  });
}

/** What a subscriber sees: values as they are, `|` for completion, `#code` for an error. */
async function seen(stream: Observable<unknown>): Promise<string> {
  return new Promise((resolve) => {
    const marks: string[] = [];
    stream.subscribe({
      next: (value) => marks.push(String(value)),
      error: (error: MuntinError) => resolve([...marks, `#${error.code}`].join(' ')),
      complete: () => resolve([...marks, '|'].join(' ')),
    });
  });
}

async function pulled(stream: AsyncIterable<unknown>): Promise<string> {
  const marks: string[] = [];
  try {
    for await (const value of stream) marks.push(String(value));
    return [...marks, '|'].join(' ');
  } catch (error) {
    return [...marks, `#${(error as MuntinError).code}`].join(' ');
  }
}

function readable(
  values: readonly unknown[],
  end: (controller: ReadableStreamDefaultController) => void,
): ReadableStream<unknown> {
  const rest = [...values];
  return new ReadableStream({
    pull: (controller) => {
      if (rest.length > 0) controller.enqueue(rest.shift());
      else end(controller);
    },
  });
}

const failure = new RangeError('source');

interface PlatformSubscriber {
  readonly active: boolean;
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
  addTeardown(teardown: () => void): void;
}

/**
 * As browsers have it (WICG Observable): the observer is read as a dictionary and its functions are called without it, subscribing returns
 * nothing, and only a signal ends it.
 */
class PlatformObservable {
  readonly #run: (subscriber: PlatformSubscriber) => void;

  constructor(run: (subscriber: PlatformSubscriber) => void) {
    this.#run = run;
  }

  subscribe(
    observer: Partial<Record<'next' | 'error' | 'complete', unknown>>,
    options?: { signal?: AbortSignal },
  ): void {
    const { next, error, complete } = observer;
    const teardowns: (() => void)[] = [];
    const subscriber = {
      active: true,
      next: (value: unknown) => subscriber.active && callBare(next, value),
      error: (thrown: unknown) => subscriber.active && (close(), callBare(error, thrown)),
      complete: () => subscriber.active && (close(), callBare(complete)),
      addTeardown: (teardown: () => void) => void teardowns.push(teardown),
    };
    const close = (): void => {
      subscriber.active = false;
      for (const teardown of teardowns) teardown();
    };
    options?.signal?.addEventListener('abort', () => subscriber.active && close());
    this.#run(subscriber);
  }
}

function callBare(callback: unknown, ...args: readonly unknown[]): void {
  if (typeof callback === 'function') Reflect.apply(callback, undefined, args);
}

function emit(subscriber: PlatformSubscriber, values: readonly unknown[]): void {
  for (const value of values) subscriber.next(value);
  subscriber.complete();
}

const sources: readonly [string, Source, string][] = [
  ['an Observable', () => of(1, 2, 3), '1 2 3 |'],
  ['an empty Observable', () => EMPTY, '|'],
  [
    'an Observable that fails',
    () =>
      concat(
        of(1, 2),
        throwError(() => failure),
      ),
    '1 2 #HANDLER_FAILED',
  ],
  ['an Observable that fails at once', () => throwError(() => failure), '#HANDLER_FAILED'],
  [
    'an Observable that throws on subscription',
    () =>
      new Observable(() => {
        throw failure;
      }),
    '#HANDLER_FAILED',
  ],
  [
    'an Observable that goes on after its end',
    () =>
      new Observable((s) => {
        s.next(1);
        s.complete();
        s.next(2);
        s.error(failure);
      }),
    '1 |',
  ],
  [
    'an Observable that fails after its error',
    () =>
      new Observable((s) => {
        s.next(1);
        s.error(failure);
        s.next(2);
        s.complete();
      }),
    '1 #HANDLER_FAILED',
  ],
  ['an Observable in time', () => interval(1).pipe(take(4)), '0 1 2 3 |'],
  ['an Observable of undefined', () => of(undefined, null), 'undefined null |'],
  [
    'a Subject that has ended',
    () => {
      const subject = new Subject();
      subject.complete();
      return subject;
    },
    '|',
  ],
  ['more than the window', () => range(0, 5000).pipe(map(() => 1)), `${'1 '.repeat(5000)}|`],
  [
    'a foreign observable',
    () =>
      ({
        subscribe: (o: { next(v: unknown): void; complete(): void }) => {
          o.next(1);
          o.complete();
          return { unsubscribe: () => undefined };
        },
      }) as never,
    '1 |',
  ],
  ['what says that it is one', () => ({ [Symbol.observable ?? '@@observable']: () => of(1, 2) }) as never, '1 2 |'],
  ['an array', () => [1, 2, 3], '1 2 3 |'],
  ['an empty array', () => [], '|'],
  ['a set', () => new Set([1, 2]), '1 2 |'],
  [
    'a generator',
    function* () {
      yield 1;
      yield 2;
      return 3;
    },
    '1 2 |',
  ],
  [
    'a generator that throws',
    function* () {
      yield 1;
      throw failure;
    },
    '1 #HANDLER_FAILED',
  ],
  [
    'an async generator',
    async function* () {
      yield 1;
      await turns(1);
      yield 2;
    },
    '1 2 |',
  ],
  [
    'an async generator that throws',
    async function* () {
      yield 1;
      await turns(1);
      throw failure;
    },
    '1 #HANDLER_FAILED',
  ],
  [
    'an async iterator that rejects',
    () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) }),
    '#HANDLER_FAILED',
  ],
  [
    'an async iterator that throws',
    () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => {
          throw failure;
        },
      }),
    }),
    '#HANDLER_FAILED',
  ],
  ['a promise', () => Promise.resolve('value'), 'value |'],
  ['a promise of a list, which is one value', () => Promise.resolve([1, 2, 3]), '1,2,3 |'],
  ['a promise of an Observable', async () => of(1, 2), '1 2 |'],
  ['a promise of a browser Observable', async () => new PlatformObservable((s) => emit(s, [1, 2])), '1 2 |'],
  ['a promise of an Observable that fails', () => Promise.resolve(throwError(() => failure)), '#HANDLER_FAILED'],
  [
    'a promise of an async iterable',
    () =>
      Promise.resolve(
        (async function* () {
          yield 1;
          yield 2;
        })(),
      ),
    '1 2 |',
  ],
  [
    'a promise of a generator',
    () =>
      Promise.resolve(
        (function* () {
          yield 1;
          yield 2;
        })(),
      ),
    '1 2 |',
  ],
  [
    'a promise of a ReadableStream',
    () => Promise.resolve(readable([1, 2], (controller) => controller.close())) as never,
    '1 2 |',
  ],
  [
    'a thenable of a class of its own',
    // oxlint-disable-next-line unicorn/no-thenable -- a Promise of another kind is the subject
    () => ({ then: (done: (value: unknown) => void) => done(of(1, 2)) }) as never,
    '1 2 |',
  ],
  ["a browser's own Observable", () => new PlatformObservable((s) => emit(s, [1, 2, 3])), '1 2 3 |'],
  [
    "a browser's own Observable that fails",
    () =>
      new PlatformObservable((s) => {
        s.next(1);
        s.error(failure);
      }),
    '1 #HANDLER_FAILED',
  ],
  ['what says by the string that it is one', () => ({ '@@observable': () => of(1, 2) }) as never, '1 2 |'],
  ['a promise of nothing', () => Promise.resolve(undefined), 'undefined |'],
  ['a promise that rejects', () => Promise.reject(failure), '#HANDLER_FAILED'],
  ['a ReadableStream', () => readable([1, 2, 3], (controller) => controller.close()), '1 2 3 |'],
  ['a ReadableStream that fails', () => readable([1], (controller) => controller.error(failure)), '1 #HANDLER_FAILED'],
  [
    'a handler that throws',
    () => {
      throw failure;
    },
    '#HANDLER_FAILED',
  ],
  ['nothing', () => undefined as never, '#HANDLER_FAILED'],
  ['a number', () => 5 as never, '#HANDLER_FAILED'],
  ['an object', () => ({}) as never, '#HANDLER_FAILED'],
  ['a function', () => (() => 5) as never, '#HANDLER_FAILED'],
  ['values that cannot be sent', () => of(1, () => 2, 3), '1 #VALUE_NOT_CLONEABLE'],
  ['such values among objects', () => of({ n: 1 }, { n: () => 2 }, { n: 3 }), '[object Object] #VALUE_NOT_CLONEABLE'],
  [
    'values of which one cannot be packed',
    () =>
      of(
        1,
        {
          get n(): number {
            throw new Error('no');
          },
        },
        3,
      ),
    '1 #VALUE_NOT_CLONEABLE',
  ],
  ['a proxy of a map', () => of(1, new Proxy(new Map(), {}), 3), '1 #VALUE_NOT_CLONEABLE'],
  ['such values, pulled', () => [1, () => 2, 3], '1 #VALUE_NOT_CLONEABLE'],
  [
    'such values in time',
    () =>
      concat(
        of(1),
        interval(1).pipe(
          take(2),
          map(() => () => 2),
        ),
      ),
    '1 #VALUE_NOT_CLONEABLE',
  ],
  [
    'such values among many',
    () => range(0, 600).pipe(map((n) => (n === 3 ? () => n : n))),
    '0 1 2 #VALUE_NOT_CLONEABLE',
  ],
];

describe('a stream', () => {
  it.each(sources)('may come from %s', async (_, source, marks) => {
    expect(await seen(serve(source).host.client.list(0))).toBe(marks);
  });

  it.each(sources)('may be pulled from %s', async (_, source, marks) => {
    expect(await pulled(serve(source).host.client.list(0))).toBe(marks);
  });

  it.each(sources)('may flow from host to guest: %s', async (_, source, marks) => {
    expect(await seen(serve(source).guest.client.list(0))).toBe(marks);
  });

  it.each(sources)('is the same with a window of one: %s', async (_, source, marks) => {
    expect(await seen(serve(source).host.client.list(0, { window: 1 }))).toBe(marks);
  });

  it.each([
    ['before it was sent', 8],
    ['after the source has ended and values wait', 2],
  ])('never hides a gap behind values that come later: a value that cannot be sent %s', async (_, window) => {
    const source = (): unknown[] => [1, () => 2, 3, 4, 5, 6];
    expect(await seen(serve(() => from(source())).host.client.list(0, { window }))).toBe('1 #VALUE_NOT_CLONEABLE');
  });

  it('keeps what is live in its values when something else of the same batch cannot be sent', async () => {
    const { host } = serve(() => of({ later: Promise.resolve(5) }));
    const peer = openHostileHost(streams, {
      handlers: { list: () => of({ later: Promise.resolve(5) }), coded: () => [], ping: () => () => 1 },
    });
    peer.post([
      [CALL, 1, 3, 0, 0],
      [CALL, 3, 1, 0, 5],
    ]);
    const [, , values, attachments] = await peer.hear(([kind, id]) => kind === 8 && id === 3);
    expect([values, attachments]).toMatchObject([[{ later: null }], [[['later'], 4, expect.any(Number), []]]]);
    const value = (await lastValueFrom(host.client.list(0))) as { later: Promise<unknown> };
    expect(await value.later).toBe(5);
  });

  it('carries declared errors', async () => {
    const { host } = serve(() => throwError(() => new MuntinError('empty', 'none', { data: 5 })));
    const error = await rejection(lastValueFrom(host.client.coded()));
    expect(error).toMatchObject({ code: 'empty', data: 5 });
    expect(await rejection(lastValueFrom(host.client.list(0)))).toMatchObject({
      code: 'HANDLER_FAILED',
      message: 'none',
    });
  });

  it('fails with INPUT_INVALID and OUTPUT_INVALID as calls do, with the values before', async () => {
    const checked = contract({
      name: 'test/checked',
      version: '1.0.0',
      guest: { list: observable({ input: number, output: number }) },
    });
    const { host } = openPair(checked, { guest: { list: (n) => [1, 2, n === 1 ? '3' : 3, 4] }, host: {} });
    expect(await seen(host.client.list('x'))).toBe('#INPUT_INVALID');
    expect(await seen(host.client.list(1))).toBe('1 2 #OUTPUT_INVALID');
    expect(await seen(host.client.list(2))).toBe('1 2 3 4 |');
  });

  it('keeps its order where the schema is asynchronous', async () => {
    const late = contract({
      name: 'test/late',
      version: '1.0.0',
      guest: { list: observable({ input: type<void>(), output: lateNumber }) },
    });
    const { host } = openPair(late, { guest: { list: () => [5, 1, 3, 0] }, host: {} });
    expect(await seen(host.client.list())).toBe('5 1 3 0 |');
    const { host: bad } = openPair(late, { guest: { list: () => [5, 1, 'x', 0] }, host: {} });
    expect(await seen(bad.client.list())).toMatch(/#OUTPUT_INVALID$/);
  });

  it('is cold: each subscription is one run of the handler', async () => {
    let runs = 0;
    const { host } = serve(() => of(++runs));
    const list = host.client.list(0);
    expect(runs).toBe(0);
    expect([await seen(list), await seen(list), await pulled(list)]).toEqual(['1 |', '2 |', '3 |']);
  });

  it('does not depend on other streams', async () => {
    const { host } = serve((input) => (input === 'fail' ? throwError(() => failure) : range(0, 3000)));
    const outcomes = await Promise.all([
      seen(host.client.list('ok')),
      seen(host.client.list('fail')),
      pulled(host.client.list('ok')),
      host.client.ping('call'),
    ]);
    expect(outcomes[1]).toBe('#HANDLER_FAILED');
    expect(outcomes[0]).toBe(outcomes[2]);
    expect(outcomes[0].split(' ')).toHaveLength(3001);
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity, 65_537, 2 ** 53, '5', null])(
    'may not be given a window of %s',
    async (window) => {
      const { host } = serve(() => of(1));
      expect(await seen(host.client.list(0, { window: window as number }))).toBe('#INVALID_OPTION');
      expect(await pulled(host.client.list(0, { window: window as number }))).toBe('#INVALID_OPTION');
    },
  );
});

const number = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => (typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] }),
  },
} as const;

const lateNumber = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value: unknown) => {
      await turns(typeof value === 'number' ? value : 1);
      return typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] };
    },
  },
} as const;

describe('credit', () => {
  const endless = (count: { asked: number }): [string, Source][] => [
    [
      'an iterable',
      function* () {
        for (;;) yield count.asked++;
      },
    ],
    [
      'an async generator',
      async function* () {
        for (;;) yield count.asked++;
      },
    ],
    [
      'a ReadableStream',
      () => new ReadableStream({ pull: (controller) => controller.enqueue(count.asked++) }, { highWaterMark: 0 }),
    ],
  ];

  it.each([0, 1, 2].flatMap((kind) => [1, 2, 7, 64].map((window) => [kind, window] as const)))(
    'holds source %i, which is pulled, at a window of %i',
    async (kind, window) => {
      const count = { asked: 0 };
      const [, source] = endless(count)[kind] ?? ['', () => []];
      const { host } = serve(source);
      const iterator = host.client.list(0, { window })[Symbol.asyncIterator]();
      for (let taken = 0; taken < 3 * window + 5; taken++) {
        expect(await iterator.next()).toEqual({ done: false, value: taken });
        await turns(1);
        expect(count.asked).toBeLessThanOrEqual(taken + window + 1);
      }
      await iterator.return?.(undefined);
    },
  );

  it.each([1, 2, 5, 100])('of %i is never exceeded on the wire, also when it is granted again', async (window) => {
    const peer = openHostileHost(streams, {
      handlers: { list: () => range(0, 1000), coded: () => [], ping: (value) => value },
    });
    peer.post([[CALL, 1, 1, 0, window]]);
    await turns();
    expect(countValues(peer.heard, 1)).toBe(window);
    for (const grant of [1, 3, 2]) {
      const before = countValues(peer.heard, 1);
      peer.post([[CREDIT, 1, grant]]);
      await turns();
      expect(countValues(peer.heard, 1)).toBe(before + grant);
    }
  });

  it('is granted again in halves of the window, and not for each value', async () => {
    const peer = openHostileGuest(streams, { list: () => [] });
    const seenValues: unknown[] = [];
    peer.client.list(0, { window: 100 }).subscribe({ next: (value) => seenValues.push(value), error: () => undefined });
    const [, id] = await peer.call();
    for (let value = 0; value < 100; value++) peer.post([[8, id, [value]]]);
    await until(() => seenValues.length === 100);
    await turns();
    expect(peer.heard.filter(([kind]) => kind === CREDIT)).toEqual([
      [CREDIT, id, 50],
      [CREDIT, id, 50],
    ]);
  });

  it('is not granted by a loop that does not ask', async () => {
    const peer = openHostileGuest(streams, { list: () => [] });
    const iterator = peer.client.list(0, { window: 4 })[Symbol.asyncIterator]();
    const first = iterator.next();
    const [, id] = await peer.call();
    peer.post([[8, id, [1, 2, 3, 4]]]);
    await first;
    await turns();
    expect(peer.heard.filter(([kind]) => kind === CREDIT)).toEqual([]);
    await iterator.next();
    await iterator.next();
    await peer.hear(([kind]) => kind === CREDIT);
    await iterator.return?.(undefined);
  });

  it('is not granted after the end', async () => {
    const peer = openHostileGuest(streams, { list: () => [] });
    peer.client
      .list(0, { window: 2 })
      .pipe(take(2))
      .subscribe({ error: () => undefined });
    const [, id] = await peer.call();
    peer.post([[8, id, [1, 2]]]);
    await peer.hear(([kind]) => kind === CANCEL);
    await turns();
    expect(peer.heard.filter(([kind]) => kind === CREDIT)).toEqual([]);
  });

  it.each([
    ['buffer', undefined, 100, '0 1 2 3 4 5 6 #STREAM_OVERFLOW'],
    ['buffer', 98, 100, 'all'],
    ['buffer', 3, 100, '0 1 2 3 4 #STREAM_OVERFLOW'],
    ['latest', undefined, 100, '0 1 99 |'],
    ['latest', 3, 100, '0 1 97 98 99 |'],
    ['latest', 98, 100, 'all'],
    ['drop', undefined, 100, '0 1 2 |'],
    ['drop', 3, 100, '0 1 2 3 4 |'],
    ['drop', 98, 100, 'all'],
  ] as const)('that is spent: %s keeps %s of %i', async (overflow, buffer, count, marks) => {
    const limits = { guest: { producerBytes: 5 * 64 } };
    const options = buffer === undefined ? { overflow } : { overflow, buffer };
    const { host } = openPair(makeContract(options), {
      guest: { list: () => range(0, count), coded: () => [], ping: (value) => value },
      host: { list: () => [] },
      limits,
    });
    const all = `${Array.from({ length: count }, (_, index) => index).join(' ')} |`;
    const got = await seen(host.client.list(0, { window: 2 }));
    expect(got).toBe(marks === 'all' ? all : marks);
  });

  it('that is spent ends an endless synchronous source instead of the page', async () => {
    let sent = 0;
    let isStopped = false;
    const { host } = serve(
      () =>
        new Observable((subscriber) => {
          while (!subscriber.closed) subscriber.next(sent++);
          isStopped = true;
        }),
    );
    const subscription = host.client.list(0, { window: 10 }).subscribe();
    await until(() => isStopped);
    subscription.unsubscribe(); // what was kept would come first
    expect(sent).toBeLessThan(2 ** 27 / 64 + 20);
  });

  it('that is spent ends a stream with an error behind what was kept', async () => {
    const limits = { guest: { producerBytes: 3 * 64 } };
    const { host } = openPair(streams, {
      guest: { list: () => range(0, 10), coded: () => [], ping: (value) => value },
      host: { list: () => [] },
      limits,
    });
    expect(await seen(host.client.list(0, { window: 2 }))).toBe('0 1 2 3 4 #STREAM_OVERFLOW');
  });
});

describe('the values of a stream', () => {
  const reused = (): readonly [string, () => Iterable<unknown>][] => {
    const shared = { at: 0 };
    const date = new Date(0);
    const bytes = new Uint8Array(1);
    return [
      [
        'the same object each time',
        function* () {
          for (let at = 0; at < 5; at++) yield Object.assign(shared, { at });
        },
      ],
      [
        'a part of them',
        function* () {
          for (let at = 0; at < 5; at++) yield { n: at, part: [Object.assign(shared, { at })] };
        },
      ],
      [
        'a date',
        function* () {
          for (let at = 0; at < 5; at++) {
            date.setTime(at);
            yield { date };
          }
        },
      ],
      [
        'a Map, a Set and an error with a cause',
        function* () {
          for (let at = 0; at < 5; at++) {
            shared.at = at;
            yield at % 2 ? new Map([[1, new Set([shared])]]) : new Error('x', { cause: shared });
          }
        },
      ],
      [
        'the bytes behind a view',
        function* () {
          for (let at = 0; at < 5; at++) {
            bytes[0] = at;
            yield { bytes: bytes.subarray(0) };
          }
        },
      ],
      [
        'an array with a cycle, and a large one',
        function* () {
          for (let at = 0; at < 5; at++)
            yield Object.assign([shared], { at, self: shared, rest: Array(at * 200).fill(at) });
        },
      ],
    ];
  };
  const flat = (value: unknown): unknown =>
    value instanceof Map ? [...value].flat(3).map(flat) : value instanceof Error ? flat(value.cause) : value;

  it.each(
    reused().flatMap(([name, make]) =>
      ['pulled', 'pushed', 'pushed without credit'].map((how) => [name, how, make] as const),
    ),
  )('share nothing with each other, and are what they were when they were passed: %s, %s', async (_, how, make) => {
    const expected: unknown[] = [];
    for (const value of make()) expected.push(structuredClone(flat(value)));
    const { host } = serve(() => (how === 'pulled' ? make() : from(make())));
    const got: unknown[] = [];
    await host.client
      .list(0, how === 'pushed without credit' ? { window: 1 } : {})
      .forEach((value) => void got.push(value));
    expect(got.map(flat)).toEqual(expected);
    const objects = got.filter((value) => typeof value === 'object');
    expect(new Set(objects).size).toBe(objects.length);
  });

  it('keep what one of them shares with itself', async () => {
    const part = {};
    const { host } = serve(() => [
      { a: part, b: part },
      { a: part, b: part },
    ]);
    const got: { a: object; b: object }[] = [];
    await host.client.list(0).forEach((value) => void got.push(value as { a: object; b: object }));
    expect(got.map(({ a, b }) => a === b)).toEqual([true, true]);
    expect(got[0]?.a).not.toBe(got[1]?.a);
  });
});

describe('the end of a stream', () => {
  interface Torn {
    readonly pair: Pair<typeof streams>;
    readonly torn: string[];
    readonly signals: AbortSignal[];
    readonly subject: Subject<unknown>;
  }

  function open(): Torn {
    const torn: string[] = [];
    const signals: AbortSignal[] = [];
    const subject = new Subject<unknown>();
    const pair = serve((input, { signal }) => {
      signals.push(signal);
      switch (input) {
        case 'push':
          return new Observable((subscriber) => {
            const subscription = merge(of('a', 'b'), subject).subscribe(subscriber);
            return () => {
              torn.push('push');
              subscription.unsubscribe();
            };
          });
        case 'platform':
          return new PlatformObservable((subscriber) => {
            for (const value of ['a', 'b']) subscriber.next(value);
            subscriber.addTeardown(() => torn.push('platform'));
          });
        case 'generator':
          return (function* () {
            try {
              for (;;) yield 'a';
            } finally {
              torn.push('generator');
            }
          })();
        case 'async':
          return (async function* () {
            try {
              for (;;) yield 'a';
            } finally {
              torn.push('async');
            }
          })();
        default:
          return new ReadableStream({
            pull: (controller) => controller.enqueue('a'),
            cancel: () => void torn.push('readable'),
          });
      }
    });
    return { pair, torn, signals, subject };
  }

  const kinds = ['push', 'platform', 'generator', 'async', 'readable'];
  const ways: readonly [string, (torn: Torn, kind: string) => Promise<unknown>][] = [
    ['take', ({ pair }, kind) => lastValueFrom(pair.host.client.list(kind).pipe(take(2)))],
    [
      'unsubscribe',
      async ({ pair }, kind) => {
        const subscription = pair.host.client.list(kind, { window: 4 }).subscribe();
        await turns();
        subscription.unsubscribe();
        subscription.unsubscribe();
      },
    ],
    [
      'unsubscribe in next',
      async ({ pair }, kind) => {
        const values: unknown[] = [];
        const subscription = pair.host.client.list(kind).subscribe((value) => {
          values.push(value);
          subscription.unsubscribe();
        });
        await until(() => values.length > 0);
        expect(values).toEqual(['a']);
      },
    ],
    [
      'break',
      async ({ pair }, kind) => {
        for await (const value of pair.host.client.list(kind)) {
          expect(value).toBe('a');
          break;
        }
      },
    ],
    [
      'throw in the loop',
      async ({ pair }, kind) => {
        const loop = async (): Promise<void> => {
          for await (const value of pair.host.client.list(kind)) throw new Error(String(value));
        };
        expect(await rejection(loop())).toMatchObject({ message: 'a' });
      },
    ],
    [
      'return in the loop',
      async ({ pair }, kind) => {
        const loop = async (): Promise<unknown> => {
          for await (const value of pair.host.client.list(kind)) return value;
          return 'none';
        };
        expect(await loop()).toBe('a');
      },
    ],
    [
      'its signal',
      async ({ pair }, kind) => {
        const controller = new AbortController();
        const failed = rejection(
          lastValueFrom(
            pair.host.client.list(kind, { signal: controller.signal, window: 3 }).pipe(
              take(1000),
              finalize(() => undefined),
              map((value) => {
                controller.abort();
                return value;
              }),
            ),
          ),
        );
        expect(await failed).toMatchObject({ code: 'CALL_CANCELLED' });
      },
    ],
    [
      'the close of the session',
      async ({ pair, signals }, kind) => {
        const failed = rejection(lastValueFrom(merge(pair.host.client.list(kind, { window: 3 }), NEVER)));
        await until(() => signals.length === 1);
        pair.guest.session.close(new MuntinError('PEER_CLOSED', 'closed'), 'closed');
        expect(await failed).toMatchObject({ code: 'LINK_CLOSED' });
      },
    ],
    [
      'the peer going away',
      async ({ pair, signals }, kind) => {
        const failed = rejection(lastValueFrom(merge(pair.host.client.list(kind, { window: 3 }), NEVER)));
        await until(() => signals.length === 1);
        pair.host.session.close(new MuntinError('UNMOUNTED', 'unmounted'), 'closed');
        pair.host.caller.end(new MuntinError('UNMOUNTED', 'unmounted'));
        expect(await failed).toMatchObject({ code: 'LINK_CLOSED' });
      },
    ],
    [
      'values that its consumer cannot use',
      async ({ pair }, kind) => {
        const stop = pair.host.client.list(kind, { window: 3 }).subscribe();
        await turns();
        stop.unsubscribe();
      },
    ],
  ];

  it.each(kinds.flatMap((kind) => ways.map(([name, end]) => [kind, name, end] as const)))(
    'tears a source down exactly once: %s by %s',
    async (kind, _, end) => {
      const torn = open();
      await end(torn, kind);
      await until(() => torn.torn.length > 0);
      await turns();
      expect(torn.torn).toEqual([kind]);
      expect(torn.signals.map(({ aborted }) => aborted)).toEqual([true]);
    },
  );

  it.each([
    ['completes', (subject: Subject<unknown>) => subject.complete(), 'a b |'],
    ['fails', (subject: Subject<unknown>) => subject.error(failure), 'a b #HANDLER_FAILED'],
    ['cannot be sent', (subject: Subject<unknown>) => subject.next(() => 1), 'a b #VALUE_NOT_CLONEABLE'],
  ])('tears a source down exactly once when it %s', async (_, end, marks) => {
    const { pair, torn, signals, subject } = open();
    const outcome = seen(pair.host.client.list('push'));
    await turns();
    end(subject);
    expect(await outcome).toBe(marks);
    await turns();
    subject.next('late');
    expect(torn).toEqual(['push']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(subject.observed).toBe(false);
  });

  it('comes after what waits for credit, though the source is torn down at its own end', async () => {
    const torn: string[] = [];
    const { host } = serve(
      () =>
        new Observable((subscriber) => {
          for (const value of [1, 2, 3, 4, 5]) subscriber.next(value);
          subscriber.complete();
          return () => torn.push('torn');
        }),
    );
    const iterator = host.client.list(0, { window: 1 })[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect(torn).toEqual(['torn']);
    const rest: unknown[] = [];
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) rest.push(step.value);
    expect(rest).toEqual([2, 3, 4, 5]);
  });

  it('is final: what the source does afterwards is not seen', async () => {
    const subject = new Subject<unknown>();
    const { host } = serve(() => subject);
    const marks: unknown[] = [];
    host.client
      .list(0)
      .subscribe({ next: (v) => marks.push(v), complete: () => marks.push('|'), error: () => marks.push('#') });
    await turns();
    subject.next(1);
    subject.complete();
    subject.next(2);
    subject.error(failure);
    await turns();
    expect(marks).toEqual([1, '|']);
  });

  it('stops an endless synchronous Observable of the browser when it overflows', async () => {
    let sent = 0;
    let isTorn = false;
    const { host } = serve(
      () =>
        new PlatformObservable((subscriber) => {
          subscriber.addTeardown(() => {
            isTorn = true;
          });
          while (subscriber.active) subscriber.next(sent++);
        }),
      { buffer: 10 },
    );
    expect(await seen(host.client.list(0, { window: 2 }))).toContain('#STREAM_OVERFLOW');
    expect([sent, isTorn]).toEqual([13, true]);
  });

  it('does not subscribe to what a promise brings when its consumer has left', async () => {
    let subscribed = 0;
    let resolve: ((source: Observable<unknown>) => void) | undefined;
    const { host } = serve(
      () =>
        new Promise<Observable<unknown>>((done) => {
          resolve = done;
        }),
    );
    const subscription = host.client.list(0).subscribe();
    await until(() => resolve !== undefined);
    subscription.unsubscribe();
    await host.client.ping(0);
    resolve?.(new Observable(() => void subscribed++));
    await turns();
    expect(subscribed).toBe(0);
  });

  it('stops an endless synchronous source when enough was taken', async () => {
    let produced = 0;
    const { host } = serve(function* () {
      for (;;) yield produced++;
    });
    expect(await lastValueFrom(host.client.list(0).pipe(take(3), toArray()))).toEqual([0, 1, 2]);
    await turns();
    const before = produced;
    await turns();
    expect(produced).toBe(before);
    expect(produced).toBeLessThanOrEqual(1025);
  });

  it('ends a stream that is cancelled in the turn of its subscription; what the handler returns is not subscribed to', async () => {
    let subscribed = 0;
    let called = 0;
    const { host } = serve(() => {
      called++;
      return new Observable(() => void subscribed++);
    });
    host.client.list(0).subscribe().unsubscribe();
    await host.client.ping(0);
    expect([called, subscribed]).toEqual([1, 1]);
    const peer = openHostileHost(streams, { handlers: { list: () => [], coded: () => [], ping: () => 0 } });
    peer.post([
      [CALL, 1, 1, 0, 5],
      [CANCEL, 1],
      [CANCEL, 1],
      [CREDIT, 1, 5],
    ]);
    peer.post([[CALL, 3, 3, 0, 0]]);
    await peer.answer(3);
    expect(peer.ended).toBeUndefined();
  });

  it('allows to subscribe and unsubscribe from within values', async () => {
    const { host } = serve((input) => (input === 0 ? of('outer', 'again') : of('inner')));
    const marks: string[] = [];
    const done = new Promise<void>((resolve) => {
      host.client.list(0).subscribe({
        next: (value) => {
          marks.push(String(value));
          host.client
            .list(1)
            .subscribe({ next: (inner) => marks.push(String(inner)), complete: () => marks.length === 4 && resolve() });
        },
      });
    });
    await done;
    expect(marks).toEqual(['outer', 'again', 'inner', 'inner']);
  });

  it('runs the cleanup of an async generator that waits, once it goes on', async () => {
    let cleaned = 0;
    let release: (() => void) | undefined;
    const { host } = serve(async function* () {
      try {
        yield 1;
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        yield 2;
      } finally {
        cleaned++;
      }
    });
    expect(await lastValueFrom(host.client.list(0).pipe(take(1)))).toBe(1);
    await until(() => release !== undefined);
    await turns();
    release?.();
    await until(() => cleaned === 1);
  });
});

describe('a loop', () => {
  it('may ask before there is a value, and be left while it waits', async () => {
    let torn = 0;
    const { host } = serve(() => new Observable(() => () => torn++));
    const iterator = host.client.list(0)[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await turns();
    expect(await iterator.return?.(undefined)).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    await until(() => torn === 1);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('may ask for many values at once', async () => {
    const { host } = serve(() => [1, 2, 3]);
    const iterator = host.client.list(0)[Symbol.asyncIterator]();
    const steps = await Promise.all([
      iterator.next(),
      iterator.next(),
      iterator.next(),
      iterator.next(),
      iterator.next(),
    ]);
    expect(steps.map(({ value }) => value)).toEqual([1, 2, 3, undefined, undefined]);
  });

  it('that is left before it began sends nothing', async () => {
    let runs = 0;
    const { host } = serve(() => of(++runs));
    const iterator = host.client.list(0)[Symbol.asyncIterator]();
    await iterator.return?.(undefined);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await host.client.ping(0);
    expect(runs).toBe(0);
  });

  it('gives the values that came before an error, then the error, then nothing', async () => {
    const { host } = serve(() =>
      concat(
        of(1, 2),
        throwError(() => failure),
      ),
    );
    const iterator = host.client.list(0)[Symbol.asyncIterator]();
    await turns();
    expect(await iterator.next()).toMatchObject({ value: 1 });
    await turns();
    expect(await iterator.next()).toMatchObject({ value: 2 });
    await expect(iterator.next()).rejects.toMatchObject({ code: 'HANDLER_FAILED' });
    expect(await iterator.next()).toMatchObject({ done: true });
  });

  it('is its own iterable', () => {
    const stream = serve(() => []).host.client.list(0);
    const iterator = stream[Symbol.asyncIterator]();
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
  });
});

describe('a consumer that throws', () => {
  it('in next is reported as RxJS reports it, and hurts nobody else', async () => {
    const uncaught = collectUncaught();
    const { host } = serve(() => range(0, 2000));
    host.client.list(0).subscribe(() => {
      throw new Error('mine');
    });
    expect((await seen(host.client.list(0))).split(' ')).toHaveLength(2001);
    expect(await host.client.ping(1)).toBe(1);
    await turns();
    expect(new Set(uncaught.map((error) => (error as Error).message))).toEqual(new Set(['mine']));
    expect(host.ended).toBeUndefined();
  });

  it.each([
    ['complete', () => of(1)],
    ['error', () => throwError(() => failure)],
  ])('in complete, error or a finalizer hurts nobody in the same batch: %s', async (_, source) => {
    const uncaught = collectUncaught();
    const { host } = serve(source);
    const throwing = (): never => {
      throw new Error('mine');
    };
    host.client.list(0).pipe(finalize(throwing)).subscribe({ error: throwing, complete: throwing });
    const others = [host.client.ping(1), host.client.ping(2)];
    expect(await Promise.all(others)).toEqual([1, 2]);
    await turns();
    expect(uncaught).toHaveLength(2);
  });

  it('in an operator and in a finalizer hurts nobody in the same batch', async () => {
    const uncaught = collectUncaught();
    const { host } = serve(() => of(1));
    const throwing = (): never => {
      throw new Error('mine');
    };
    host.client
      .list(0)
      .pipe(map(throwing), finalize(throwing))
      .subscribe({ error: () => undefined });
    expect(await Promise.all([host.client.ping(1), seen(host.client.list(0))])).toEqual([1, '1 |']);
    await turns();
    expect(uncaught.length).toBeGreaterThan(0);
  });

  it('when the session closes hurts nobody who waits, too', async () => {
    collectUncaught();
    const { host, close } = serve(() => NEVER);
    host.client
      .list(0)
      .pipe(
        finalize(() => {
          throw new Error('mine');
        }),
      )
      .subscribe({ error: () => undefined });
    const other = seen(host.client.list(0));
    await host.client.ping(0);
    close();
    expect(await other).toBe('#LINK_CLOSED');
  });
});

describe('a source that throws while it is torn down', () => {
  const throwing = (): never => {
    throw new Error('teardown');
  };

  it('by its own end still ends its stream', async () => {
    const uncaught = collectUncaught();
    const { host } = serve(
      () =>
        new Observable((subscriber) => {
          queueMicrotask(() => {
            subscriber.next(1);
            subscriber.complete();
          });
          return throwing;
        }),
    );
    expect(await seen(host.client.list(0))).toBe('1 |');
    await turns();
    expect(uncaught.length).toBeGreaterThan(0);
  });

  it('by its consumer does not hold up what comes behind in the batch, and frees its place', async () => {
    const uncaught = collectUncaught();
    const peer = openHostileHost(streams, {
      handlers: { list: () => new Observable(() => throwing), coded: () => [], ping: (value) => value },
      limits: { streams: 1 },
    });
    peer.post([[CALL, 1, 1, 0, 5]]);
    peer.post([
      [CANCEL, 1],
      [CALL, 3, 3, 'behind', 0],
      [CALL, 5, 2, undefined, 5],
    ]);
    expect(await peer.answer(3)).toMatchObject({ 2: 'behind' });
    expect(await peer.answer(5)).toMatchObject({ 0: 6 });
    await turns();
    expect(uncaught.length).toBeGreaterThan(0);
  });

  it('by the close of the session does not keep the others', async () => {
    collectUncaught();
    const signals: AbortSignal[] = [];
    const { host, guest } = serve((_, { signal }) => {
      signals.push(signal);
      return new Observable(() => throwing);
    });
    for (let index = 0; index < 3; index++) host.client.list(0).subscribe({ error: () => undefined });
    await host.client.ping(0);
    guest.session.close(new MuntinError('PEER_CLOSED', 'closed'));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });

  it('also a generator whose return throws', async () => {
    collectUncaught();
    const source = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }), return: throwing }) };
    const { host } = serve(() => source as Iterable<number>);
    expect(await lastValueFrom(host.client.list(0).pipe(take(1)))).toBe(1);
    expect(await host.client.ping(5)).toBe(5);
  });
});

describe('a value that throws when it is read', () => {
  const refuse = (): never => {
    throw new Error('not to be read');
  };
  const traps = { get: refuse, getPrototypeOf: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse };
  const broken: readonly (readonly [string, () => object])[] = [
    ['a getter', () => Object.defineProperty({}, 'secret', { get: refuse, enumerable: true })],
    ['a proxy', () => new Proxy({}, traps)],
    ['a proxy inside it', () => ({ part: new Proxy({}, traps) })],
  ];

  // With a window of 16, the one behind 16 others has to wait.
  const pushed = broken.flatMap(([what, make]) => [0, 16].map((others) => [what, others, make] as const));

  it.each(pushed)(
    'by %s, behind %d others, fails the stream of a source that pushes, and stops it',
    async (_what, others, make) => {
      let hasStopped = false;
      const source = new Observable((subscriber) => {
        for (let index = 0; index < others; index++) subscriber.next(index);
        subscriber.next(make());
        subscriber.next('behind the gap');
        return () => {
          hasStopped = true;
        };
      });
      const { host } = serve(() => source);
      expect(await seen(host.client.list(undefined, { window: 16 }))).toMatch(/^[\d ]*#[A-Z_]+$/);
      expect(hasStopped).toBe(true);
    },
  );

  it.each(broken)('by %s fails the stream of a source that is pulled, and returns it', async (_, make) => {
    let hasReturned = false;
    const { host } = serve(async function* () {
      try {
        yield 1;
        yield make();
        yield 'behind the gap';
      } finally {
        hasReturned = true;
      }
    });
    expect(await seen(host.client.list(undefined))).toMatch(/^1 #[A-Z_]+$/);
    await until(() => hasReturned);
  });
});

describe('an error behind values that wait', () => {
  const full = type<{ left: number[] }>();
  const failing = contract({
    name: 'test/failing',
    version: '1.0.0',
    guest: { run: observable({ output: type<number>(), errors: { full } }) },
  });

  it.each([
    [
      'declared',
      () => new MuntinError('full', 'first', { data: { left: [1] } }),
      { code: 'full', message: 'first', data: { left: [1] } },
    ],
    [
      'any other',
      () => Object.assign(new Error('first'), { data: { left: [1] } }),
      { code: 'HANDLER_FAILED', message: 'first', handlerErrorName: 'Error' },
    ],
  ] as const)('is what it was when the source failed: %s', async (_, make, expected) => {
    const source = new Subject<number>();
    const { host } = openPair(failing, { host: {}, guest: { run: () => source } });
    const iterator = host.client.run(undefined, { window: 1 })[Symbol.asyncIterator]();
    const first = iterator.next();
    await until(() => source.observed);
    for (const value of [1, 2, 3]) source.next(value);
    const error = make();
    source.error(error);
    error.message = 'second';
    error.name = 'Other';
    error.data.left.push(2);
    await first;
    await iterator.next();
    await iterator.next();
    expect(await rejection(iterator.next())).toMatchObject(expected);
  });
});

it('takes its input when it is subscribed to, each time as it is then, and not later', async () => {
  const inputs: number[][] = [];
  const listing = contract({ name: 'test/listing', version: '1.0.0', guest: { all: observable<number[], number>() } });
  const { host } = openPair(listing, {
    host: {},
    guest: {
      all: (input) => {
        inputs.push(input);
        return [1];
      },
    },
  });
  const input = [1];
  const stream = host.client.all(input);
  input[0] = 2;
  const first = firstValueFrom(stream);
  input[0] = 3;
  const second = firstValueFrom(stream);
  input[0] = 4;
  await Promise.all([first, second]);
  expect(inputs).toEqual([[2], [3]]);
});

import { filter, interval, map, mergeMap, Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type AroundOptions,
  around,
  byReference,
  type CallInfo,
  contract,
  event,
  type Handlers,
  isErrorOf,
  MuntinError,
  mutation,
  observable,
  query,
  transfer,
  type,
  type Use,
} from '../../src/index.ts';
import { Caller, createClient, Endpoint, readLimits } from '../../src/internal.ts';
import { openPair, type Pair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

const shop = contract({
  name: 'test/shop',
  version: '1.0.0',
  guest: {
    echo: query<unknown, unknown>(),
    wait: mutation<void, string>(),
    fail: mutation({ input: type<unknown>(), output: type<void>(), errors: { soldOut: type<number>() } }),
    who: query<void, unknown>(),
    ticks: observable<number, number>(),
    list: observable<void, number>(),
    late: observable<void, number>(),
    lend: query<void, () => Promise<string>>(),
  },
});
const never = new Promise<never>(() => undefined);

/** Handlers that do nothing much. */
const idle: Handlers<typeof shop.guest> = {
  echo: (x) => x,
  wait: () => '',
  fail: () => undefined,
  who: () => 0,
  ticks: () => [],
  list: () => [],
  late: () => [],
  lend: () => never,
};

interface Shop extends Pair<typeof shop> {
  readonly signals: AbortSignal[];
  readonly ran: unknown[];
  throws: unknown;
}

function open(use: { readonly host?: readonly Use[]; readonly guest?: readonly Use[] }): Shop {
  const signals: AbortSignal[] = [];
  const ran: unknown[] = [];
  const pair = openPair(shop, {
    host: {},
    guest: {
      echo: (x) => (ran.push(x), x),
      wait: (_, { signal }) => (signals.push(signal), never),
      fail: () => {
        throw made.throws;
      },
      who: (_, context) => ({ ...context, signal: undefined }),
      ticks: (count) =>
        new Observable((subscriber) => {
          for (let n = 0; n < count; n++) subscriber.next(n);
          subscriber.complete();
        }),
      list: () => [1, 2, 3],
      late: () => Promise.resolve(5),
      lend: () => byReference(() => 'lent') as never,
    },
    use,
  });
  const made: Shop = Object.assign(pair, { signals, ran, throws: new Error('no') });
  return made;
}

const sides = ['incoming', 'outgoing'] as const;
type Side = (typeof sides)[number];
/** Puts hooks to where they see calls of the guest's procedures. */
const at = (side: Side, ...hooks: readonly NonNullable<AroundOptions['incoming']>[]): Shop => {
  const list = hooks.map((hook) => around({ [side]: hook }));
  return open(side === 'incoming' ? { guest: list } : { host: list });
};
const collect = async (stream: AsyncIterable<unknown>): Promise<unknown[]> => {
  const all: unknown[] = [];
  for await (const value of stream) all.push(value);
  return all;
};

describe('an outgoing hook that takes its time', () => {
  const later = async (_: CallInfo, next: () => Promise<unknown>): Promise<unknown> => {
    await turns();
    return next();
  };

  it.each(['before', 'after'] as const)(
    'sends what was passed, as it was, %s the session can take it',
    async (when) => {
      const { host, ran } = at('outgoing', later);
      if (when === 'after') await host.client.who();
      const changed = { n: 1, deep: { list: [1] } };
      const beside = { n: 1, call: byReference(() => 1) };
      const bytes = new Uint8Array([1]);
      const calls = [
        host.client.echo(changed),
        host.client.echo(beside),
        host.client.echo(transfer({ bytes }, [bytes.buffer])),
      ];
      Object.assign(changed, { n: 2 }).deep.list.push(2);
      if (when === 'after') beside.n = 2; // until the part that looks into values is there, what is live is kept with its value
      expect(bytes.byteLength).toBe(0);
      await Promise.all(calls);
      expect(ran).toEqual([
        { n: 1, deep: { list: [1] } },
        { n: 1, call: expect.any(Function) as unknown },
        { bytes: new Uint8Array([1]) },
      ]);
    },
  );

  it('sees nothing of what cannot cross', async () => {
    const seen: string[] = [];
    const { host } = at('outgoing', (call, next) => (seen.push(call.path), next()));
    expect(await rejection(host.client.echo({ a: [Symbol('x')] }))).toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
      mayHaveRun: false,
    });
  });
});

describe('what is refused at once', () => {
  const refused: Readonly<Record<string, readonly [code: string, options: () => object]>> = {
    'a signal that has fired': ['CALL_CANCELLED', () => ({ signal: AbortSignal.abort() })],
    'no time': ['INVALID_OPTION', () => ({ timeoutMs: 0 })],
    'a time that is no number': ['INVALID_OPTION', () => ({ timeoutMs: '5' })],
  };
  it.each(Object.entries(refused))('for %s is not sent, and no hook sees it', async (_, [code, options]) => {
    const seen: string[] = [];
    const { host, ran } = at('outgoing', (call, next) => (seen.push(call.path), next()));
    expect(await rejection(host.client.echo(1, options()))).toMatchObject({ code, mayHaveRun: false });
    const failure = new Promise((error) => host.client.ticks(3, options()).subscribe({ error }));
    expect(await failure).toMatchObject({ code, mayHaveRun: false });
    const closed = rejection(Promise.resolve().then(() => host.client.wait()));
    await turns();
    expect(seen).toEqual(['wait']);
    expect(ran).toEqual([]);
    host.caller.end(new MuntinError('UNMOUNTED', 'over'));
    await closed;
    seen.length = 0;
    expect(await rejection(host.client.echo(2))).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: false });
    expect(seen).toEqual([]);
  });
});

describe.each(sides)('hooks around %s calls', (side) => {
  it('are called from the first to the last in use, and left in reverse', async () => {
    const log: string[] = [];
    const hook = (name: string) => async (call: CallInfo, next: (change: { input: unknown }) => Promise<unknown>) => {
      log.push(`${name} ${call.path} ${call.kind} ${String(call.input)}`);
      const result = await next({ input: `${String(call.input)}${name}` });
      log.push(`${name} ${String(result)}`);
      return `${String(result)}${name}`;
    };
    const { host, ran } = at(side, hook('a'), hook('b'), hook('c'));
    expect(await host.client.echo('x')).toBe('xabccba');
    expect(ran).toEqual(['xabc']);
    expect(log).toEqual([
      ...['a echo query x', 'b echo query xa', 'c echo query xab'],
      ...['c xabc', 'b xabcc', 'a xabccb'],
    ]);
  });

  it('see the signal and the peer', async () => {
    const seen: CallInfo[] = [];
    const { host } = at(side, (call, next) => (seen.push(call), next()));
    await host.client.echo(1);
    expect(seen[0]?.peer).toEqual({
      origin: `https://${side === 'incoming' ? 'host' : 'guest'}.example`,
      session: 'test',
    });
    expect(seen[0]?.signal).toBeInstanceOf(AbortSignal);
  });

  it('may answer without going on, and refuse', async () => {
    const { host, ran } = at(side, (call, next) => {
      if (call.input === 'cached') return 'from the cache';
      if (call.input === 'busy') throw new MuntinError('OVERLOADED', 'not now');
      return next();
    });
    expect(await host.client.echo('cached')).toBe('from the cache');
    expect(await rejection(host.client.echo('busy'))).toMatchObject({ code: 'OVERLOADED', message: 'not now' });
    expect(await host.client.echo('else')).toBe('else');
    expect(ran).toEqual(['else']);
  });

  it('let errors through with their codes and data', async () => {
    const shopping = at(
      side,
      (_, next) => next(),
      async (_, next) => next(),
    );
    shopping.throws = new MuntinError('soldOut', 'none left', { data: 3 });
    const declared = await rejection(shopping.host.client.fail(1));
    expect(isErrorOf(shop.guest.fail, declared) && declared.data).toBe(3);
    shopping.throws = new TypeError('broken');
    expect(await rejection(shopping.host.client.fail(1))).toMatchObject({
      code: 'HANDLER_FAILED',
      handlerErrorName: 'TypeError',
    });
    // A handler does not refuse in the name of Muntin, also where hooks are around it.
    shopping.throws = new MuntinError('OVERLOADED', 'mine');
    expect(await rejection(shopping.host.client.fail(1))).toMatchObject({ code: 'HANDLER_FAILED', message: 'mine' });
    expect(shopping.guest.thrown).toHaveLength(2);
  });

  it('may try again', async () => {
    let tries = 0;
    const { host, ran } = at(side, async (_, next) => {
      for (;;) {
        const result = await next();
        if (++tries === 3) return result;
      }
    });
    expect(await host.client.echo('x')).toBe('x');
    expect(ran).toEqual(['x', 'x', 'x']);
  });

  it('that throw when they are called, or something odd, settle their call', async () => {
    const { host } = at(side, () => {
      throw new RangeError('the hook is broken');
    });
    expect(await rejection(host.client.echo(1))).toHaveProperty('message', 'the hook is broken');
  });

  it.each(['cancelled', 'timed out', 'closed'])('that never end do not keep a call that is %s', async (how) => {
    const { host, close } = at(side, async (_, next) => {
      await next();
      return never;
    });
    const controller = new AbortController();
    const call = rejection(
      host.client.echo(1, { signal: controller.signal, timeoutMs: how === 'timed out' ? 30 : 60_000 }),
    );
    await turns();
    if (how === 'cancelled') controller.abort();
    if (how === 'closed') close();
    const code = { cancelled: 'CALL_CANCELLED', 'timed out': 'CALL_TIMED_OUT', closed: 'LINK_CLOSED' }[how];
    expect(await call).toMatchObject({ code, mayHaveRun: true });
    expect(host.caller.isPending).toBe(false);
  });

  it('wrap streams: their input, their source and their errors', async () => {
    const { host } = at(side, async (call, next) => {
      if (call.kind !== 'observable') return next();
      if (call.path === 'late') throw new MuntinError('OVERLOADED', 'no streams');
      if (call.path === 'list') return next();
      const source = (await next({ input: 3 })) as Observable<number>;
      return source.pipe(map((value) => value * 10));
    });
    const got: number[] = [];
    host.client.ticks(1).subscribe((value) => got.push(value));
    await until(() => got.length === 3);
    expect(got).toEqual([0, 10, 20]);
    expect(await collect(host.client.list())).toEqual([1, 2, 3]);
    expect(await rejection(collect(host.client.late()))).toMatchObject({ code: 'OVERLOADED', message: 'no streams' });
  });

  it('leave a source what it is when they only go on', async () => {
    const { host } = at(side, (_, next) => next());
    expect(await collect(host.client.list())).toEqual([1, 2, 3]);
    expect(await collect(host.client.late())).toEqual([5]);
    let torn = 0;
    const subscription = new Observable((subscriber) => {
      subscriber.add(host.client.ticks(10).subscribe(subscriber));
      return () => torn++;
    }).subscribe();
    await turns();
    subscription.unsubscribe();
    expect(torn).toBe(1);
  });

  it('see what is called by reference', async () => {
    const paths: string[] = [];
    const { host } = at(side, (call, next) => (paths.push(call.path), next()));
    const lent = await host.client.lend();
    expect(await lent()).toBe('lent');
    expect(paths).toEqual(['lend', 'a reference']);
  });
});

describe('an incoming hook', () => {
  it('adds to the context of handlers, and hides nothing that is there', async () => {
    const auth = around<{ user: string }>({
      incoming: async (call, next) =>
        next({ context: { user: `someone of ${call.peer?.origin}`, peer: 'hidden' } as never }),
    });
    const more = around<{ at: number }>({ incoming: (_, next) => next({ context: { at: 5 } }) });
    const { host } = open({ guest: [auth, more] });
    expect(await host.client.who()).toEqual({
      peer: { origin: 'https://host.example', session: 'test' },
      user: 'someone of https://host.example',
      at: 5,
    });
  });

  it('keeps the place of a cancelled call until it has settled', async () => {
    let running = 0;
    const hold = around({
      incoming: async (_, next) => {
        running++;
        await next();
        return never;
      },
    });
    const pair = openPair(shop, {
      host: {},
      guest: idle,
      use: { guest: [hold] },
      limits: { guest: { calls: 2 } },
    });
    for (let round = 0; round < 5; round++)
      expect(await rejection(pair.host.client.echo(round, { timeoutMs: 20 }))).toMatchObject({
        code: 'CALL_TIMED_OUT',
      });
    expect(running).toBe(2);
  });
});

describe('an outgoing hook', () => {
  it('has its own end in time: what it has begun is cancelled with the call', async () => {
    const { host, signals } = at('outgoing', (_, next) => next());
    const controller = new AbortController();
    const call = rejection(host.client.wait(undefined, { signal: controller.signal }));
    await until(() => signals.length === 1);
    controller.abort(new Error('enough'));
    expect(await call).toMatchObject({ code: 'CALL_CANCELLED', cause: { message: 'enough' }, mayHaveRun: true });
    await until(() => signals[0]?.aborted === true);
  });

  it('says that a call may have run only where it was sent', async () => {
    const { host } = at('outgoing', () => never);
    expect(await rejection(host.client.wait(undefined, { timeoutMs: 20 }))).toMatchObject({
      code: 'CALL_TIMED_OUT',
      mayHaveRun: false,
    });
  });

  it('keeps the pace of a stream that it lets through', async () => {
    let made = 0;
    function* numbers(): Generator<number> {
      for (;;) yield made++;
    }
    const pair = openPair(shop, {
      host: {},
      guest: { ...idle, ticks: numbers },
      use: { host: [around({ outgoing: (_, next) => next() })] },
    });
    for await (const value of pair.host.client.ticks(1, { window: 8 })) if (value === 20) break;
    expect(made).toBeLessThan(50);
  });

  it('closes what it has opened when its stream is left before it was there', async () => {
    let torn = 0;
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { host } = at('outgoing', async () => {
      await gate;
      return new Observable(() => () => torn++);
    });
    host.client.list().subscribe().unsubscribe();
    go();
    await turns();
    expect(torn).toBe(0);
    const later = host.client.list().subscribe();
    await turns();
    later.unsubscribe();
    expect(torn).toBe(1);
  });

  it('fails a stream that it answers with something else', async () => {
    const { host } = at('outgoing', () => 5);
    expect(await rejection(collect(host.client.list()))).toMatchObject({ code: 'INVALID_OPTION' });
    const other = at('outgoing', () => of(7));
    expect(await collect(other.host.client.list())).toEqual([7]);
  });
});

it('around refuses what is no function', () => {
  expect(() => around({ incoming: 5 as never })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});

it('gives a call within hooks its whole time, also after the page has stood still', async () => {
  const slow = contract({
    name: 'test/slow',
    version: '1.0.0',
    guest: { wait: mutation<void, void>(), echo: mutation<number, number>() },
  });
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const pair = openPair(slow, {
    host: {},
    guest: { wait: () => never, echo: (n) => pause(100).then(() => n) },
    use: { host: [around({ outgoing: (_call, next) => next() })] },
  });
  const waiting = pair.host.client.wait(undefined, { timeoutMs: 60_000 }).catch(() => undefined);
  await pause(100); // it is sent, and its time is watched
  for (const over = performance.now() + 1600; performance.now() < over; );
  expect(await pair.host.client.echo(1, { timeoutMs: 400 })).toBe(1);
  pair.close();
  await waiting;
});

/** A promise and what settles it. */
function makeGate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let release = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { passed, open: () => release() };
}

describe('a hook that waits', () => {
  it.each(['cancelled', 'timed out', 'closed'])(
    'never runs the handler of a call that is %s meanwhile',
    async (how) => {
      const { passed, open: go } = makeGate();
      const ends: unknown[] = [];
      let reached = false;
      const { host, guest, ran, close } = at('incoming', async (_, next) => {
        reached = true;
        await passed;
        return next().catch((error: unknown) => {
          ends.push(error);
          throw error;
        });
      });
      const controller = new AbortController();
      const call = rejection(
        host.client.echo(1, { signal: controller.signal, timeoutMs: how === 'timed out' ? 30 : 60_000 }),
      );
      await until(() => reached);
      if (how === 'cancelled') controller.abort();
      if (how === 'closed') close();
      await call;
      await turns();
      go();
      await until(() => ends.length === 1);
      expect(ends[0]).toBeInstanceOf(MuntinError);
      expect(ran).toEqual([]);
      expect(guest.thrown).toEqual([]); // it is no failure of a handler
    },
  );

  it.each(sides)('%s, lets events pass in order, each once', async (side) => {
    const gates = [makeGate(), makeGate(), makeGate()];
    const waited: number[] = [];
    const { client, got } = events(side, async (call, next) => {
      const n = call.input as number;
      await gates[n]?.passed;
      waited.push(n);
      await next();
    });
    for (const n of [0, 1, 2]) client.told(n);
    gates[2]?.open();
    await until(() => waited.length === 1);
    gates[0]?.open();
    await until(() => got.length === 1);
    gates[1]?.open();
    await until(() => got.length === 3);
    expect([waited, got]).toEqual([
      [2, 0, 1],
      [0, 1, 2],
    ]);
  });

  it.each(sides)('%s, is not waited for by later events when it answers without going on', async (side) => {
    const { client, got } = events(side, (call, next) => (call.input === 1 ? undefined : next()));
    for (const n of [0, 1, 2]) client.told(n);
    await until(() => got.length === 2);
    expect(got).toEqual([0, 2]);
  });
});

/** One who sends events, and what arrives; with a hook at one of the sides. */
function events(
  side: Side,
  hook: NonNullable<AroundOptions['incoming']>,
): { readonly client: { readonly told: (n: number) => void }; readonly got: number[]; readonly close: () => void } {
  const news = contract({ name: 'test/news', version: '1.0.0', guest: { told: event<number>() } });
  const got: number[] = [];
  const { host, close } = openPair(news, {
    host: {},
    guest: { told: (n) => void got.push(n) },
    use: { [side === 'incoming' ? 'guest' : 'host']: [around({ [side]: hook })] },
  });
  return { client: host.client, got, close };
}

describe('next, called again', () => {
  it.each(sides)('never doubles an event: %s', async (side) => {
    const ends: unknown[] = [];
    const { client, got } = events(side, async (_, next) => {
      await next();
      await next().catch((error: unknown) => ends.push(error));
    });
    client.told(1);
    await until(() => ends.length === 1);
    client.told(2);
    await until(() => ends.length === 2);
    expect(got).toEqual([1, 2]);
    expect(ends[0]).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('at most once') as string,
    });
  });

  it('at once, for an event that waits for its session, never doubles it', async () => {
    const news = contract({ name: 'test/news', version: '1.0.0', guest: { told: event<number>() } });
    const caller = new Caller('host', readLimits());
    const ends: unknown[] = [];
    new Endpoint(
      'host',
      caller,
      news.guest,
      [],
      [
        around({
          outgoing: (_, next) => {
            for (let times = 0; times < 2; times++) next().catch((error: unknown) => ends.push(error));
            return never;
          },
        }),
      ],
    );
    createClient(news.guest, caller).told(1);
    await until(() => ends.length === 1);
    expect(ends[0]).toMatchObject({ code: 'INVALID_OPTION' });
    caller.end(new MuntinError('UNMOUNTED', 'over'));
  });

  it('tries an event again that was not sent', async () => {
    const news = contract({
      name: 'test/news',
      version: '1.0.0',
      guest: { told: event<number>(), fill: query<void, void>() },
    });
    const caller = new Caller('host', readLimits({ queue: 1 }));
    const { passed, open: go } = makeGate();
    const codes: unknown[] = [];
    const twice = around({
      outgoing: async (call, next) => {
        if (call.path === 'fill') return next();
        await passed;
        for (let times = 0; times < 2; times++)
          await next().catch((error: unknown) => codes.push(error instanceof MuntinError && error.code));
        return undefined;
      },
    });
    expect(new Endpoint('host', caller, news.guest, [], [twice]).outgoing).toHaveLength(1);
    const client = createClient(news.guest, caller);
    client.told(1);
    const filling = rejection(client.fill());
    go();
    await until(() => codes.length === 2);
    expect(codes).toEqual(['OVERLOADED', 'OVERLOADED']);
    caller.end(new MuntinError('UNMOUNTED', 'over'));
    await filling;
  });

  it.each(sides)('for an event whose turn never comes, ends with its call: %s', async (side) => {
    const ends: unknown[] = [];
    const { client, close } = events(side, (call, next) =>
      call.input === 1 ? never : next().catch((error: unknown) => ends.push(error)),
    );
    client.told(1);
    client.told(2);
    await turns(3);
    expect(ends).toEqual([]);
    close();
    await until(() => ends.length === 1);
    expect(ends[0]).toBeInstanceOf(MuntinError);
  });

  it.each(sides)('does not go on with what can be read only once: %s', async (side) => {
    const { host } = at(side, async (_, next) => {
      await next();
      return next();
    });
    const stream = new ReadableStream<number>({ start: (controller) => controller.close() });
    expect(await rejection(host.client.echo({ stream }))).toHaveProperty(
      'message',
      expect.stringMatching(/next cannot call "echo" again: its input.stream is a stream/),
    );
    expect(await host.client.echo({ list: [1] })).toEqual({ list: [1] });
  });

  it.each(sides)('at once and for ever, does not stop the page, and its call ends: %s', async (side) => {
    let tries = 0;
    const { host } = at(side, async (call, next) => {
      while (!call.signal.aborted || tries < 3)
        try {
          tries++;
          await next();
          throw new Error('again');
        } catch {} // this is what such hooks do
      return undefined;
    });
    expect(await rejection(host.client.echo(1, { timeoutMs: 50 }))).toMatchObject({ code: 'CALL_TIMED_OUT' });
    expect(tries).toBeGreaterThan(1);
  });

  it.each([null, 5, { context: 'x' }])('with %j says what to give', async (change) => {
    const { host } = at('outgoing', (_, next) => (next as (change: unknown) => Promise<unknown>)(change));
    expect(await rejection(host.client.echo(1))).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('next was given') as string,
    });
  });
});

describe('a stream within an outgoing hook', () => {
  it.each([
    ['completes', ['complete']],
    ['is left', []],
    ['is cancelled', ['CALL_CANCELLED']],
    ['is closed', ['LINK_CLOSED']],
  ])('keeps its signal until it %s', async (how, end) => {
    const infos: CallInfo[] = [];
    const seen: boolean[] = [];
    for (const wrap of [
      (source: unknown) => source,
      (source: unknown) => (source as Observable<number>).pipe(map((n) => n)),
    ]) {
      const { host, close } = at('outgoing', async (call, next) => {
        infos.push(call);
        return wrap(await next());
      });
      const controller = new AbortController();
      const ends: unknown[] = [];
      const subscription = new Observable<number>((subscriber) =>
        host.client
          .ticks(how === 'completes' ? 3 : 20_000, { window: 2, signal: controller.signal })
          .subscribe(subscriber),
      ).subscribe({ error: (error: unknown) => ends.push(error), complete: () => ends.push('complete') });
      const { signal } = infos.at(-1) ?? {};
      expect(signal?.aborted).toBe(false);
      if (how !== 'completes') await turns();
      seen.push(how === 'completes' || signal?.aborted === false);
      if (how === 'is left') subscription.unsubscribe();
      if (how === 'is cancelled') controller.abort();
      if (how === 'is closed') close();
      await until(() => signal?.aborted === true);
      expect(signal?.reason).toBeInstanceOf(MuntinError);
      await turns();
      expect(ends.map((one) => (one instanceof MuntinError ? one.code : one))).toEqual(end);
    }
    expect(seen).toEqual([true, true]); // it did not fire before
  });

  it.each([() => new Error('cannot'), () => new MuntinError('OVERLOADED', 'cannot')])(
    'fails where the source throws as it is subscribed to',
    async (make) => {
      const { host } = at('outgoing', () => ({
        subscribe: () => {
          throw make();
        },
      }));
      expect(await rejection(collect(host.client.list()))).toHaveProperty('message', 'cannot');
    },
  );

  it('that the hook has made ends with its call, whatever it is', async () => {
    const { host } = at('outgoing', () => interval(1));
    const controller = new AbortController();
    const got: number[] = [];
    const end = rejection(
      (async () => {
        for await (const n of host.client.list(undefined, { signal: controller.signal })) got.push(n);
      })(),
    );
    await until(() => got.length > 2);
    controller.abort();
    expect(await end).toMatchObject({ code: 'CALL_CANCELLED' });
  });

  it.each([1, 10])('holds its producer back, also where it makes %i of each value', async (each) => {
    let made = 0;
    function* numbers(): Generator<number> {
      for (;;) yield made++;
    }
    const pair = openPair(
      contract({ name: 'test/endless', version: '1.0.0', guest: { all: observable<void, number>() } }),
      {
        host: {},
        guest: { all: numbers },
        use: {
          host: [
            around({
              outgoing: async (_, next) =>
                ((await next()) as Observable<number>).pipe(mergeMap((n) => Array.from({ length: each }, () => n))),
            }),
          ],
        },
      },
    );
    let taken = 0;
    for await (const _ of pair.host.client.all(undefined, { window: 8 })) {
      if (++taken === 500) break;
      if (taken % 50 === 0) await turns();
    }
    expect(made).toBeGreaterThanOrEqual(500 / each);
    expect(made).toBeLessThan(600 / each + 50);
  });

  it('goes on where the hook drops nearly all of its values', async () => {
    const { host } = at('outgoing', async (_, next) =>
      ((await next()) as Observable<number>).pipe(filter((n) => n % 1000 === 999)),
    );
    expect(await collect(host.client.ticks(20_000, { window: 4 }))).toHaveLength(20);
  });

  it('is ended when more of it waits than may', async () => {
    const pair = openPair(shop, {
      host: {},
      guest: idle,
      limits: { host: { windowBytes: 100_000 } },
      use: {
        host: [
          around({
            outgoing: () => interval(0).pipe(mergeMap(() => Array.from({ length: 100 }, () => 'x'.repeat(100)))),
          }),
        ],
      },
    });
    const stream = pair.host.client.list()[Symbol.asyncIterator]();
    await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(
      await rejection(
        (async () => {
          for (;;) if ((await stream.next()).done === true) return;
        })(),
      ),
    ).toMatchObject({ code: 'OVERLOADED' });
  });
});

it('reports what an outgoing hook throws for an event, which nobody waits for', async () => {
  const { client } = events('outgoing', () => {
    throw new RangeError('the hook is broken');
  });
  const caught = collectUncaught();
  client.told(1);
  await until(() => caught.length === 1);
  expect(caught[0]).toHaveProperty('message', 'the hook is broken');
});

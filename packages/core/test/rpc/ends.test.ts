import { describe, expect, it, vi } from 'vitest';
import { contract, MuntinError, mutation, observable, query, type Schema } from '../../src/index.ts';
import { Caller, createClient, readLimits, replayAfter } from '../../src/internal.ts';
import { CALL, CANCEL, FAILURE, NEXT, RESULT } from '../../src/link/messages.ts';
import { openHostileGuest } from '../fixtures/hostile-peer.ts';
import { openEnd, openPair, type Pair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

const number: Schema<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => (typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] }),
  },
};

/** A schema that never says what it thinks of a value. */
const undecided: Schema<string> = {
  '~standard': { version: 1, vendor: 'test', validate: () => new Promise<never>(() => undefined) },
};

/** What lets through the values that are being looked at. */
const gates = new Set<() => void>();

/** A schema that looks at a number until it is let through. */
const slowNumber: Schema<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      new Promise((resolve) =>
        gates.add(() => resolve(typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] })),
      ),
  },
};

function letThrough(): void {
  for (const release of gates) release();
  gates.clear();
}

const laboratory = contract({
  name: 'test/lab',
  version: '1.0.0',
  guest: {
    read: query<string, string>(),
    write: mutation<string, string>(),
    ticks: observable<void, number>(),
    feed: observable<void, number>({ resumable: true }),
    rows: observable<{ after: number }, number>({ resumable: (_, after) => ({ after }) }),
    broken: observable<void, number>({
      resumable: () => {
        throw new Error('no cursor');
      },
    }),
    slow: query({ output: undecided, errors: { declared: undecided } }),
    checked: observable({
      input: number,
      output: slowNumber,
      resumable: (_: number, last: number) => {
        if (last > 100) throw new Error('no such cursor');
        return last;
      },
    }),
  },
});
/** Handlers that only few tests need. */
const others = { rows: () => [], broken: () => [], slow: () => 'answer', checked: () => [] };
const cause = new MuntinError('PEER_RELOADED', 'The guest has reloaded');

interface Lab extends Pair<typeof laboratory> {
  readonly signals: AbortSignal[];
  answer(text: string): void;
}

/** A guest whose handlers wait for `answer`. */
function open(): Lab {
  const signals: AbortSignal[] = [];
  const waiting: ((text: string) => void)[] = [];
  const wait = (_: unknown, { signal }: { readonly signal: AbortSignal }): Promise<string> => {
    signals.push(signal);
    return new Promise((resolve) => waiting.push(resolve));
  };
  const pair = openPair(laboratory, {
    guest: {
      read: wait,
      write: wait,
      ticks: () => new Promise(() => undefined),
      feed: () => [],
      ...others,
    },
    host: {},
  });
  return Object.assign(pair, { signals, answer: (text: string) => waiting.shift()?.(text) });
}

describe('a call that times out', () => {
  it('is rejected once, its handler hears of it, and a late answer is dropped', async () => {
    const lab = open();
    let settled = 0;
    const start = performance.now();
    const call = lab.host.client.read('x', { timeoutMs: 30 }).finally(() => settled++);
    const error = await rejection(call);
    expect(error).toMatchObject({
      code: 'CALL_TIMED_OUT',
      mayHaveRun: true,
      message: expect.stringContaining('"read"'),
    });
    expect(performance.now() - start).toBeGreaterThanOrEqual(28);
    await until(() => lab.signals[0]?.aborted === true);
    lab.answer('late');
    await turns();
    expect(settled).toBe(1);
    expect([lab.host.ended, lab.guest.ended]).toEqual([undefined, undefined]);
  });

  it('ignores an answer that crosses with the cancellation', async () => {
    const peer = openHostileGuest(laboratory, {});
    const error = rejection(peer.client.read('x', { timeoutMs: 10 }));
    const [, id] = await peer.call();
    await peer.hear(([kind]) => kind === CANCEL);
    peer.post([
      [RESULT, id, 'late'],
      [RESULT, id, 'later'],
    ]);
    await turns();
    expect(await error).toMatchObject({ code: 'CALL_TIMED_OUT' });
    expect(peer.ended).toBeUndefined();
  });

  it('is the one whose time is over, not the others', async () => {
    const { host } = open();
    const order: string[] = [];
    const call = (timeoutMs: number): Promise<unknown> =>
      rejection(host.client.read('x', { timeoutMs })).then(() => order.push(String(timeoutMs)));
    await Promise.all([call(900), call(300), call(600), call(1)]);
    expect(order).toEqual(['1', '300', '600', '900']);
  });

  it('may also never have been sent', async () => {
    const caller = new Caller('host', readLimits());
    const client = createClient(laboratory.guest, caller);
    expect(await rejection(client.write('x', { timeoutMs: 5 }))).toMatchObject({
      code: 'CALL_TIMED_OUT',
      mayHaveRun: false,
    });
  });

  it.each(['answer', 'declared error'])('also counts the time that a schema takes for the %s', async (kind) => {
    const peer = openHostileGuest(laboratory, {});
    const timed = rejection(peer.client.slow(undefined, { timeoutMs: 200 }));
    const controller = new AbortController();
    const cancelled = rejection(peer.client.slow(undefined, { signal: controller.signal }));
    const closed = rejection(peer.client.slow());
    for (const nth of [1, 2, 3]) {
      const [, id] = await peer.call(nth);
      peer.post([kind === 'answer' ? [RESULT, id, 'x'] : [FAILURE, id, 'declared', '', 'x']]);
    }
    await turns();
    controller.abort();
    expect(await cancelled).toMatchObject({ code: 'CALL_CANCELLED' });
    expect(await timed).toMatchObject({ code: 'CALL_TIMED_OUT', mayHaveRun: true });
    peer.caller.end(cause);
    expect(await closed).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
    expect(peer.heard.filter(([message]) => message === CANCEL)).toEqual([]); // the peer is done with them
  });

  it('waits without end when told so in as many words', async () => {
    const lab = open();
    const call = lab.host.client.read('x', { timeoutMs: Infinity });
    await turns(20);
    lab.answer('at last');
    expect(await call).toBe('at last');
  });

  it.each([0, 0.5, -1, Number.NaN, -Infinity, 2 ** 31, '5000', null, {}, 5000n])(
    'may not be given %s',
    async (timeoutMs) => {
      const { host } = open();
      const before = host.session.stats.sent;
      expect(await rejection(host.client.read('x', { timeoutMs: timeoutMs as number }))).toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('timeoutMs'),
      });
      const failed = new Promise((resolve) => {
        host.client.ticks(undefined, { timeoutMs: timeoutMs as number }).subscribe({ error: resolve });
      });
      expect(await failed).toMatchObject({ code: 'INVALID_OPTION' });
      await turns(1);
      expect(host.session.stats.sent - before).toBeLessThanOrEqual(1);
    },
  );

  it('may be given the longest time there is', async () => {
    const lab = open();
    const call = lab.host.client.read('x', { timeoutMs: 2 ** 31 - 1 });
    await until(() => lab.signals.length === 1);
    lab.answer('x');
    expect(await call).toBe('x');
  });

  it('does not limit a stream that has been sent', async () => {
    const { host } = open();
    let failed = false;
    const subscription = host.client.ticks(undefined, { timeoutMs: 5 }).subscribe({ error: () => (failed = true) });
    await turns(10);
    expect(failed).toBe(false);
    subscription.unsubscribe();
  });

  it('leaves no timer behind when its caller ends', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const caller = new Caller('host', readLimits());
    void createClient(laboratory.guest, caller)
      .read('x', { timeoutMs: 100_000 })
      .catch(() => undefined);
    expect(timers()).toBe(before + 1);
    caller.end(cause);
    await Promise.resolve();
    expect(timers()).toBe(before);
  });
});

describe('a signal', () => {
  it('that has fired before cancels without a message', async () => {
    const { host } = open();
    const before = host.session.stats.sent;
    const error = await rejection(host.client.read('x', { signal: AbortSignal.abort('why') }));
    expect(error).toMatchObject({ code: 'CALL_CANCELLED', cause: 'why', mayHaveRun: false });
    await turns(1);
    expect(host.session.stats.sent - before).toBeLessThanOrEqual(1);
  });

  it('that fires during a call rejects it and fires the signal of its handler', async () => {
    const lab = open();
    const controller = new AbortController();
    const call = rejection(lab.host.client.read('x', { signal: controller.signal }));
    await until(() => lab.signals.length === 1);
    controller.abort();
    expect(await call).toMatchObject({ code: 'CALL_CANCELLED' });
    await until(() => lab.signals[0]?.aborted === true);
    expect(lab.signals[0]?.reason).toMatchObject({ code: 'CALL_CANCELLED' });
  });

  it('that fires in the same turn as the call still ends both sides', async () => {
    const lab = open();
    const controller = new AbortController();
    const call = rejection(lab.host.client.read('x', { signal: controller.signal }));
    controller.abort();
    expect(await call).toMatchObject({ code: 'CALL_CANCELLED' });
    await turns();
    expect(lab.signals.every(({ aborted }) => aborted)).toBe(true);
  });

  it('that fires after the answer does nothing, and holds nothing', async () => {
    const peer = openHostileGuest(laboratory, {});
    const controller = new AbortController();
    const call = peer.client.read('x', { signal: controller.signal });
    const [, id] = await peer.call();
    peer.post([[RESULT, id, 'answer']]);
    expect(await call).toBe('answer');
    controller.abort();
    await turns();
    expect(peer.heard.filter(([kind]) => kind === CANCEL)).toEqual([]);
  });

  it('takes a call that waits for its place out of the queue', async () => {
    const lab = open();
    const controller = new AbortController();
    const blocker = Array.from({ length: 1024 }, () => lab.host.client.read('x').catch(() => undefined));
    const waiting = rejection(lab.host.client.write('x', { signal: controller.signal }));
    await turns();
    controller.abort();
    expect(await waiting).toMatchObject({ code: 'CALL_CANCELLED' });
    // All that had a place are run, sooner or later; the one that waited never is.
    await vi.waitFor(() => expect(lab.signals.length).toBe(1024), { timeout: 10_000 });
    lab.close();
    await Promise.all(blocker);
    expect(lab.signals.length).toBe(1024);
  });

  it('of a handler does not fire when the call was answered', async () => {
    const lab = open();
    const call = lab.host.client.read('x');
    await until(() => lab.signals.length === 1);
    lab.answer('done');
    await call;
    lab.close();
    expect(lab.signals[0]?.aborted).toBe(false);
  });

  it('of a handler fires when the session closes', async () => {
    const lab = open();
    const call = rejection(lab.host.client.read('x'));
    await until(() => lab.signals.length === 1);
    lab.close();
    expect(lab.signals[0]?.aborted).toBe(true);
    expect(await call).toMatchObject({ code: 'LINK_CLOSED' });
  });

  it('of a handler has fired already when it is asked for too late', async () => {
    let late: (() => AbortSignal) | undefined;
    const { host, close } = openPair(laboratory, {
      guest: {
        read: (_, context) => {
          late = () => context.signal;
          return new Promise(() => undefined);
        },
        write: (text) => text,
        ticks: () => [],
        feed: () => [],
        ...others,
      },
      host: {},
    });
    const call = rejection(host.client.read('x'));
    await until(() => late !== undefined);
    close();
    await call;
    expect(late?.().aborted).toBe(true);
  });

  it('ends a subscription, on both sides', async () => {
    const controller = new AbortController();
    let torn = 0;
    const { Observable } = await import('rxjs');
    const { host } = openPair(laboratory, {
      guest: {
        read: (x) => x,
        write: (x) => x,
        ticks: () => new Observable<number>(() => () => torn++),
        feed: () => [],
        ...others,
      },
      host: {},
    });
    const failed = new Promise((resolve) => {
      host.client.ticks(undefined, { signal: controller.signal }).subscribe({ error: resolve });
    });
    await turns();
    controller.abort();
    expect(await failed).toMatchObject({ code: 'CALL_CANCELLED' });
    await turns();
    expect(torn).toBe(1);
  });
});

describe('a session that ends', () => {
  const never = new Promise<never>(() => undefined);

  it.each([
    ['closed', 'PEER_CLOSED'],
    ['pagehide', 'PEER_RELOADED'],
    ['x'.repeat(1024), 'PEER_CLOSED'],
  ])('by goodbye rejects what is pending', async (reason, code) => {
    const peer = openHostileGuest(laboratory, {});
    const call = rejection(peer.client.write('x'));
    await peer.call();
    peer.post([[4, reason]]);
    expect(await call).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true, cause: { code } });
    expect(await rejection(peer.client.write('x'))).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: false });
  });

  it('does so once, whatever else the peer says', async () => {
    const peer = openHostileGuest(laboratory, {});
    peer.post([[4, 'closed'], [4, 'pagehide'], 'rubbish']);
    await until(() => peer.ended !== undefined);
    await turns();
    expect(peer.ended?.code).toBe('PEER_CLOSED');
    expect(peer.heard.filter(([kind]) => kind === 4)).toHaveLength(1);
  });

  it('settles everything: calls, streams, loops, handlers and producers, on both sides', async () => {
    const torn: string[] = [];
    const { Observable } = await import('rxjs');
    const signals: AbortSignal[] = [];
    const pair = openPair(laboratory, {
      guest: {
        read: (_, { signal }) => (signals.push(signal), never),
        write: (_, { signal }) => (signals.push(signal), never),
        ticks: () => new Observable<number>(() => () => torn.push('ticks')),
        ...others,
        feed: async function* () {
          try {
            yield 1;
            await never;
          } finally {
            torn.push('feed');
          }
        },
      },
      host: {},
    });
    const outcomes = [rejection(pair.host.client.read('x')), rejection(pair.host.client.write('x'))];
    outcomes.push(
      new Promise((resolve) => {
        pair.host.client.ticks().subscribe({ error: resolve });
      }),
    );
    const loop = async (): Promise<void> => {
      for await (const value of pair.host.client.ticks()) void value;
    };
    outcomes.push(rejection(loop()));
    await until(() => signals.length === 2);
    pair.close();
    for (const outcome of outcomes) expect(await outcome).toMatchObject({ code: 'LINK_CLOSED' });
    await until(() => torn.length === 2);
    expect(torn).toEqual(['ticks', 'ticks']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});

describe('a caller between two sessions', () => {
  interface Line {
    readonly caller: Caller;
    readonly client: ReturnType<typeof createClient<(typeof laboratory)['guest']>>;
    readonly connect: () => MessagePort & { readonly calls: unknown[][] };
    readonly lose: (neverRan?: boolean) => void;
  }

  function line(): Line {
    const caller = new Caller('host', readLimits());
    let lose = (): void => undefined;
    return {
      caller,
      client: createClient(laboratory.guest, caller),
      connect: () => {
        const { port1, port2 } = new MessageChannel();
        const end = openEnd({ side: 'host', port: port1, calls: laboratory.guest, served: [], caller });
        const calls: unknown[][] = [];
        port2.onmessage = ({ data }) =>
          calls.push(...data.filter(([kind]: unknown[]) => kind === CALL || kind === CANCEL));
        port2.postMessage([[2, undefined]]);
        lose = () => {
          end.session.close(cause);
          port2.close();
        };
        return Object.assign(port2, { calls });
      },
      lose: (neverRan = false) => {
        lose();
        caller.end(cause, replayAfter(neverRan));
      },
    };
  }

  it('keeps calls until there is one, in their order', async () => {
    const { client, connect, lose } = line();
    const outcomes = [client.write('a'), client.read('b'), client.write('c')].map((call) =>
      call.catch((error: unknown) => error),
    );
    await turns();
    const port = connect();
    await until(() => port.calls.length === 3);
    expect(port.calls.map(([, id, , input]) => [id, input])).toEqual([
      [1, 'a'],
      [3, 'b'],
      [5, 'c'],
    ]);
    port.postMessage([
      [RESULT, 1, 'A'],
      [RESULT, 3, 'B'],
      [RESULT, 5, 'C'],
    ]);
    expect(await Promise.all(outcomes)).toEqual(['A', 'B', 'C']);
    lose();
  });

  it('sends a query again, and not a mutation, which says that it may have run', async () => {
    const { client, connect, lose } = line();
    const first = connect();
    const read = client.read('r');
    const write = rejection(client.write('w'));
    await until(() => first.calls.length === 2);
    lose();
    expect(await write).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true, cause });
    const second = connect();
    await until(() => second.calls.length === 1);
    expect(second.calls[0]).toMatchObject({ 0: CALL, 3: 'r' });
    second.postMessage([[RESULT, second.calls[0]?.[1], 'answer']]);
    expect(await read).toBe('answer');
    lose();
  });

  it('says of a query that was sent that it may have run, also when no second session comes', async () => {
    const { caller, client, connect, lose } = line();
    const first = connect();
    const sent = rejection(client.read('sent'));
    const timed = rejection(client.read('timed', { timeoutMs: 200 }));
    await until(() => first.calls.length === 2);
    lose();
    const waited = rejection(client.read('waited'));
    expect(await timed).toMatchObject({ code: 'CALL_TIMED_OUT', mayHaveRun: true });
    caller.end(cause);
    expect(await sent).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
    expect(await waited).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: false });
  });

  it('keeps a mutation that was never sent, and runs it once', async () => {
    const { client, connect, lose } = line();
    const write = client.write('w');
    lose();
    const port = connect();
    await until(() => port.calls.length === 1);
    port.postMessage([[RESULT, port.calls[0]?.[1], 'done']]);
    expect(await write).toBe('done');
    lose();
  });

  it('sends also a mutation again where the peer has read nothing', async () => {
    const { client, connect, lose } = line();
    const first = connect();
    const write = client.write('w');
    await until(() => first.calls.length === 1);
    lose(true);
    const second = connect();
    await until(() => second.calls.length === 1);
    second.postMessage([[RESULT, second.calls[0]?.[1], 'done']]);
    expect(await write).toBe('done');
    lose();
  });

  it('continues resumable streams, and ends the others', async () => {
    const { client, connect, lose } = line();
    const first = connect();
    const seen: unknown[] = [];
    client.feed(undefined, { window: 8 }).subscribe((value) => seen.push(value));
    const ticks = new Promise((resolve) => {
      client.ticks().subscribe({ error: resolve });
    });
    await until(() => first.calls.length === 2);
    first.postMessage([[8, first.calls[0]?.[1], [1, 2, 3]]]);
    await until(() => seen.length === 3);
    lose();
    expect(await ticks).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
    const second = connect();
    await until(() => second.calls.length === 1);
    expect(second.calls[0]?.[4]).toBe(8);
    second.postMessage([[8, second.calls[0]?.[1], [4, 5]]]);
    await until(() => seen.length === 5);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    lose();
  });

  it('goes on with a stream behind its cursor: the last value that was delivered', async () => {
    const { client, connect, lose } = line();
    const first = connect();
    const seen: unknown[] = [];
    client.rows({ after: 0 }).subscribe((value) => seen.push(value));
    await until(() => first.calls.length === 1);
    lose();
    const second = connect();
    await until(() => second.calls.length === 1);
    expect(second.calls[0]?.[3]).toEqual({ after: 0 }); // nothing had come
    second.postMessage([[NEXT, second.calls[0]?.[1], [1, 2, 3]]]);
    await until(() => seen.length === 3);
    lose();
    const third = connect();
    await until(() => third.calls.length === 1);
    expect(third.calls[0]?.[3]).toEqual({ after: 3 });
    lose();
    const fourth = connect();
    await until(() => fourth.calls.length === 1);
    expect(fourth.calls[0]?.[3]).toEqual({ after: 3 });
    lose();
  });

  describe('goes on with a stream whose schema takes its time behind its cursor', () => {
    it('when all of its values were through', async () => {
      const { client, connect, lose } = line();
      const first = connect();
      const seen: unknown[] = [];
      client.checked(0).subscribe((value) => seen.push(value));
      await until(() => first.calls.length === 1);
      first.postMessage([[NEXT, first.calls[0]?.[1], [1, 2]]]);
      await until(() => gates.size === 2);
      letThrough();
      await until(() => seen.length === 2);
      await turns();
      lose();
      const second = connect();
      await until(() => second.calls.length === 1);
      expect(second.calls[0]?.[3]).toBe(2);
      second.postMessage([[NEXT, second.calls[0]?.[1], [3]]]);
      await until(() => gates.size === 1);
      letThrough();
      await until(() => seen.length === 3);
      expect(seen).toEqual([1, 2, 3]);
      lose();
    });

    it('as soon as they are: nothing is lost, and nothing comes twice', async () => {
      const { client, connect, lose } = line();
      const first = connect();
      const seen: unknown[] = [];
      client.checked(0).subscribe((value) => seen.push(value));
      client.feed().subscribe();
      await until(() => first.calls.length === 2);
      first.postMessage([[NEXT, first.calls[0]?.[1], [1, 2]]]);
      first.postMessage([[NEXT, first.calls[0]?.[1], [3]]]);
      await until(() => gates.size === 3);
      lose();
      const second = connect();
      await until(() => second.calls.length === 1); // the other one does not wait for it
      await turns();
      expect([second.calls.length, seen]).toEqual([1, []]);
      letThrough();
      await until(() => second.calls.length === 2);
      expect(second.calls[1]?.[3]).toBe(3);
      expect(seen).toEqual([1, 2, 3]);
      second.postMessage([[NEXT, second.calls[1]?.[1], [4]]]);
      await until(() => gates.size === 1);
      letThrough();
      await until(() => seen.length === 4);
      expect(seen).toEqual([1, 2, 3, 4]);
      lose();
    });

    it('and with none that was left meanwhile', async () => {
      const { client, connect, lose } = line();
      const first = connect();
      const subscription = client.checked(0).subscribe();
      await until(() => first.calls.length === 1);
      first.postMessage([[NEXT, first.calls[0]?.[1], [1]]]);
      await until(() => gates.size === 1);
      lose();
      const second = connect();
      await turns();
      subscription.unsubscribe();
      letThrough();
      await turns();
      expect(second.calls).toEqual([]);
      lose();
    });

    it('or ends it when the cursor throws, or the schema refuses a value', async () => {
      const uncaught = collectUncaught();
      const { client, connect, lose } = line();
      const first = connect();
      const ends: unknown[] = [];
      for (const start of [1, 2]) client.checked(start).subscribe({ error: (error) => (ends[start - 1] = error) });
      await until(() => first.calls.length === 2);
      first.postMessage([[NEXT, first.calls[0]?.[1], [101]]]);
      first.postMessage([[NEXT, first.calls[1]?.[1], ['x']]]);
      await until(() => gates.size === 2);
      lose();
      const second = connect();
      letThrough();
      await until(() => ends.length === 2 && ends[0] !== undefined);
      expect(ends).toMatchObject([{ code: 'LINK_CLOSED', mayHaveRun: true }, { code: 'OUTPUT_INVALID' }]);
      await turns();
      expect(second.calls).toEqual([]);
      expect(uncaught).toMatchObject([{ message: 'no such cursor' }]);
      lose();
    });
  });

  it('ends a stream whose cursor throws, and goes on with the others', async () => {
    const uncaught = collectUncaught();
    const { client, connect, lose } = line();
    const first = connect();
    const seen: unknown[] = [];
    const broken = new Promise((resolve) => {
      client.broken().subscribe({ next: (value) => seen.push(value), error: resolve });
    });
    client.feed().subscribe((value) => seen.push(value));
    await until(() => first.calls.length === 2);
    first.postMessage([[NEXT, first.calls[0]?.[1], [1]]]);
    await until(() => seen.length === 1);
    lose();
    expect(await broken).toMatchObject({ code: 'LINK_CLOSED' });
    const second = connect();
    await until(() => second.calls.length === 1);
    expect(uncaught).toMatchObject([{ message: 'no cursor' }]);
    lose();
  });

  it('asks a stream that goes on for no more than there is room for', async () => {
    const { client, connect, lose } = line();
    const first = connect();
    const pull = client.feed(undefined, { window: 4 })[Symbol.asyncIterator]();
    const next = pull.next();
    await until(() => first.calls.length === 1);
    first.postMessage([[NEXT, first.calls[0]?.[1], [1, 2, 3]]]);
    expect(await next).toMatchObject({ value: 1 });
    await turns(1);
    lose();
    const second = connect();
    await until(() => second.calls.length === 1);
    // One of the three was yielded and is not done with yet.
    expect(second.calls[0]?.[4]).toBe(1);
    second.postMessage([[NEXT, second.calls[0]?.[1], [4]]]);
    await turns();
    lose();
    const third = connect();
    await turns();
    expect(third.calls).toEqual([]); // four are here, and none was taken
    expect(await pull.next()).toMatchObject({ value: 2 });
    await until(() => third.calls.length === 1);
    expect(third.calls[0]?.[4]).toBe(1);
    void pull.return?.();
    await until(() => third.calls.length === 2);
    lose();
  });

  it('lets a timeout run also while there is no session', async () => {
    const { client, connect, lose } = line();
    const port = connect();
    const read = rejection(client.read('r', { timeoutMs: 40 }));
    await until(() => port.calls.length === 1);
    lose();
    expect(await read).toMatchObject({ code: 'CALL_TIMED_OUT' });
    const second = connect();
    await turns();
    expect(second.calls).toEqual([]);
    lose();
  });

  it('lets a signal cancel also while there is no session', async () => {
    const { client, connect, lose } = line();
    connect();
    const controller = new AbortController();
    const read = rejection(client.read('r', { signal: controller.signal }));
    await turns();
    lose();
    controller.abort();
    expect(await read).toMatchObject({ code: 'CALL_CANCELLED' });
  });

  it('puts what was sent before what waited', async () => {
    const { client, connect, lose } = line();
    const first = connect();
    const sent = client.read('sent').catch(() => undefined);
    await until(() => first.calls.length === 1);
    lose();
    const waited = client.read('waited').catch(() => undefined);
    const second = connect();
    await until(() => second.calls.length === 2);
    expect(second.calls.map(([, , , input]) => input)).toEqual(['sent', 'waited']);
    lose();
    void [sent, waited];
  });

  it('queues 1,000 calls, and refuses the next', async () => {
    const { caller, client } = line();
    const outcomes = Array.from({ length: 1001 }, () => rejection(client.write('x')));
    expect(await outcomes.at(-1)).toMatchObject({ code: 'OVERLOADED', mayHaveRun: false });
    caller.end(cause);
    expect(await outcomes[0]).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: false });
    expect(await outcomes[999]).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: false });
  });

  it('refuses calls at once when none will come, until one may come again', async () => {
    const { caller, client, connect, lose } = line();
    caller.end(cause);
    expect(await rejection(client.read('x'))).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: false });
    caller.revive();
    const read = client.read('x');
    const port = connect();
    await until(() => port.calls.length === 1);
    port.postMessage([[RESULT, port.calls[0]?.[1], 'answer']]);
    expect(await read).toBe('answer');
    lose();
  });

  it('says when something begins to be pending, and whether something is', async () => {
    const { caller, client, connect, lose } = line();
    let told = 0;
    caller.onPending = () => told++;
    const port = connect();
    expect(caller.isPending).toBe(false);
    const calls = [client.read('x'), client.read('y')];
    expect(caller.isPending).toBe(true);
    expect(told).toBe(1);
    await until(() => port.calls.length === 2);
    port.postMessage([
      [RESULT, 1, ''],
      [RESULT, 3, ''],
    ]);
    await Promise.all(calls);
    expect(caller.isPending).toBe(false);
    lose();
  });
});

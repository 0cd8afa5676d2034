import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { around, byReference, contract, type Limits, observable, query, type Use } from '../../src/index.ts';
import { Admission, readLimits } from '../../src/internal.ts';
import { CALL, CANCEL, FAILURE, RESULT } from '../../src/link/messages.ts';
import { type Applicant, patienceMs } from '../../src/rpc/admission.ts';
import { type Hostile, openHostileHost } from '../fixtures/hostile-peer.ts';
import { closeEnd, openEnd, openPair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';

const yard = contract({
  name: 'test/yard',
  version: '1.0.0',
  guest: {
    work: query<string, string>(),
    quick: query<number, number>(),
    lend: query<void, unknown>(),
    ticks: observable<void, number>(),
  },
});
const [work, quick, lend, ticks] = [1, 2, 3, 4];

interface Yard {
  readonly peer: Hostile<(typeof yard)['host']>;
  /** How many handlers and sources are at work. */
  readonly running: { calls: number; most: number; quick: number };
  /** Lets the oldest that is at work end. */
  readonly finish: (() => void)[];
}

/** Handlers and sources that end when the test says so, whatever their signal says. */
function open(limits: Partial<Limits> = {}, use: readonly Use[] = []): Yard {
  const running = { calls: 0, most: 0, quick: 0 };
  const finish: (() => void)[] = [];
  const stubborn = (): Promise<string> => {
    running.most = Math.max(running.most, ++running.calls);
    return new Promise((resolve) => {
      finish.push(() => {
        running.calls--;
        resolve('done');
      });
    });
  };
  async function* endless(): AsyncGenerator<number> {
    yield (await stubborn()).length;
  }
  const peer = openHostileHost(yard, {
    limits,
    use,
    handlers: {
      work: stubborn,
      quick: (input) => {
        running.quick++;
        return input;
      },
      lend: () => byReference(stubborn),
      ticks: endless,
    },
  });
  return { peer, running, finish };
}

const odd = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => 1 + 2 * index);

/** Posts as many messages as one go may bring, again and again. */
async function postAll(peer: Yard['peer'], messages: readonly unknown[]): Promise<void> {
  const { session } = peer;
  const before = session.stats.received;
  for (let at = 0; at < messages.length; at += 4096) {
    peer.post(messages.slice(at, at + 4096));
    if (at % 32_768 === 28_672) await until(() => session.stats.received >= before + at);
  }
  await until(() => session.stats.received >= before + messages.length);
}

describe('work that was cancelled keeps its place', () => {
  it.each([
    ['a call', work, 0],
    ['a stream whose generator does not return', ticks, 8],
  ])(
    '100,000 times %s, begun and cancelled: never more at work than the ceiling',
    async (_, index, credit) => {
      const { peer, running, finish } = open();
      const messages = odd(100_000).flatMap((id) => [
        [CALL, id, index, '', credit],
        [CANCEL, id],
      ]);
      await postAll(peer, [...messages, [CALL, 200_001, quick, 7, 0]]);
      expect(running.most).toBe(1024);
      expect(peer.ended).toBeUndefined();
      for (const end of finish.splice(0)) end();
      expect(await peer.answer(200_001)).toEqual([RESULT, 200_001, 7]);
      await until(() => running.calls === 0);
    },
    60_000,
  );

  it('and the end of one makes room for one', async () => {
    const { peer, running, finish } = open({ calls: 3 });
    await postAll(
      peer,
      odd(50).flatMap((id) => [
        [CALL, id, work, '', 0],
        [CANCEL, id],
      ]),
    );
    expect(running.most).toBe(3);
    peer.post([[CALL, 2001, work, '', 0]]);
    peer.post([[CALL, 2003, work, '', 0]]);
    await turns(5);
    expect([finish.length, running.calls]).toEqual([3, 3]);
    finish.shift()?.();
    await until(() => finish.length === 3);
    await turns(5);
    expect(running.most).toBe(3);
  });

  it.each([
    ['answers', () => 'early'],
    ['refuses', () => Promise.reject(new Error('early'))],
  ])('also behind a hook that %s before its handler has settled', async (_, answer) => {
    const impatient = around({
      incoming: (_call, next) => {
        void next();
        return answer();
      },
    });
    const { peer, running, finish } = open({ calls: 3 }, [impatient]);
    for (const id of odd(50))
      peer.post([
        [CALL, id, work, '', 0],
        [CANCEL, id],
      ]);
    await turns(60);
    expect([running.most, peer.ended]).toEqual([3, undefined]);
    peer.post([[CALL, 2001, work, '', 0]]);
    await turns(5);
    finish.shift()?.();
    await until(() => finish.length === 3);
    expect(running.most).toBe(3);
  });

  it('also where it is called by reference', async () => {
    const { peer, running } = open({ calls: 3 });
    peer.post([[CALL, 1, lend, undefined, 0]]);
    const [, , , attachments] = await peer.answer(1);
    const index = (attachments as number[][])[0]?.[2];
    await postAll(
      peer,
      odd(50).flatMap((id) => [
        [CALL, id + 2, index, [], 0],
        [CANCEL, id + 2],
      ]),
    );
    expect(running.most).toBe(3);
  });

  it('who comes next waits, in order, and begins when a place is free', async () => {
    const { peer, finish, running } = open({ calls: 2 });
    peer.post([
      [CALL, 1, work, '', 0],
      [CALL, 3, work, '', 0],
      [CANCEL, 1],
      [CANCEL, 3],
      [CALL, 5, quick, 5, 0],
      [CALL, 7, quick, 7, 0],
    ]);
    await turns();
    expect(running.quick).toBe(0);
    finish.shift()?.();
    await peer.answer(7);
    expect(peer.heard.filter(([kind]) => kind === RESULT)).toEqual([
      [RESULT, 5, 5],
      [RESULT, 7, 7],
    ]);
    expect(peer.ended).toBeUndefined();
  });

  it('a peer gets no new places by connecting again', async () => {
    const admission = new Admission(readLimits({ calls: 2 }));
    const ran: number[] = [];
    const served = [
      {
        path: 'work',
        procedure: yard.guest.quick,
        handler: (input: unknown) => (ran.push(Number(input)), new Promise<never>(() => undefined)),
      },
    ];
    for (const session of [1, 2, 3]) {
      const { port1, port2 } = new MessageChannel();
      const end = openEnd({ side: 'guest', port: port1, calls: {}, served, limits: { calls: 2 }, admission });
      port2.postMessage([1, 3].map((id) => [CALL, id, 1, session, 0]));
      await until(() => end.session.stats.received === 2);
      closeEnd(end);
      port2.close();
    }
    expect(ran).toEqual([1, 1]);
  });
});

describe('a peer that ignores the window', () => {
  it('is ended at the first call that it cannot have a place for, though all before it were answered at once', async () => {
    const { peer, running } = open();
    peer.post(odd(4096).map((id) => [CALL, id, quick, id, 0]));
    expect(await peer.goodbye()).toBe('LIMIT_EXCEEDED');
    expect(peer.ended?.message).toContain('calls, 1024');
    expect(running.quick).toBe(1024);
  });

  it('may use a place again in the batch in which it has cancelled', async () => {
    const { peer } = open({ calls: 2 });
    peer.post([
      [CALL, 1, quick, 1, 0],
      [CALL, 3, work, '', 0],
      [CANCEL, 3],
      [CALL, 5, quick, 5, 0],
    ]);
    expect(await peer.answer(5)).toEqual([RESULT, 5, 5]);
    expect(peer.ended).toBeUndefined();
  });
});

it('100,000 calls in one go do not all run', async () => {
  const { peer, running } = open();
  for (let at = 0; at < 25; at++)
    peer.post(Array.from({ length: 4000 }, (_, index) => [CALL, 1 + 2 * (4000 * at + index), quick, 1, 0]));
  expect(await peer.goodbye()).toBe('LIMIT_EXCEEDED');
  expect(running.quick).toBeLessThan(70_000);
});

describe('an honest page', () => {
  it('calls 10,000 times at once', async () => {
    const pair = openPair(yard, {
      host: {},
      guest: { work: async (x) => x, quick: (x) => x, lend: () => 0, ticks: () => [1] },
    });
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, (_, index) =>
        index % 2 === 0 ? pair.host.client.quick(index) : pair.host.client.work(String(index)),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 10_000 }, (_, index) => (index % 2 === 0 ? index : String(index))));
  }, 60_000);

  it('cancels 5,000 calls at once and calls on, of handlers that ignore their signal', async () => {
    const pair = openPair(yard, {
      host: {},
      guest: {
        work: async (x) => {
          await turns(1);
          return x;
        },
        quick: (x) => x,
        lend: () => 0,
        ticks: () => [1],
      },
    });
    for (let storm = 0; storm < 5; storm++) {
      const controller = new AbortController();
      const cancelled = Array.from({ length: 1000 }, () =>
        rejection(pair.host.client.work('x', { signal: controller.signal })),
      );
      await turns(1);
      controller.abort();
      expect(await Promise.all(cancelled)).toMatchObject(cancelled.map(() => ({ code: 'CALL_CANCELLED' })));
      expect(await pair.host.client.work('on')).toBe('on');
    }
    expect(pair.guest.ended).toBeUndefined();
  }, 60_000);
});

describe('admission', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Applicants that say what becomes of them. */
  function apply(admission: Admission, log: unknown[], name: string, isStream = false): Applicant {
    const applicant: Applicant = {
      isStream,
      begin: () => log.push(name),
      refuse: ({ code, message }) => log.push(`${name} ${code} ${message}`),
    };
    admission.enter(applicant);
    return applicant;
  }

  it('refuses with OVERLOADED who has waited for as long as its patience is, naming the cause', () => {
    const admission = new Admission(readLimits({ calls: 1 }));
    const log: unknown[] = [];
    apply(admission, log, 'one');
    apply(admission, log, 'two');
    apply(admission, log, 'a stream', true);
    vi.advanceTimersByTime(patienceMs - 1);
    apply(admission, log, 'three');
    expect(log).toEqual(['one', 'a stream']);
    vi.advanceTimersByTime(1);
    expect(log).toEqual(['one', 'a stream', expect.stringMatching(/^two OVERLOADED 1 calls are still at work/)]);
    admission.leave(false);
    expect(log.at(-1)).toBe('three');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets so many begin at once as a second allows, and then one by one', () => {
    const admission = new Admission(readLimits({ callsPerSecond: 10 }));
    const log: unknown[] = [];
    for (let index = 0; index < 13; index++) apply(admission, log, String(index), index % 2 === 0);
    expect(log).toHaveLength(10);
    vi.advanceTimersByTime(100);
    expect(log).toHaveLength(11);
    vi.advanceTimersByTime(200);
    expect(log).toHaveLength(13);
    vi.advanceTimersByTime(60_000);
    for (let index = 0; index < 100; index++) apply(admission, log, 'later');
    expect(log).toHaveLength(13 + 10);
    vi.advanceTimersByTime(patienceMs);
    expect(log.filter((entry) => String(entry).includes('callsPerSecond'))).toHaveLength(40);
  });

  it("lets no more begin at once after a pause: what was saved up is one second's worth", () => {
    const admission = new Admission(readLimits({ callsPerSecond: 10 }));
    const log: unknown[] = [];
    vi.advanceTimersByTime(60_000);
    for (let index = 0; index < 100; index++) apply(admission, log, 'call');
    expect(log).toHaveLength(10);
  });

  it('forgets who withdraws, and sleeps when nobody waits', () => {
    const admission = new Admission(readLimits({ calls: 1 }));
    const log: unknown[] = [];
    const first = apply(admission, log, 'first');
    const second = apply(admission, log, 'second');
    expect(admission.withdraw(first)).toBe(false);
    expect(admission.withdraw(second)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    admission.leave(false);
    expect(log).toEqual(['first']);
  });

  it('lets a long queue of those that end at once begin without a deep stack', () => {
    const admission = new Admission(readLimits({ calls: 1, queue: 1 }));
    let begun = 0;
    apply(admission, [], 'first');
    for (let index = 0; index < 100_000; index++)
      admission.enter({
        isStream: false,
        begin: () => {
          begun++;
          admission.leave(false);
        },
        refuse: () => undefined,
      });
    admission.leave(false);
    expect(begun).toBe(99_999); // all that the first second allows
  });
});

it('failures of calls that are not served count for the window, too', async () => {
  const { peer } = open({ calls: 3 });
  peer.post([1, 3, 5, 7].map((id) => [CALL, id, 99, undefined, 0]));
  expect(await peer.goodbye()).toBe('LIMIT_EXCEEDED');
  expect(peer.heard.filter(([kind]) => kind === FAILURE)).toHaveLength(3);
});

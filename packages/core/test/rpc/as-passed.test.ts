import { Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { byReference, contract, MuntinError, observable, query, release, type Schema, type } from '../../src/index.ts';
import { Caller, createClient, readLimits, replayAfter } from '../../src/internal.ts';
import { CALL, NEXT, READY } from '../../src/link/messages.ts';
import { openEnd, openPair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A schema that takes its time, and refuses what it is told to. */
function slowly<T>(isGood: (value: T) => boolean, msOf: (value: T) => number): Schema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: async (given) => {
        const value = given as T;
        await pause(msOf(value));
        return isGood(value) ? { value } : { issues: [{ message: 'bad' }] };
      },
    },
  };
}

interface Row {
  id: number;
}
const feed = contract({
  name: 'test/feed',
  version: '1.0.0',
  guest: {
    rows: query<{ page: number }, number>(),
    all: observable<{ page: number }, number>({ resumable: true }),
    after: observable<{ after: number }, Row>({ resumable: (_, { id }) => ({ after: id }) }),
  },
});

/** A host whose guests come and go, and hear what it asks. */
function reconnecting() {
  const caller = new Caller('host', readLimits());
  let lose = (): void => undefined;
  const connect = (): readonly unknown[][] => {
    const { port1, port2 } = new MessageChannel();
    const end = openEnd({ side: 'host', port: port1, calls: feed.guest, served: [], caller });
    const calls: unknown[][] = [];
    port2.onmessage = ({ data }: MessageEvent<unknown[][]>) => {
      for (const message of data)
        if (message[0] === CALL) {
          calls.push(message);
          if ('after' in (message[3] as object)) port2.postMessage([[NEXT, message[1], [{ id: 7 }]]]);
        }
    };
    port2.postMessage([[READY, undefined]]);
    lose = () => {
      const cause = new MuntinError('PEER_RELOADED', 'gone');
      end.session.close(cause);
      port2.close();
      caller.end(cause, replayAfter(false));
    };
    return calls;
  };
  return {
    client: createClient(feed.guest, caller),
    connect,
    lose: () => lose(),
    end: () => caller.end(new MuntinError('UNMOUNTED', 'over')),
  };
}

describe('what is sent again after a reload', () => {
  it('is what was passed, whatever has become of it', async () => {
    const { client, connect, lose, end } = reconnecting();
    const first = connect();
    const input = { page: 1 };
    const ends = [rejection(client.rows(input))];
    client.all(input).subscribe({ error: () => undefined });
    input.page = 2;
    ends.push(rejection(client.rows(input)));
    const inputs = (calls: readonly unknown[][]): unknown[] => calls.map((call) => (call[3] as typeof input).page);
    await until(() => first.length === 3);
    expect(inputs(first)).toEqual([1, 1, 2]);
    lose();
    const second = connect();
    await until(() => second.length === 3);
    expect([...inputs(second)].sort((a, b) => Number(a) - Number(b))).toEqual([1, 1, 2]);
    lose();
    end();
    await Promise.all(ends);
  });

  it('goes on behind the value that came, and not behind what its consumer has made of it', async () => {
    const { client, connect, lose, end } = reconnecting();
    connect();
    const seen: number[] = [];
    client.after({ after: 0 }).subscribe({
      next: (row) => {
        seen.push(row.id);
        row.id = 99;
      },
      error: () => undefined,
    });
    await until(() => seen.length === 1);
    lose();
    const second = connect();
    await until(() => second.length === 1);
    expect(second[0]?.[3]).toEqual({ after: 7 });
    lose();
    end();
  });
});

describe('a stream whose schema takes its time', () => {
  it.each([
    ['at once', () => [1, 2, 3, 4]],
    [
      'one after the other, the first the slowest',
      async function* () {
        yield 1;
        await pause(10);
        yield 2;
        yield 3;
        yield 4;
      },
    ],
  ])('brings what is good before what is refused: %s', async (_, numbers) => {
    const slow = slowly<number>(
      (value) => value !== 3,
      (value) => (value === 1 ? 40 : 1),
    );
    const { host } = openPair(
      contract({ name: 'a', version: '1.0.0', guest: { numbers: observable({ output: slow }) } }),
      {
        host: {},
        guest: { numbers },
      },
    );
    const seen: unknown[] = [];
    host.client.numbers().subscribe({ next: (value) => seen.push(value), error: ({ code }) => seen.push(code) });
    await until(() => seen.length >= 3);
    await pause(60);
    expect(seen).toEqual([1, 2, 'OUTPUT_INVALID']);
  });

  it.each(['its signal', 'the session'])('is ended by %s also when its last value has come', async (by) => {
    const slow = slowly<number>(
      () => true,
      () => 1e6,
    );
    const { host, close } = openPair(
      contract({ name: 'a', version: '1.0.0', guest: { numbers: observable({ output: slow }) } }),
      { host: {}, guest: { numbers: () => [1, 2] } },
    );
    const controller = new AbortController();
    const seen: unknown[] = [];
    const failed = new Promise((error) => {
      host.client
        .numbers(undefined, { signal: controller.signal })
        .subscribe({ next: (value) => seen.push(value), error });
    });
    await pause(20);
    if (by === 'its signal') controller.abort();
    else close();
    expect(await failed).toMatchObject({ code: by === 'its signal' ? 'CALL_CANCELLED' : 'LINK_CLOSED' });
    expect(seen).toEqual([]);
  });
});

describe('what a schema throws', () => {
  it.each(['PROTOCOL_VIOLATION', 'CALL_TIMED_OUT', 'VALUE_NOT_CLONEABLE', 'OVERLOADED'] as const)(
    'is its own failure, also in the name of Muntin: %s',
    async (code) => {
      for (const isLate of [false, true]) {
        const input: Schema<number> = {
          '~standard': {
            version: 1,
            vendor: 'test',
            validate: () => {
              const error = new MuntinError(code, 'from the schema');
              if (isLate) return Promise.reject(error);
              throw error;
            },
          },
        };
        const shop = contract({
          name: 'a',
          version: '1.0.0',
          guest: { ask: query({ input }), fine: query<void, number>() },
        });
        const { host, guest } = openPair(shop, { host: {}, guest: { ask: () => undefined, fine: () => 1 } });
        expect(await rejection(host.client.ask(1))).toMatchObject({
          code: 'HANDLER_FAILED',
          message: 'from the schema',
        });
        expect(guest.thrown).toHaveLength(1);
        expect(await host.client.fine()).toBe(1);
      }
    },
  );
});

const any = contract({
  name: 'test/any',
  version: '1.0.0',
  guest: {
    give: query<unknown, unknown>({ timeoutMs: Infinity }),
    stream: observable<unknown, unknown>(),
    fails: observable({ output: type<number>(), errors: { out: type<{ left: number }>() } }),
  },
});
const nobody = { give: (x: unknown) => x, stream: () => of(1), fails: () => of(1) };

describe('a source inside a value', () => {
  const kinds: Readonly<Record<string, (onEnd: () => void) => object>> = {
    'a ReadableStream': (onEnd) => new ReadableStream({ pull: (controller) => controller.enqueue(1), cancel: onEnd }),
    'an iterator': (onEnd) => ({
      next: () => ({ done: false, value: 1 }),
      return: () => {
        onEnd();
        return { done: true, value: undefined };
      },
      [Symbol.iterator]() {
        return this;
      },
    }),
  };
  it.each(Object.entries(kinds))('is stopped when the session ends before anybody has read it: %s', async (_, make) => {
    let stopped = 0;
    const { host, close } = openPair(any, {
      host: {},
      guest: { ...nobody, give: () => ({ body: make(() => stopped++) }) },
    });
    await host.client.give(1);
    expect(stopped).toBe(0);
    close();
    await until(() => stopped === 1);
  });

  it('is stopped when it is cancelled unread, and given back', async () => {
    let stopped = 0;
    const make = kinds['a ReadableStream'];
    const { host, guest } = openPair(any, {
      host: {},
      guest: { ...nobody, give: () => ({ body: make?.(() => stopped++) }) },
    });
    const { body } = (await host.client.give(1)) as { body: ReadableStream };
    await body.cancel('not wanted');
    await until(() => stopped === 1);
    await until(() => guest.session.references === 0);
    expect(stopped).toBe(1);
  });

  it('is no object with methods, whatever they are called, that is passed by reference', async () => {
    let called = 0;
    const cursor = { return: () => called++, cancel: () => called++, getReader: () => called++ };
    const { host, close } = openPair(any, { host: {}, guest: { ...nobody, give: () => byReference(cursor) } });
    release((await host.client.give(1)) as object);
    await host.client.give(1);
    close();
    await pause(20);
    expect(called).toBe(0);
  });

  it('is left alone where it was not sent', async () => {
    let stopped = 0;
    const { host } = openPair(any, { host: {}, guest: nobody });
    await host.client.give(byReference(() => 1)); // what packs values is there
    const body = kinds['a ReadableStream']?.(() => stopped++);
    expect(await rejection(host.client.give({ body, wrong: Symbol('x') }))).toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
    });
    await turns();
    expect(stopped).toBe(0);
    expect((body as ReadableStream).locked).toBe(false);
  });

  it('is read as its values where it can be awaited, too', async () => {
    const both = {
      // oxlint-disable-next-line unicorn/no-thenable -- what is tested
      then: (done: (value: string) => void) => done('whole'),
      async *[Symbol.asyncIterator]() {
        yield 1;
        yield 2;
      },
    };
    const { host } = openPair(any, { host: {}, guest: { ...nobody, give: () => ({ rows: both }) } });
    const { rows } = (await host.client.give(1)) as { rows: AsyncIterable<unknown> };
    const seen: unknown[] = [];
    for await (const row of rows) seen.push(row);
    expect(seen).toEqual([1, 2]);
  });
});

it('an object whose class has a name of its own carries callbacks', async () => {
  class Named {
    a = 1;
    call = byReference(() => 5);
    get [Symbol.toStringTag](): string {
      return 'Named';
    }
  }
  const { host } = openPair(any, { host: {}, guest: { ...nobody, give: async (x) => (x as Named).call() } });
  expect(await host.client.give(new Named())).toBe(5);
});

it('a reference that is released runs what was called before, also where that waits for a place', async () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const ran: unknown[] = [];
  const { host } = openPair(any, {
    host: {},
    guest: {
      ...nobody,
      give: async (what) => {
        if (what === 'slow') return opened;
        return byReference((text: unknown) => void ran.push(text));
      },
    },
    limits: { guest: { calls: 1 } },
  });
  const reference = (await host.client.give(1)) as (text: string) => Promise<void>;
  const slow = host.client.give('slow');
  const called = reference('before');
  release(reference);
  expect(await rejection(reference('after'))).toMatchObject({ code: 'REFERENCE_RELEASED' });
  open();
  await Promise.all([slow, called]);
  expect(ran).toEqual(['before']);
});

describe('a promise inside a value that rejects while that waits', () => {
  const failing = (): Promise<never> => new Promise((_, fail) => setTimeout(() => fail(new Error('no')), 5));
  it.each(['for a session', 'for a place', 'for credit'])('is the other side’s to hear: %s', async (why) => {
    const uncaught = collectUncaught();
    const { host } = openPair(any, {
      host: {},
      guest: {
        give: async (x) => {
          await pause(40);
          return x === 0 ? 0 : null;
        },
        stream: () =>
          new Observable((subscriber) => {
            subscriber.next(1);
            subscriber.next({ failing: failing() });
          }),
        fails: () => of(1),
      },
      limits: { guest: { calls: 1 } },
    });
    if (why === 'for a session') {
      const caller = new Caller('host', readLimits());
      void createClient(any.guest, caller)
        .give({ failing: failing(), list: [failing()] })
        .catch(() => undefined);
      await pause(30);
      caller.end(new MuntinError('UNMOUNTED', 'over'));
    }
    if (why === 'for a place') {
      await host.client.give(byReference(() => 1));
      const first = host.client.give(0);
      const second = host.client.give({ failing: failing() });
      await Promise.all([first, second]);
    }
    if (why === 'for credit') {
      await host.client.give(byReference(() => 1));
      const stream = host.client.stream(1, { window: 1 })[Symbol.asyncIterator]();
      await stream.next();
      await pause(30);
      await stream.return?.();
    }
    await pause(20);
    expect(uncaught).toEqual([]);
  });
});

it('a function behind a hundred thousand parts is named by its path', async () => {
  const { host } = openPair(any, { host: {}, guest: nobody });
  const rows: unknown[] = Array.from({ length: 100_000 }, (_, id) => ({ id }));
  rows.push(() => 1);
  expect(await rejection(host.client.give(rows))).toMatchObject({
    code: 'VALUE_NOT_CLONEABLE',
    message: expect.stringContaining('input[100000]') as string,
  });
});

it.each([
  [
    'a getter that throws',
    () => ({
      get bad() {
        throw new Error('no');
      },
    }),
  ],
  [
    'a revoked proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return { bad: proxy };
    },
  ],
])('what cannot be looked at is refused with its path, whether it waits or not: %s', async (_, make) => {
  const { host } = openPair(any, { host: {}, guest: nobody });
  const refused = { code: 'VALUE_NOT_CLONEABLE', message: expect.stringContaining('input.list[0].bad') as string };
  expect(await rejection(host.client.give({ list: [make()] }))).toMatchObject(refused);
  expect(await rejection(host.client.give({ list: [make()], failing: Promise.reject(new Error('x')) }))).toMatchObject(
    refused,
  );
});

import { type Observable, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { byReference, contract, event, MuntinError, mutation, observable, query, transfer } from '../../src/index.ts';
import { Caller, createClient, readLimits, replayAfter } from '../../src/internal.ts';
import { CALL, FAILURE } from '../../src/link/messages.ts';
import { whyOnlyOnce } from '../../src/rpc/once.ts';
import { openEnd } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';

const desk = contract({
  name: 'test/replay',
  version: '1.0.0',
  guest: {
    sum: query<unknown, number>(),
    feed: observable<unknown, number>({ resumable: true }),
    rows: observable<unknown, number>({ resumable: (input) => input }),
    plain: observable<unknown, number>(),
    told: event<unknown>(),
    pay: mutation<unknown, void>(),
  },
});
const cause = new MuntinError('PEER_RELOADED', 'The guest has reloaded');

function* numbers(): Generator<number> {
  yield 1;
}
async function* later(): AsyncGenerator<number> {
  yield 1;
}

/** What can be sent once only, made anew for each test. */
const once: Readonly<Record<string, () => unknown>> = {
  'a generator': numbers,
  'an asynchronous generator': later,
  'an iterator of an array': () => [1].values(),
  'an iterator of a map': () => new Map([[1, 1]]).entries(),
  'an iterable that makes the same iterator again': () => {
    const iterator = later();
    return { [Symbol.asyncIterator]: () => iterator };
  },
  'a ReadableStream': () => new ReadableStream(),
  'a port': () => {
    const { port1 } = new MessageChannel();
    return transfer(port1, [port1]);
  },
  'what was transferred': () => {
    const bytes = new Uint8Array(8);
    return transfer(bytes, [bytes.buffer]);
  },
};

/** What can be sent as often as one likes. */
const often: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  'a number': () => 5,
  'nested data': () => ({ a: [new Map([[{ b: 1 }, new Set([new Date(0)])]])] }),
  'bytes that are copied': () => new Uint8Array(8),
  'a cycle': () => {
    const node: Record<string, unknown> = {};
    node['self'] = node;
    return node;
  },
  'a callback': () => byReference(() => 1),
  'an Observable': () => of(1),
  'a Subject': () => new Subject(),
  'an iterable that makes a new iterator each time': () => ({ [Symbol.asyncIterator]: later }),
  'a signal': () => new AbortController().signal,
  'a promise': () => Promise.resolve(1),
};

/** Where in an input it is. */
const places: Readonly<Record<string, (value: unknown) => unknown>> = {
  'as the input': (value) => value,
  'in a field': (value) => ({ rows: value }),
  'deep in arrays': (value) => [1, [2, [value]]],
  'in a Map': (value) => new Map([['rows', value]]),
  'in an own __proto__': (value) => Object.defineProperty({}, '__proto__', { value, enumerable: true }),
};

const product = <A, B>(first: Readonly<Record<string, A>>, second: Readonly<Record<string, B>>) =>
  Object.entries(first).flatMap(([name, a]) =>
    Object.entries(second).map(([place, b]) => [name, place, a, b] as const),
  );

/** A caller whose sessions are given and taken. */
function line() {
  const caller = new Caller('host', readLimits());
  let lose = (): void => undefined;
  const connect = (isReady = true) => {
    const { port1, port2 } = new MessageChannel();
    const end = openEnd({ side: 'host', port: port1, calls: desk.guest, served: [], caller });
    const calls: unknown[][] = [];
    port2.onmessage = ({ data }) => calls.push(...data.filter(([kind]: unknown[]) => kind === CALL));
    if (isReady) port2.postMessage([[2, undefined]]);
    lose = () => {
      end.session.close(cause);
      port2.close();
    };
    return { calls, port: port2 };
  };
  return {
    caller,
    client: createClient(desk.guest, caller),
    connect,
    lose: (neverRan = false) => {
      lose();
      caller.end(cause, replayAfter(neverRan));
    },
  };
}

const failureOf = (stream: Observable<unknown>): Promise<unknown> =>
  new Promise((error) => {
    stream.subscribe({ error });
  });

describe('after a reload, what was sent is sent again', () => {
  it.each(product(once, places))('but not with %s %s: it says why', async (_name, _place, make, put) => {
    const { client, connect, lose } = line();
    const { calls } = connect();
    const outcomes = [
      rejection(client.sum(put(make()))),
      failureOf(client.feed(put(make()))),
      failureOf(client.rows(put(make()))),
    ];
    await until(() => calls.length === 3);
    lose();
    for (const error of await Promise.all(outcomes))
      expect(error).toMatchObject({
        code: 'LINK_CLOSED',
        mayHaveRun: true,
        cause,
        message: expect.stringMatching(/it was not sent again, since its input/),
      });
    const second = connect();
    await turns();
    expect(second.calls).toEqual([]);
    lose();
  });

  it.each(product(often, places))('with %s %s', async (_name, _place, make, put) => {
    const { caller, client, connect, lose } = line();
    const { calls } = connect();
    const outcomes = [rejection(client.sum(put(make()))), failureOf(client.feed(put(make())))];
    await until(() => calls.length === 2);
    lose();
    const second = connect();
    await until(() => second.calls.length === 2);
    lose();
    caller.end(cause);
    for (const error of await Promise.all(outcomes))
      expect(error).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
  });

  it('names the place', () => {
    expect(whyOnlyOnce({ a: [{ rows: numbers() }] })).toBe(
      'its input.a[0].rows is an iterator, which can be read only once',
    );
    expect(whyOnlyOnce(new Map([[numbers(), 1]]))).toContain('its input.keys() is an iterator');
    for (const make of Object.values(once)) expect(whyOnlyOnce(new Set([make()]))).toContain('its input.values()');
  });

  it('not where it throws when it is looked at, or has no end', () => {
    const hostile = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(whyOnlyOnce([hostile])).toBe('its input cannot be looked at');
    expect(whyOnlyOnce(Array.from({ length: 600_000 }, () => ({})))).toContain('too large');
  });

  it('says of a query that ran in an earlier session that it may have run, whatever ends it in a later one', async () => {
    const { caller, client, connect, lose } = line();
    const first = connect();
    const lost = rejection(client.sum(1));
    const notServed = rejection(client.sum(2));
    const controller = new AbortController();
    const cancelled = rejection(client.sum(3, { signal: controller.signal }));
    await until(() => first.calls.length === 3);
    lose();
    const second = connect();
    await until(() => second.calls.length === 3);
    second.port.postMessage([[FAILURE, second.calls[1]?.[1], 'PROCEDURE_NOT_FOUND', 'x', undefined]]);
    expect(await notServed).toMatchObject({ code: 'PROCEDURE_NOT_FOUND' });
    lose(true); // the second document had not said ready, the first had
    controller.abort();
    expect(await cancelled).toMatchObject({ code: 'CALL_CANCELLED', mayHaveRun: true });
    caller.end(cause);
    expect(await lost).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
  });

  it('also where the document that had it never said ready', async () => {
    const { caller, client, connect, lose } = line();
    const first = connect();
    const outcomes = [rejection(client.sum(1)), failureOf(client.feed(2)), failureOf(client.plain(3))];
    await until(() => first.calls.length === 3);
    lose(true);
    const unsent = rejection(client.sum(4));
    caller.end(cause);
    for (const error of await Promise.all(outcomes))
      expect(error).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
    expect(await unsent).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: false });
  });

  it.each(['event', 'mutation'] as const)('but no %s, which waits for the ready of its document', async (kind) => {
    const { caller, client, connect, lose } = line();
    const first = connect(false);
    const settled = Promise.resolve(kind === 'event' ? client.told(1) : client.pay(1)).catch(() => undefined);
    await turns();
    expect(first.calls).toEqual([]);
    lose(true);
    const second = connect(false);
    await turns();
    expect(second.calls).toEqual([]);
    second.port.postMessage([[2, undefined]]); // its ready
    await until(() => second.calls.length === 1);
    lose();
    const third = connect();
    await turns();
    expect(third.calls).toEqual([]);
    lose();
    caller.end(cause);
    await settled;
  });
});

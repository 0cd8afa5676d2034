import { runInNewContext } from 'node:vm';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Schema } from '../../src/index.ts';
import { contract, isErrorOf, MuntinError, mutation, observable, query, type } from '../../src/index.ts';
import { ping } from '../../src/internal.ts';
import { CALL, FAILURE, READY, RESULT } from '../../src/link/messages.ts';
import { openHostileGuest } from '../fixtures/hostile-peer.ts';
import { openPair, type Pair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

/** A schema that takes its time. */
function slow<T>(check: (value: unknown) => value is T, ms = 1): Schema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: async (value) => {
        await new Promise((resolve) => {
          setTimeout(resolve, ms);
        });
        return check(value) ? { value } : { issues: [{ message: 'not so', path: ['a', { key: 0 }, Symbol('s')] }] };
      },
    },
  };
}
const named = (name: string, value: unknown): object => Object.fromEntries([[name, value]]);
const isNumber = (value: unknown): value is number => typeof value === 'number';

const office = contract({
  name: 'test/office',
  version: '1.0.0',
  guest: {
    echo: query<unknown, unknown>(),
    fail: mutation({
      input: type<unknown>(),
      output: type<void>(),
      errors: { busy: v.object({ left: v.number() }), late: slow(isNumber) },
    }),
    form: query({
      input: v.object({ name: v.pipe(v.string(), v.minLength(2)), tags: v.array(v.object({ id: v.number() })) }),
      output: type<string>(),
    }),
    zod: query({ input: z.object({ at: z.array(z.int()) }), output: z.string() }),
    change: query({ input: v.pipe(v.string(), v.transform(Number)), output: v.pipe(v.number(), v.transform(String)) }),
    wrong: query({ input: type<unknown>(), output: v.number() }),
    slow: query({ input: slow(isNumber), output: slow(isNumber) }),
    broken: query({
      input: {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: () => {
            throw new TypeError('the schema is broken');
          },
        },
      } satisfies Schema,
      output: type<unknown>(),
    }),
    nothing: mutation(),
    who: query<void, { origin: string; session: string }>(),
    bounce: query<number, number>(),
    list: observable<void, number>(),
  },
  host: { bounce: query<number, number>(), later: query<number, number>() },
});

interface Office extends Pair<typeof office> {
  readonly ran: unknown[];
  throws: unknown;
}

function open(onThrow?: () => unknown): Office {
  const ran: unknown[] = [];
  const note = <T>(value: T): T => {
    ran.push(value);
    return value;
  };
  const waiting: (() => void)[] = [];
  const answerAll = async (): Promise<void> => {
    for (const answer of waiting.splice(0).reverse()) {
      answer();
      await turns(1);
    }
  };
  const pair: Pair<typeof office> = openPair(office, {
    guest: {
      echo: (value) => value,
      fail: () => {
        throw onThrow?.();
      },
      form: ({ name }) => note(name),
      zod: ({ at }) => note(at).join(),
      change: (input) => note(input),
      wrong: (value) => value as number,
      slow: (input) => note(input),
      broken: note,
      nothing: () => undefined,
      who: (_, { peer }) => peer,
      bounce: async (n) => (n === 0 ? 0 : 1 + (await pair.guest.client.bounce(n - 1))),
      list: () => [1],
    },
    host: {
      bounce: async (n) => (n === 0 ? 0 : 1 + (await pair.host.client.bounce(n - 1))),
      later: (n) =>
        new Promise((resolve) => {
          waiting.push(() => resolve(n));
          // The last to come is the first to be answered, each in a turn of its own.
          if (waiting.length === 15) void answerAll();
        }),
    },
  });
  return Object.assign(pair, { ran, throws: undefined });
}

describe('calls', () => {
  it('are answered out of order, each with its own answer', async () => {
    const { guest } = open();
    const order: number[] = [];
    const calls = Array.from({ length: 15 }, async (_, n) => {
      const answer = await guest.client.later(n);
      order.push(answer);
      return answer;
    });
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 15 }, (_, n) => n));
    expect(order[0]).toBe(14);
  });

  it('nest to depth 50 from both sides at once', async () => {
    const { host, guest } = open();
    expect(await Promise.all([host.client.bounce(50), guest.client.bounce(50), host.client.bounce(49)])).toEqual([
      50, 50, 49,
    ]);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['zero', 0],
    ['not a number', Number.NaN],
    ['text', ''],
    ['a big number', 2n ** 70n],
    ['a date', new Date(0)],
    ['a map', new Map([[1, new Set([2])]])],
    ['an expression', /x/g],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['a then that is no function', named('then', 5)],
    ['something that looks like a message', [CALL, 1, 1, 1, 0]],
  ])('carry %s there and back', async (_, value) => {
    const { host } = open();
    const answer = await host.client.echo(value);
    expect(answer).toEqual(value);
    expect(Object.keys(Object(answer ?? {}))).toEqual(Object.keys(Object(value ?? {})));
  });

  it('carry no own __proto__, with a schema or without', async () => {
    const { host } = open();
    const value: unknown = JSON.parse('{"a": [{"__proto__": {"x": 1}}]}');
    await expect(host.client.echo(value)).rejects.toMatchObject({
      code: 'VALUE_UNSAFE',
      message: expect.stringContaining('__proto__'),
    });
    expect(await host.client.echo('next')).toBe('next');
  });

  it('carry circles', async () => {
    const { host } = open();
    const node: Record<string, unknown> = {};
    node['self'] = node;
    const answer = (await host.client.echo(node)) as typeof node;
    expect(answer['self']).toBe(answer);
  });

  it('answer undefined where nothing is answered', async () => {
    const { host } = open();
    expect(await host.client.nothing()).toBeUndefined();
    expect(await host.client.nothing(undefined, { timeoutMs: 1000 })).toBeUndefined();
  });

  it('tell the handler who calls', async () => {
    const { host } = open();
    expect(await host.client.who()).toEqual({ origin: 'https://host.example', session: 'test' });
  });

  it('measure the way there and back with a ping', async () => {
    const { host } = open();
    expect(await ping(host.caller)).toBeGreaterThan(0);
  });

  it('of 10,000 in one turn are all answered by a peer that takes 1,024', async () => {
    const { host, guest } = open();
    const answers = await Promise.all(Array.from({ length: 10_000 }, (_, index) => host.client.echo(index)));
    expect(answers).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
    expect([host.ended, guest.ended]).toEqual([undefined, undefined]);
  });

  it('never run more at the peer than it takes', async () => {
    let running = 0;
    let most = 0;
    const { host } = openPair(office, {
      guest: {
        ...Object.fromEntries(
          ['fail', 'form', 'zod', 'change', 'wrong', 'slow', 'broken', 'nothing', 'who', 'bounce', 'list'].map(
            (name) => [name, () => undefined],
          ),
        ),
        echo: async (value: unknown) => {
          most = Math.max(most, ++running);
          await turns(1);
          running--;
          return value;
        },
      } as never,
      host: { bounce: (n) => n, later: (n) => n },
      limits: { guest: { calls: 7 } },
    });
    expect(await Promise.all(Array.from({ length: 50 }, (_, index) => host.client.echo(index)))).toHaveLength(50);
    expect(most).toBe(7);
  });

  it('wait in a queue with an end', async () => {
    const peer = openHostileGuest(office, { bounce: (n) => n, later: (n) => n });
    await until(() => peer.session.isReady);
    const outcomes: Promise<unknown>[] = [];
    for (let index = 0; index < 1024 + 65_536 + 2; index++)
      outcomes.push(
        peer.client.nothing().then(
          () => 'ran',
          (error: unknown) => error,
        ),
      );
    expect(await outcomes.at(-1)).toMatchObject({ code: 'OVERLOADED', mayHaveRun: false });
    expect(await outcomes.at(-2)).toMatchObject({ code: 'OVERLOADED' });
    peer.session.receive('end');
    expect(await outcomes.at(-3)).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: false });
    expect(await outcomes[0]).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
  }, 60_000);

  it('of 60,000 that wait for 1,024 places are sent without counting all of them each time', async () => {
    const { host } = open();
    const time = async (rounds: number, calls: number): Promise<number> => {
      const start = performance.now();
      for (let round = 0; round < rounds; round++)
        await Promise.all(Array.from({ length: calls }, () => host.client.nothing()));
      return performance.now() - start;
    };
    const few = await time(60, 1000);
    // Far from the time that it takes when every answer looks at all that wait: keeping them costs a little, too.
    expect(await time(1, 60_000)).toBeLessThan(10 * few + 1000);
  }, 60_000);

  it('of what the peer does not serve are refused without a message', async () => {
    const { port1, port2 } = new MessageChannel();
    const { openEnd, closeEnd } = await import('../fixtures/open-pair.ts');
    const end = openEnd({ side: 'host', port: port1, calls: office.guest, served: [], peerServes: ['', 'echo'] });
    const before = end.session.stats.sent;
    const error = await rejection(end.client.nothing());
    expect(error).toMatchObject({ code: 'PROCEDURE_NOT_FOUND', message: expect.stringContaining('"nothing"') });
    await turns(1);
    expect(end.session.stats.sent - before).toBeLessThanOrEqual(1);
    closeEnd(end);
    port2.close();
  });

  it('find the procedures of a peer with another order of them', async () => {
    const { port1, port2 } = new MessageChannel();
    const { openEnd, closeEnd } = await import('../fixtures/open-pair.ts');
    const end = openEnd({
      side: 'host',
      port: port1,
      calls: office.guest,
      served: [],
      peerServes: ['', 'x', 'nothing'],
    });
    const asked = new Promise<unknown>((resolve) => {
      port2.addEventListener('message', ({ data }) => data.flat().includes(CALL) && resolve(data.at(-1)));
      port2.start();
    });
    port2.postMessage([[READY, undefined]]);
    void end.client.nothing().catch(() => undefined);
    expect(await asked).toMatchObject({ 0: CALL, 1: 1, 2: 2 });
    closeEnd(end);
    port2.close();
  });
});

describe('a schema', () => {
  it.each([
    ['of the wrong type', 5, [[]]],
    ['without a field', { tags: [] }, [['name']]],
    ['too short', { name: 'x', tags: [] }, [['name']]],
    ['wrong deep inside', { name: 'xx', tags: [{ id: 1 }, { id: '2' }] }, [['tags', 1, 'id']]],
    ['wrong in many places', { name: '', tags: [{}, 5] }, [['name'], ['tags', 0, 'id'], ['tags', 1]]],
  ])('refuses input that is %s; the caller gets the paths, the handler nothing', async (_, input, paths) => {
    const { host, ran } = open();
    const error = await rejection(host.client.form(input as never));
    const blamed = { blame: 'this side', message: expect.stringMatching(/^This side passed "form" an input/) };
    expect(error).toMatchObject({ code: 'INPUT_INVALID', ...blamed });
    expect((error as MuntinError<string, { path: unknown }[]>).data.map(({ path }) => path)).toEqual(paths);
    expect(ran).toEqual([]);
  });

  it('may be zod', async () => {
    const { host, ran } = open();
    expect(await host.client.zod({ at: [1, 2] })).toBe('1,2');
    expect(await rejection(host.client.zod({ at: [1, 2.5] }))).toMatchObject({
      code: 'INPUT_INVALID',
      data: [{ path: ['at', 1], message: expect.any(String) }],
    });
    expect(ran).toEqual([[1, 2]]);
  });

  it('lists no more than 32 issues', async () => {
    const { host } = open();
    const tags = Array.from({ length: 1000 }, () => ({}));
    const error = await rejection(host.client.form({ name: 'xx', tags } as never));
    expect(error).toHaveProperty('data.length', 32);
    expect(error).toHaveProperty(
      'message.length',
      expect.toSatisfy((length: number) => length <= 1024),
    );
  });

  it('changes what the receiver gets: input at the handler, output at the caller', async () => {
    const { host, ran } = open();
    expect(await host.client.change('12')).toBe('12');
    expect(ran).toEqual([12]);
  });

  it('refuses output where it is used', async () => {
    const { host } = open();
    expect(await host.client.wrong(5)).toBe(5);
    expect(await rejection(host.client.wrong('5'))).toMatchObject({
      code: 'OUTPUT_INVALID',
      blame: 'the peer',
      message: expect.stringMatching(/^The other side answered "wrong" with an output/),
      data: [{ path: [] }],
    });
  });

  it('may be asynchronous, on both sides', async () => {
    const { host, ran } = open();
    expect(await host.client.slow(5)).toBe(5);
    expect(await rejection(host.client.slow('5' as never))).toMatchObject({
      code: 'INPUT_INVALID',
      data: [{ message: 'not so', path: ['a', 0, 'Symbol(s)'] }],
    });
    expect(ran).toEqual([5]);
  });

  it('that throws fails its call and is told to this side', async () => {
    const { host, guest, ran } = open();
    expect(await rejection(host.client.broken(5))).toMatchObject({
      code: 'HANDLER_FAILED',
      message: 'the schema is broken',
    });
    expect(guest.thrown).toEqual([expect.any(TypeError)]);
    expect(ran).toEqual([]);
  });
});

describe('a handler that throws', () => {
  const hostile = {
    toString: () => {
      throw new Error('no');
    },
  };

  it.each([
    ['an error', () => new RangeError('too far'), 'too far'],
    ['a text', () => 'just a text', 'just a text'],
    ['nothing', () => undefined, 'undefined'],
    ['null', () => null, 'null'],
    ['a number', () => 0, '0'],
    ['a symbol', () => Symbol('s'), 'Symbol(s)'],
    ['an object', () => ({ a: 1 }), 'an object without a message was thrown'],
    ['an object with a message', () => ({ message: 'quota exceeded', code: 429 }), 'quota exceeded'],
    ['an error without a message', () => new TypeError(), 'TypeError'],
    ['a DOMException', () => new DOMException('no such file', 'NotFoundError'), 'no such file'],
    [
      'an AggregateError',
      () => new AggregateError([new Error('first'), 'second', { message: 'third' }, [1], null], 'all failed'),
      'all failed: first; second; third; a list; object',
    ],
    [
      'an AggregateError of many',
      () => new AggregateError(Array.from({ length: 100 }, (_, index) => new Error(`e${index}`))),
      'e0; e1; e2; e3; e4; e5; e6; e7; and 92 more',
    ],
    ['an error of another realm', () => runInNewContext('new RangeError("far away")') as unknown, 'far away'],
    [
      'a revoked proxy',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      },
      'something that cannot be looked at was thrown',
    ],
    [
      'an error of ours that throws when its code is read',
      () => Object.defineProperty(new MuntinError('busy', 'x'), 'code', { get: () => hostile.toString() }),
      'x',
    ],
    ['an object without a prototype', () => Object.create(null), expect.any(String)],
    ['an object whose toString throws', () => hostile, expect.any(String)],
    [
      'an error whose message throws',
      () => Object.defineProperty(new Error('x'), 'message', { get: () => hostile.toString() }),
      expect.any(String),
    ],
    ['an error whose message is no text', () => Object.assign(new Error('x'), { message: 5 }), '5'],
    ['a function', () => () => 'secret', expect.any(String)],
    ['an error of ours that is not declared', () => new MuntinError('LINK_CLOSED', 'nested'), 'nested'],
    [
      'an error of ours with a code of ours',
      () => new MuntinError('INPUT_INVALID', 'nested', { data: { secret: 1 } }),
      'nested',
    ],
    ['an error of ours with an inherited code', () => new MuntinError('constructor', 'nested'), 'nested'],
    ['a message that is too long', () => new Error('x'.repeat(5000)), 'x'.repeat(1024)],
  ])('%s answers HANDLER_FAILED with a message and nothing else', async (_, make, message) => {
    const { host, guest } = open(make);
    const error = await rejection(host.client.fail(1));
    expect(error).toMatchObject({ code: 'HANDLER_FAILED', message, name: 'MuntinError' });
    expect(error).toHaveProperty('data', undefined);
    expect(error).not.toHaveProperty('cause');
    expect(JSON.stringify(error)).not.toContain('stack');
    expect(guest.thrown).toHaveLength(1);
    expect(await host.client.echo(1)).toBe(1);
  });

  it.each([
    ['TypeError', () => new TypeError('x')],
    ['NotFoundError', () => new DOMException('x', 'NotFoundError')],
    ['AggregateError', () => new AggregateError([], 'x')],
    ['RangeError', () => runInNewContext('new RangeError("x")') as unknown],
    ['OutOfPaper', () => ({ name: 'OutOfPaper', message: 'x' })],
    ['x'.repeat(128), () => Object.assign(new Error('x'), { name: 'x'.repeat(5000) })],
    [undefined, () => 'text'],
    [undefined, () => ({ name: 5, message: 'x' })],
  ])('tells whoever logs it the name %s, which becomes no class', async (name, make) => {
    const { host } = open(make);
    const error = await rejection(host.client.fail(1));
    expect(error).toMatchObject({ code: 'HANDLER_FAILED', name: 'MuntinError', handlerErrorName: name });
    expect(error).not.toBeInstanceOf(TypeError);
  });

  it.each([
    ['names that are no text', { name: { length: 3 } }],
    ['a list', ['name']],
    ['a name that is inherited', { __proto__: { name: 'x' } }],
    ['nothing', undefined],
  ])('of a peer that sends %s has no name', async (_, data) => {
    const peer = openHostileGuest(office, { bounce: (n) => n, later: (n) => n });
    const error = rejection(peer.client.nothing());
    const [, id] = await peer.call();
    peer.post([[FAILURE, id, 'HANDLER_FAILED', 'failed', data]]);
    expect(await error).toMatchObject({ message: 'failed', handlerErrorName: undefined, data: undefined });
  });

  it('keeps the cause and the stack on its side', async () => {
    const { host, guest } = open(() => new Error('outside', { cause: new Error('inside') }));
    const error = await rejection(host.client.fail(1));
    expect(JSON.stringify(error)).not.toContain('inside');
    expect(error).toHaveProperty('stack', expect.not.stringContaining('inside'));
    expect(guest.thrown[0]).toHaveProperty('cause.message', 'inside');
  });

  it('a declared error answers with its code and checked data', async () => {
    const { host, guest } = open(() => new MuntinError('busy', 'try later', { data: { left: 3, secret: 1 } }));
    const error = await rejection(host.client.fail(1));
    expect(isErrorOf(office.guest.fail, error) && error.code === 'busy' && error.data).toEqual({ left: 3 });
    expect(guest.thrown).toEqual([]);
  });

  it('a declared error with wrong data answers OUTPUT_INVALID', async () => {
    const { host } = open(() => new MuntinError('busy', 'try later', { data: { left: 'three' } }));
    expect(await rejection(host.client.fail(1))).toMatchObject({ code: 'OUTPUT_INVALID', data: [{ path: ['left'] }] });
  });

  it('a declared error whose schema is asynchronous answers with its data, not with a promise', async () => {
    const { host } = open(() => new MuntinError('late', 'text', { data: 5 }));
    expect(await rejection(host.client.fail(1))).toMatchObject({ code: 'late', data: 5 });
    const { host: other } = open(() => new MuntinError('late', 'text', { data: '5' }));
    expect(await rejection(other.client.fail(1))).toMatchObject({ code: 'OUTPUT_INVALID' });
  });

  it('rejects as it throws', async () => {
    for (const make of [() => Promise.reject(new MuntinError('busy', '', { data: { left: 1 } }))]) {
      const pair = openPair(office, {
        guest: {
          ...Object.fromEntries(Object.keys(office.guest).map((name) => [name, () => undefined])),
          fail: make,
        } as never,
        host: { bounce: (n) => n, later: (n) => n },
      });
      expect(await rejection(pair.host.client.fail(1))).toMatchObject({ code: 'busy' });
    }
  });

  it('is answered also when the application that is told of it throws', async () => {
    const uncaught = collectUncaught();
    const { host, guest } = open(() => new Error('first'));
    guest.thrown.push = () => {
      throw new Error('the reporter is broken');
    };
    expect(await rejection(host.client.fail(1))).toMatchObject({ code: 'HANDLER_FAILED', message: 'first' });
    await turns();
    expect(uncaught).toEqual([expect.objectContaining({ message: 'the reporter is broken' })]);
  });

  it('answers once, also for a thenable that fulfils and rejects', async () => {
    const peer = openPair(office, {
      guest: {
        ...Object.fromEntries(Object.keys(office.guest).map((name) => [name, () => undefined])),
        echo: () =>
          named('then', (done: (value: unknown) => void, failed: (error: unknown) => void) => {
            done(1);
            failed(2);
            done(3);
          }),
      } as never,
      host: { bounce: (n) => n, later: (n) => n },
    });
    const before = peer.host.session.stats.received;
    expect(await peer.host.client.echo(0)).toBe(1);
    await turns();
    expect(peer.host.session.stats.received - before).toBeLessThanOrEqual(2);
  });
});

describe('what cannot be sent', () => {
  const culprit = () => undefined;

  it.each([
    ['a function', culprit, 'input'],
    ['deep inside', { a: [1, { b: culprit }] }, 'input.a[1].b'],
    ['a symbol', { s: Symbol('s') }, 'input.s'],
    ['a weak map', { 'not an identifier': new WeakMap() }, 'input["not an identifier"]'],
    ['in a map', new Map([['key', culprit]]), 'input[0]'],
    [
      'beside a circle',
      (() => {
        const node: Record<string, unknown> = {};
        return Object.assign(node, { node, culprit });
      })(),
      'input',
    ],
    [
      'a getter that throws',
      Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error('getter');
        },
      }),
      'input',
    ],
  ])('as input fails its own call, by its path: %s', async (_, value, path) => {
    const { host } = open();
    const [before, bad, after] = await Promise.allSettled([
      host.client.echo(1),
      host.client.echo(value),
      host.client.echo(3),
    ]);
    expect([before, after]).toMatchObject([{ value: 1 }, { value: 3 }]);
    expect(bad).toMatchObject({
      reason: { code: 'VALUE_NOT_CLONEABLE', mayHaveRun: false, message: expect.stringContaining(path) },
    });
  });

  it('as input gives its place to those who wait', async () => {
    const pair = openPair(office, {
      guest: { ...Object.fromEntries(Object.keys(office.guest).map((name) => [name, () => name])) } as never,
      host: { bounce: (n) => n, later: (n) => n },
      limits: { guest: { calls: 1 } },
    });
    const [bad, good] = await Promise.allSettled([
      pair.host.client.echo(culprit),
      pair.host.client.echo(1, { timeoutMs: 1000 }),
    ]);
    expect(bad).toMatchObject({ reason: { code: 'VALUE_NOT_CLONEABLE' } });
    expect(good).toMatchObject({ value: 'echo' });
  });

  it('as input of thousands fails those only, in any mixture and beyond the window', async () => {
    const { host, guest } = open();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5000 }, (_, index) => host.client.echo(index % 3 === 0 ? culprit : index)),
    );
    expect(outcomes.every(({ status }, index) => (status === 'rejected') === (index % 3 === 0))).toBe(true);
    expect([host.ended, guest.ended]).toEqual([undefined, undefined]);
  });

  it('as input of a burst lets a stream that fails call again at once', async () => {
    const { host, guest } = open();
    const list = host.client.list as unknown as (input: unknown) => ReturnType<typeof host.client.list>;
    const again: Promise<unknown>[] = [];
    list(culprit).subscribe({
      error: () => {
        for (let index = 0; index < 600; index++) again.push(host.client.echo(index));
      },
    });
    const calls = Array.from({ length: 400 }, (_, index) => host.client.echo(index));
    await Promise.all(calls);
    expect(await Promise.all(again)).toHaveLength(600);
    expect([host.ended, guest.ended]).toEqual([undefined, undefined]);
  });

  it('as a result fails its own call', async () => {
    const pair = openPair(office, {
      guest: {
        ...Object.fromEntries(Object.keys(office.guest).map((name) => [name, () => 1])),
        echo: (value: unknown) => (value === 'bad' ? { x: culprit } : value),
      } as never,
      host: { bounce: (n) => n, later: (n) => n },
    });
    const [one, bad, two] = await Promise.allSettled([
      pair.host.client.echo(1),
      pair.host.client.echo('bad'),
      pair.host.client.echo(2),
    ]);
    expect([one, two]).toMatchObject([{ value: 1 }, { value: 2 }]);
    expect(bad).toMatchObject({
      reason: { code: 'VALUE_NOT_CLONEABLE', message: expect.stringContaining('result.x') },
    });
  });

  it('as data of an error fails its own call', async () => {
    const { host } = open(() => new MuntinError('busy', 'text', { data: { left: culprit } }));
    expect(await rejection(host.client.fail(1))).toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
      message: expect.stringContaining('data.left'),
    });
    expect(await host.client.echo(1)).toBe(1);
  });

  it('leaves other messages of its batch alone', async () => {
    const peer = openHostileGuest(office, { bounce: (n) => (n === 2 ? (culprit as never) : n), later: (n) => n });
    peer.post([
      [CALL, 2, 1, 2, 0],
      [CALL, 4, 1, 0, 0],
    ]);
    expect(await peer.answer(4)).toEqual([RESULT, 4, 0]);
    expect(await peer.answer(2)).toMatchObject({ 2: 'VALUE_NOT_CLONEABLE' });
  });
});

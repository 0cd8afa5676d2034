import {
  BehaviorSubject,
  finalize,
  firstValueFrom,
  interval,
  lastValueFrom,
  map,
  NEVER,
  Observable,
  of,
  range,
  Subject,
  take,
  toArray,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  byReference,
  contract,
  MuntinError,
  mutation,
  observable,
  query,
  type Remote,
  type RemoteStream,
  release,
  toReadableStream,
} from '../../src/index.ts';
import { CALL, FAILURE, RESULT } from '../../src/link/messages.ts';
import { collectGarbage } from '../fixtures/collect-garbage.ts';
import { openHostileGuest } from '../fixtures/hostile-peer.ts';
import { openPair, type Pair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';

const c = contract({
  name: 'test/live',
  version: '1.0.0',
  guest: { give: query<unknown, unknown>(), act: mutation<unknown, unknown>(), stream: observable<unknown, unknown>() },
  host: { give: query<unknown, unknown>() },
});
type Handler = (input: never) => unknown;

function open(
  guest: Handler = (input) => input,
  host: Handler = (input) => input,
  references?: number,
): Pair<typeof c> {
  const handle = guest as (input: unknown) => unknown;
  return openPair(c, {
    guest: { give: handle, act: handle, stream: handle as () => Observable<unknown> },
    host: { give: host as (input: unknown) => unknown },
    ...(references === undefined ? {} : { limits: { host: { references }, guest: { references } } }),
  });
}

/** An object with one property, which may be one that makes promises. */
const named = (name: string, value: unknown): unknown => Object.fromEntries([[name, value]]);

type Fn = Remote<(...args: unknown[]) => unknown>;

describe('a callback passed by reference', () => {
  it('can be called while the call that brought it is running', async () => {
    const parts: unknown[] = [];
    const { host } = open(async (progress: Fn) => {
      for (let part = 1; part <= 3; part++) await progress(part);
      return 'done';
    });
    expect(await host.client.give(byReference((part: unknown) => void parts.push(part)))).toBe('done');
    expect(parts).toEqual([1, 2, 3]);
  });

  it.each([
    ['a list', (f: unknown) => [0, f]],
    ['an object', (f: unknown) => ({ a: { b: f } })],
    ['a map', (f: unknown) => new Map([['k', f]])],
    ['a map in a list in a map', (f: unknown) => new Map([['k', [new Map([['l', f]])]]])],
    ['a sparse list', (f: unknown) => Object.assign([], { length: 5, 3: f })],
    ['a list with properties', (f: unknown) => Object.assign([1], { f })],
    ['an object without a prototype', (f: unknown) => Object.assign(Object.create(null) as object, { f })],
    ['a key of dots', (f: unknown) => ({ 'a.b\\c': { '': f } })],
  ])('crosses in %s and comes back as itself', async (_name, wrap) => {
    const reference = byReference(() => 42);
    const find = (value: unknown): unknown => {
      if (typeof value === 'function') return value;
      if (typeof value !== 'object' || value === null) return undefined;
      const parts = value instanceof Map ? [...value.values()] : Object.values(value);
      return parts.map(find).find((found) => found !== undefined);
    };
    const { host } = open(async (value) => (find(value) as Fn)());
    expect(await host.client.give(wrap(reference))).toBe(42);
  });

  it('is refused in an own __proto__, and given back', async () => {
    const { host } = open(() => 'read');
    const value = Object.defineProperty({}, '__proto__', { value: byReference(() => 1), enumerable: true });
    expect(await rejection(host.client.give({ deep: [value] }))).toMatchObject({ code: 'VALUE_UNSAFE' });
    await expect.poll(() => host.session.references).toBe(0);
    expect(await host.client.give(1)).toBe('read');
  });

  it('keeps shared parts and cycles beside it', async () => {
    const shared = { f: byReference(() => 1) };
    const value = { a: shared, b: shared, self: null as unknown };
    value.self = value;
    const { host } = open((got: typeof value) => got.a === got.b && got.self === got && typeof got.a.f === 'function');
    expect(await host.client.give(value)).toBe(true);
  });

  it('is one reference, however often and by whichever way it is passed', async () => {
    const seen: unknown[] = [];
    const { host } = open((input: { a: unknown; b: unknown }) => void seen.push(input.a, input.b));
    const f = (): number => 1;
    await host.client.give({ a: byReference(f), b: byReference(f) });
    await host.client.give({ a: byReference(f), b: byReference(byReference(f)) });
    expect(new Set(seen).size).toBe(1);
    expect(host.session.references).toBe(1);
  });

  it('gets arguments and answers with results as calls do', async () => {
    const { host } = open((f: Fn) => f(new Map([[1, new Date(5)]]), undefined, 7n));
    const got: unknown[] = [];
    const answer = await host.client.give(
      byReference((...args: unknown[]) => {
        got.push(...args);
        return new Set([1]);
      }),
    );
    expect(got).toEqual([new Map([[1, new Date(5)]]), undefined, 7n]);
    expect(answer).toEqual(new Set([1]));
  });

  it('may take and answer with callbacks itself', async () => {
    const { host } = open(async (make: Remote<(f: Fn) => Promise<Fn>>) => {
      const made = await make(byReference((n: unknown) => Number(n) + 1));
      return made(1);
    });
    const make = (inc: Fn): Fn => byReference(async (n: unknown) => Number(await inc(n)) * 10) as Fn;
    expect(await host.client.give(byReference(make))).toBe(20);
  });

  it('may call itself from one side to the other', async () => {
    const { host } = open((f: Fn) => f(f, 5));
    const count = async (again: unknown, left: unknown): Promise<unknown> =>
      left === 0 ? 'bottom' : (again as Fn)(again, Number(left) - 1);
    expect(await host.client.give(byReference(count))).toBe('bottom');
  });

  it('is called in order, a thousand times in one turn', async () => {
    const got: unknown[] = [];
    const { host } = open((f: Fn) => Promise.all(Array.from({ length: 1000 }, (_, n) => f(n))));
    await host.client.give(byReference((n: unknown) => void got.push(n)));
    expect(got).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  });

  it('rejects with HANDLER_FAILED and the message of what it throws', async () => {
    const { host } = open((f: Fn) => f().catch(({ code, message }: MuntinError) => ({ code, message })));
    const fail = (): never => {
      throw new TypeError('not today');
    };
    expect(await host.client.give(byReference(fail))).toEqual({ code: 'HANDLER_FAILED', message: 'not today' });
  });

  it('rejects with VALUE_NOT_CLONEABLE what it cannot be given, naming the path', async () => {
    const { host } = open((f: Fn) =>
      f({ bad: () => 1 }).catch(({ code, message }: MuntinError) => `${code} ${message}`),
    );
    expect(await host.client.give(byReference(() => 1))).toMatch(/^VALUE_NOT_CLONEABLE input\[0\]\.bad \(Function\)/);
  });

  it('rejects with VALUE_NOT_CLONEABLE what it cannot answer', async () => {
    const { host } = open((f: Fn) => f().catch(({ code, message }: MuntinError) => `${code} ${message}`));
    expect(await host.client.give(byReference(() => ({ s: Symbol('x') })))).toMatch(
      /^VALUE_NOT_CLONEABLE result\.s \(Symbol\)/,
    );
  });

  it('works in both directions at once', async () => {
    const { host, guest } = open(
      (f: Fn) => f('guest'),
      (f: Fn) => f('host'),
    );
    const say = byReference((who: unknown) => `called by ${String(who)}`);
    expect(await Promise.all([host.client.give(say), guest.client.give(say)])).toEqual([
      'called by guest',
      'called by host',
    ]);
  });

  it('crosses as a stream value', async () => {
    const { host } = open(() => of({ f: byReference(() => 1) }, { f: byReference(() => 2) }));
    const got: unknown[] = [];
    for await (const value of host.client.stream(0)) got.push(await (value as { f: Fn }).f());
    expect(got).toEqual([1, 2]);
  });

  it('crosses in a set, and as the key of a map, in its place', async () => {
    const [f, g] = [byReference(() => 1), byReference(() => 2)];
    const { host } = open();
    const set = (await host.client.give(new Set([null, f, {}, g]))) as Set<unknown>;
    const keyed = (await host.client.give(
      new Map<unknown, unknown>([
        [0, 0],
        [f, g],
        [null, f],
      ]),
    )) as Map<unknown, unknown>;
    const [nothing, one, empty, two] = [...set] as [null, Fn, object, Fn];
    expect([nothing, await one(0), empty, await two(0)]).toEqual([null, 1, {}, 2]);
    const [, [key, value] = []] = [...keyed] as [Fn, Fn][];
    expect([await key?.(0), await value?.(0), keyed.size, await (keyed.get(null) as Fn)(0)]).toEqual([1, 2, 3, 1]);
  });

  it('is refused in the cause of an error, which some engines drop', async () => {
    const { host } = open();
    const cause = { f: byReference(() => 1) };
    expect(await rejection(host.client.give([new Error('x', { cause })]))).toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
      message: expect.stringContaining('input[0].cause.f'),
    });
  });

  it('is passed on to a third party: the host relays what one guest gave it to another', async () => {
    const one = open(() => byReference((n: unknown) => Number(n) + 1));
    const other = open((f: Fn) => f(41));
    expect(await other.host.client.give(await one.host.client.give(0))).toBe(42);
  });

  it('that was passed on fails when its owner has gone', async () => {
    const one = open(() => byReference(() => 1));
    const other = open((f: Fn) => f().catch(({ code }: MuntinError) => code));
    const f = await one.host.client.give(0);
    one.close();
    expect(await other.host.client.give(f)).toBe('HANDLER_FAILED');
  });
});

class Animal {
  name = 'Rex';
  static create(): Animal {
    return new Animal();
  }
  get loud(): string {
    return this.name.toUpperCase();
  }
  speak(): string {
    return `${this.name} speaks`;
  }
}
class Dog extends Animal {
  readonly #bones: string[] = [];
  readonly fetch = (what: string): string => `${this.name} fetches ${what}`;
  override speak(): string {
    return `${super.speak()}: wuff`;
  }
  bury(bone: string): number {
    return this.#bones.push(bone);
  }
  // oxlint-disable-next-line unicorn/no-thenable -- what a class may have, and what must not be called
  then(): string {
    return 'not a promise';
  }
}

describe('an object passed by reference', () => {
  it('has the methods of its class, of the class that extends, and its own', async () => {
    const { host } = open(() => byReference(new Dog()));
    const dog = (await host.client.give(0)) as Remote<Dog>;
    expect(Object.keys(dog).sort()).toEqual(['bury', 'fetch', 'speak']);
    expect(await dog.speak()).toBe('Rex speaks: wuff');
    expect(await dog.fetch('ball')).toBe('Rex fetches ball');
    expect([await dog.bury('a'), await dog.bury('b')]).toEqual([1, 2]);
  });

  it('shows no property, no accessor, no prototype and nothing to construct', async () => {
    const { host } = open(() => byReference(new Dog()));
    const dog = (await host.client.give(0)) as object;
    expect(Object.getPrototypeOf(dog)).toBeNull();
    for (const name of ['name', 'loud', 'constructor', 'then', 'toString', '__proto__', 'create'])
      expect([name, Reflect.get(dog, name)]).toEqual([name, undefined]);
    expect(() => Reflect.construct(dog as () => void, [])).toThrow(TypeError);
    expect(Reflect.set(dog, 'speak', 1)).toBe(false);
    expect(Object.isFrozen(dog)).toBe(true);
  });

  it('is no promise: a result that has a method "then" arrives as itself', async () => {
    const thenable = { ['then' as string]: () => 'x', ok: () => 1 };
    const { host } = open(() => byReference(thenable));
    expect(Object.keys((await host.client.give(0)) as object)).toEqual(['ok']);
  });

  it.each([
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'then',
    'name',
    'loud',
    '',
    'speak.call',
  ])('refuses a call of "%s" with an answer', async (method) => {
    const peer = openHostileGuest(c, { give: () => byReference(new Dog()) });
    peer.post([[CALL, 2, 1, 0, 0]]);
    await peer.answer(2);
    peer.post([[CALL, 4, 65_536, [method], 0]]);
    const [kind, , code, message] = await peer.answer(4);
    expect([kind, code]).toEqual([FAILURE, 'HANDLER_FAILED']);
    expect(message).toContain('no method');
    peer.post([[CALL, 6, 65_536, ['speak'], 0]]);
    expect((await peer.answer(6)).slice(0, 3)).toEqual([RESULT, 6, 'Rex speaks: wuff']);
    expect(peer.ended).toBeUndefined();
  });

  it('keeps `this`', async () => {
    const counter = {
      count: 0,
      up() {
        return ++this.count;
      },
    };
    const { host } = open(async (given: Remote<typeof counter>) => [await given.up(), await given.up()]);
    expect(await host.client.give(byReference(counter))).toEqual([1, 2]);
    expect(counter.count).toBe(2);
  });

  it('without methods is an empty object', async () => {
    const { host } = open(() => byReference({ a: 1 }));
    expect(Object.keys((await host.client.give(0)) as object)).toEqual([]);
  });

  it('cannot be what makes a value a promise: who awaits it would wait for the peer, without an end', async () => {
    const { host } = open();
    const value = named(
      'then',
      byReference(() => undefined),
    );
    expect(await rejection(host.client.give(value))).toMatchObject({ code: 'VALUE_NOT_CLONEABLE' });

    const peer = openHostileGuest(c, { give: () => undefined });
    const call = rejection(peer.client.give(1, { timeoutMs: 500 }));
    const [, id] = await peer.call();
    peer.post([[RESULT, id, named('then', null), [[['then'], 0, 70_000, []]]]]);
    expect(await call).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    expect(peer.ended).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  it('may have a name twice, of a peer that lies: it is there once, and looking at it throws nothing', async () => {
    const peer = openHostileGuest(c, { give: () => undefined });
    const call = peer.client.give(1);
    const [, id] = await peer.call();
    peer.post([[RESULT, id, { dog: null }, [[['dog'], 1, 70_001, ['speak', 'speak']]]]]);
    const { dog } = (await call) as { dog: object };
    expect(Object.keys(dog)).toEqual(['speak']);
    expect(Object.isFrozen(dog)).toBe(true);
    expect(peer.ended).toBeUndefined();
  });

  it.each([1, 'x', null, undefined, Symbol('s')])('cannot be %s', (value) => {
    expect(() => byReference(value as never)).toThrow('give a function or an object');
  });
});

describe('a reference that is given back', () => {
  it('rejects calls with REFERENCE_RELEASED, and its owner holds it no longer', async () => {
    const { host, guest } = open(() => byReference(() => 1));
    const f = (await host.client.give(0)) as Fn;
    expect(guest.session.references).toBe(1);
    release(f);
    expect(await rejection(f())).toMatchObject({ code: 'REFERENCE_RELEASED' });
    await until(() => guest.session.references === 0);
  });

  it('is given back by using, or by the symbol that stands for it', async () => {
    const { host, guest } = open(() => byReference({ a: () => 1 }));
    const given = (await host.client.give(0)) as Disposable;
    given[Symbol.dispose]();
    await expect.poll(() => guest.session.references).toBe(0);
  });

  it('may be given back twice', async () => {
    const { host, guest } = open(() => byReference(() => 1));
    const f = (await host.client.give(0)) as Fn;
    release(f);
    release(f);
    await until(() => guest.session.references === 0);
    expect(host.ended).toBeUndefined();
  });

  it('may be given again', async () => {
    const f = byReference(() => 7);
    const { host, guest } = open(() => f);
    release((await host.client.give(0)) as Fn);
    const again = (await host.client.give(0)) as Fn;
    expect(await again()).toBe(7);
    expect(guest.session.references).toBe(1);
  });

  it('while it was given again on its way is not lost', async () => {
    const f = byReference(() => 7);
    const { host, guest } = open(() => f);
    const first = (await host.client.give(0)) as Fn;
    const next = host.client.give(0);
    await turns(0);
    release(first); // crosses with the answer that brings it again
    expect(await ((await next) as Fn)()).toBe(7);
    expect(guest.session.references).toBe(1);
  });

  it('after a call was made answers that call', async () => {
    const { host } = open(() => byReference(async () => (await turns(2), 'late')));
    const f = (await host.client.give(0)) as Fn;
    const pending = f();
    release(f);
    expect(await pending).toBe('late');
  });

  it('must be a reference', () => {
    expect(() => release({})).toThrow('not a reference');
  });

  it('of ours changes nothing here', () => {
    const f = byReference(() => 1);
    release(f);
    return expect(f()).resolves.toBe(1);
  });

  it('10,000 callbacks: passed, called, and given back to the last', async () => {
    const { host } = open(async (callbacks: Fn[]) => {
      const answers = await Promise.all(callbacks.map((f) => f()));
      for (const f of callbacks) release(f);
      return answers;
    });
    const callbacks = Array.from({ length: 10_000 }, (_, n) => byReference(() => n));
    for (let from = 0; from < callbacks.length; from += 1000) {
      const answers = await host.client.give(callbacks.slice(from, from + 1000), { timeoutMs: 60_000 });
      expect(answers).toEqual(Array.from({ length: 1000 }, (_, n) => from + n));
    }
    await until(() => host.session.references === 0);
    expect(host.ended).toBeUndefined();
  }, 60_000);

  it('10,000 callbacks, one per call, over a table of 100', async () => {
    const { host } = open((f: Fn) => release(f), undefined, 100);
    for (let n = 0; n < 10_000; n++) await host.client.give(byReference(() => n));
    await expect.poll(() => host.session.references).toBe(0);
  }, 60_000);

  it('over the limit fails that call with OVERLOADED and keeps nothing of it', async () => {
    const { host } = open(() => 'ok', undefined, 3);
    const some = (count: number) => Array.from({ length: count }, () => byReference(() => 1));
    expect(await rejection(host.client.give(some(4)))).toMatchObject({ code: 'OVERLOADED' });
    expect(host.session.references).toBe(0);
    expect(await host.client.give(some(3))).toBe('ok');
  });

  it('is what becomes of one in a value that could not be sent', async () => {
    const { host, guest } = open(() => ({ f: byReference(() => 1), bad: Symbol('x') }));
    expect(await rejection(host.client.give({ f: byReference(() => 1), bad: Symbol('x') }))).toMatchObject({
      code: 'VALUE_NOT_CLONEABLE',
      message: expect.stringContaining('input.bad'),
    });
    expect(await rejection(host.client.give(0))).toMatchObject({ message: expect.stringContaining('result.bad') });
    const bad = {
      f: byReference(() => 1),
      get bad(): never {
        throw new Error('no');
      },
    };
    expect(await rejection(host.client.give(bad))).toMatchObject({ message: expect.stringContaining('input.bad') });
    expect([host.session.references, guest.session.references]).toEqual([0, 0]);
  });

  it('is what becomes of one in an answer that came too late', async () => {
    const { host, guest } = open(async () => (await turns(5), byReference(() => 1)));
    const call = host.client.give(0, { timeoutMs: 1 });
    expect(await rejection(call)).toMatchObject({ code: 'CALL_TIMED_OUT' });
    await turns(20);
    expect(guest.session.references).toBe(0);
  });

  it('is what becomes of those in values that nobody takes any more', async () => {
    const { host, guest } = open(() => range(0, 500).pipe(map(() => ({ f: byReference(() => 1) }))));
    const { f } = (await firstValueFrom(host.client.stream(0))) as { f: Fn };
    await turns(10);
    release(f);
    await collectGarbage(() => guest.session.references === 0);
    expect(guest.session.references).toBe(0);
  });

  it('by the garbage collector, as a last resort', async () => {
    const { host } = open((f: Fn) => void f);
    for (let n = 0; n < 100; n++) await host.client.give(byReference(() => n));
    await collectGarbage(() => host.session.references === 0);
    expect(host.session.references).toBe(0);
  }, 30_000);

  it('is not given back by the garbage collector while a call of it is in flight', async () => {
    const { host } = open((f: Fn) => {
      void f().then((value) => answers.push(value));
    });
    const answers: unknown[] = [];
    let answer: (value: string) => void = () => undefined;
    await host.client.give(byReference(() => new Promise((resolve) => (answer = resolve))));
    await turns(3);
    await collectGarbage(() => false, 10);
    expect(host.session.references).toBe(1);
    answer('at last');
    await until(() => answers.length > 0);
    expect(answers).toEqual(['at last']);
    await collectGarbage(() => host.session.references === 0);
    expect(host.session.references).toBe(0);
  }, 30_000);

  it('with the session', async () => {
    const { host, guest } = open(() => byReference(() => 1));
    const f = (await host.client.give(byReference(() => 2))) as Fn;
    guest.session.close(new MuntinError('PEER_CLOSED', 'bye'), 'closed');
    await until(() => host.ended !== undefined);
    expect(await rejection(f())).toMatchObject({ code: 'LINK_CLOSED' });
    expect([host.session.references, guest.session.references]).toEqual([0, 0]);
    expect(() => release(f)).not.toThrow();
  });
});

describe('an AbortSignal in a value', () => {
  it('fires on the other side, with its reason', async () => {
    const controller = new AbortController();
    const { host } = open(
      ({ signal }: { signal: AbortSignal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason))),
    );
    const call = host.client.give({ signal: controller.signal });
    await turns(3);
    controller.abort({ why: 'enough' });
    expect(await call).toEqual({ why: 'enough' });
    await until(() => host.session.references === 0);
  });

  it('that has fired arrives and fires', async () => {
    const { host } = open(
      (signal: AbortSignal) =>
        new Promise((resolve) => {
          if (signal.aborted) resolve(signal.reason);
          else signal.addEventListener('abort', () => resolve(signal.reason));
        }),
    );
    const signal = AbortSignal.abort('before');
    for (let n = 0; n < 5; n++) expect(await host.client.give(signal)).toBe('before');
    await until(() => host.session.references === 0);
  });

  it('fires though only its listener is left, as long as its call runs', async () => {
    const controller = new AbortController();
    const { host } = open((signal: AbortSignal) => {
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve('heard')));
    });
    const call = host.client.give(controller.signal);
    await turns(3);
    await collectGarbage(() => false, 5);
    controller.abort();
    expect(await call).toBe('heard');
  });

  it('leaves no listener behind when it is released', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof add>) => (listeners++, add(...args)),
      removeEventListener: (...args: Parameters<typeof remove>) => (listeners--, remove(...args)),
    });
    const { host } = open(() => undefined);
    for (let n = 0; n < 20; n++) await host.client.give({ signal });
    expect(listeners).toBe(1);
    await collectGarbage(() => host.session.references === 0);
    expect(listeners).toBe(0);
  });

  it('fires with the session, whose caller wants nothing any more', async () => {
    const { host } = open((signal: AbortSignal) => {
      got.push(signal);
      return new Promise(() => undefined);
    });
    const got: AbortSignal[] = [];
    host.client.give(new AbortController().signal).catch(() => undefined);
    await until(() => got.length > 0);
    host.session.close(new MuntinError('UNMOUNTED', 'over'), 'closed');
    await expect.poll(() => got[0]?.aborted).toBe(true);
  });
});

describe('a stream in a value', () => {
  it('uploads an AsyncIterable: it is pulled from here', async () => {
    const { host } = open(async (rows: AsyncIterable<number>) => {
      let sum = 0;
      for await (const row of rows) sum += row;
      return sum;
    });
    async function* upload(): AsyncGenerator<number> {
      for (let row = 1; row <= 5000; row++) yield row;
    }
    expect(await host.client.give(upload())).toBe(12_502_500);
  });

  it.each<[string, () => unknown]>([
    ['a generator', () => [1, 2, 3].values()],
    ['an async iterable that is a plain object', () => ({ [Symbol.asyncIterator]: () => asyncOf(1, 2, 3) })],
    [
      'an async iterable of a class',
      () =>
        new (class {
          [Symbol.asyncIterator] = () => asyncOf(1, 2, 3);
        })(),
    ],
    ['an Observable', () => of(1, 2, 3)],
    [
      'what says by Symbol.observable that it is one',
      () => ({ [Symbol.observable ?? '@@observable']: () => of(1, 2, 3) }),
    ],
    ['a ReadableStream', () => readable(1, 2, 3)],
  ])('may come from %s', async (_name, make) => {
    const { host, guest } = open(
      async (values: AsyncIterable<number>) => {
        const got: number[] = [];
        for await (const value of values) got.push(value);
        return got;
      },
      () => make(),
    );
    expect(await host.client.give(make())).toEqual([1, 2, 3]);
    const answer = (await guest.client.give(0)) as AsyncIterable<number>;
    const got: number[] = [];
    for await (const value of answer) got.push(value);
    expect(got).toEqual([1, 2, 3]);
  });

  it('is two-way: a Subject goes there, a stream of answers comes back', async () => {
    const { host } = open((questions: Observable<number>) => questions.pipe(map((n) => n * n)));
    const questions = new Subject<number>();
    const answers: unknown[] = [];
    host.client.stream(questions).subscribe({ next: (answer) => answers.push(answer), error: () => undefined });
    await turns(3);
    for (const n of [1, 2, 3]) questions.next(n);
    await until(() => answers.length === 3);
    expect(answers).toEqual([1, 4, 9]);
  });

  it('may be one of two in an object', async () => {
    const { host } = open(() => ({ a: of(1, 2), b: { c: of('x') } }));
    const { a, b } = (await host.client.give(0)) as { a: Observable<number>; b: { c: Observable<string> } };
    expect(await lastValueFrom(a.pipe(toArray()))).toEqual([1, 2]);
    expect(await lastValueFrom(b.c.pipe(toArray()))).toEqual(['x']);
  });

  it('may be a value of a stream: an Observable of Observables', async () => {
    const { host } = open(() => of(of(1, 2), of(3)));
    const inner = (await lastValueFrom(host.client.stream(0).pipe(toArray()))) as unknown as Observable<number>[];
    const got = await Promise.all(inner.map((one) => lastValueFrom(one.pipe(toArray()))));
    expect(got).toEqual([[1, 2], [3]]);
  });

  it('is cold: each subscription is one at its source', async () => {
    let subscriptions = 0;
    const source = new Observable<number>((subscriber) => {
      subscriber.next(++subscriptions);
      subscriber.complete();
    });
    const { host } = open(() => ({ source }));
    const got = ((await host.client.give(0)) as { source: Observable<number> }).source;
    expect([await firstValueFrom(got), await firstValueFrom(got)]).toEqual([1, 2]);
  });

  it('tears its source down when nobody is subscribed any more', async () => {
    let isTornDown = false;
    const source = new Observable<number>((subscriber) => {
      subscriber.next(1);
      return () => (isTornDown = true);
    });
    const { host } = open(() => ({ source }));
    const { source: got } = (await host.client.give(0)) as { source: Observable<number> };
    await firstValueFrom(got);
    await expect.poll(() => isTornDown).toBe(true);
  });

  it('goes on though it was released and collected: the subscription holds it', async () => {
    const ticks = new Subject<number>();
    const { host, guest } = open(() => ({ ticks }));
    const got: number[] = [];
    await host.client.give(0).then((value) => {
      (value as { ticks: Observable<number> }).ticks.subscribe({ next: (n) => got.push(n), error: () => undefined });
    });
    await turns(3);
    await collectGarbage(() => guest.session.references === 0);
    ticks.next(1);
    await expect.poll(() => got.length).toBe(1);
  });

  it('fails with what its source fails with', async () => {
    const { host } = open(() => ({
      source: new Observable(() => {
        throw new Error('dry');
      }),
    }));
    const { source } = (await host.client.give(0)) as { source: Observable<unknown> };
    expect(await rejection(firstValueFrom(source))).toMatchObject({ code: 'HANDLER_FAILED', message: 'dry' });
  });

  it('is relayed by the host from one guest to another, with its end', async () => {
    const source = new BehaviorSubject(1);
    const one = open(() => ({ source }));
    const other = open((given: { source: Observable<number> }) => firstValueFrom(given.source.pipe(take(1))));
    expect(await other.host.client.give(await one.host.client.give(0))).toBe(1);
    await until(() => !source.observed);
  });

  it('ends with LINK_CLOSED when the session does', async () => {
    const { host, guest } = open(() => ({ source: NEVER }));
    const { source } = (await host.client.give(0)) as { source: Observable<unknown> };
    const end = rejection(lastValueFrom(source));
    await turns(3);
    guest.session.close(new MuntinError('PEER_CLOSED', 'bye'), 'closed');
    expect(await end).toMatchObject({ code: 'LINK_CLOSED' });
  });
});

describe('a promise that is the value itself', () => {
  it('is passed, and not waited for: as an input', async () => {
    const got: unknown[] = [];
    const { host } = open((input: unknown) => void got.push(input));
    const never = new Promise(() => undefined);
    for (const make of [() => Promise.resolve(5), () => Promise.reject(new Error('no')), () => never])
      await host.client.give(make());
    expect(got).toEqual([expect.any(Promise), expect.any(Promise), expect.any(Promise)]);
    expect(await got[0]).toBe(5);
    expect(await rejection(got[1] as Promise<unknown>)).toMatchObject({ message: 'no' });
  });

  it('as a value of a stream, which goes on behind it', async () => {
    const never = new Promise(() => undefined);
    const { host } = open(() => [Promise.resolve(5), Promise.reject(new Error('no')), never, 2]);
    const got: unknown[] = [];
    await new Promise<void>((complete, error) => {
      host.client.stream(0).subscribe({ next: (value) => got.push(value), complete, error });
    });
    expect(got).toEqual([expect.any(Promise), expect.any(Promise), expect.any(Promise), 2]);
    expect(await got[0]).toBe(5);
    expect(await rejection(got[1] as Promise<unknown>)).toMatchObject({ message: 'no' });
  });
});

describe('a promise in a value', () => {
  it.each([
    ['is fulfilled', Promise.resolve(5), 5],
    ['of nothing is fulfilled', Promise.resolve(), undefined],
    ['may bring a callback', Promise.resolve(byReference(() => 1)), expect.any(Function)],
  ])('%s', async (_name, promise, expected) => {
    const { host } = open(() => ({ promise }));
    const got = (await host.client.give(0)) as { promise: Promise<unknown> };
    expect(await got.promise).toEqual(expected);
  });

  it('is rejected, and one that nobody waits for harms nobody', async () => {
    const { host } = open(() => ({ a: Promise.reject(new Error('no')), b: Promise.reject(new Error('unheard')) }));
    const { a } = (await host.client.give(0)) as { a: Promise<unknown> };
    expect(await rejection(a)).toMatchObject({ code: 'HANDLER_FAILED', message: 'no' });
  });

  it('is given back when it is settled: 1,000 of them fit into a table of 10', async () => {
    const { host, guest } = open(() => ({ promise: turns(0) }), undefined, 10);
    for (let n = 0; n < 1000; n++) await ((await host.client.give(n)) as { promise: Promise<unknown> }).promise;
    await expect.poll(() => guest.session.references).toBe(0);
  });
});

describe('a ReadableStream in a value', () => {
  it('is read there, and cancelled here when it is cancelled there', async () => {
    let reason: unknown = 'not cancelled';
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(1),
      cancel: (why) => {
        reason = why;
      },
    });
    const { host } = open(async (given: ReadableStream<number>) => {
      const reader = given.getReader();
      const { value } = await reader.read();
      await reader.cancel();
      return value;
    });
    expect(await host.client.give(stream)).toBe(1);
    await until(() => reason !== 'not cancelled');
    await until(() => host.session.references === 0);
  });

  it('holds back a producer of a million values: never more than the window ahead of what was taken', async () => {
    let produced = 0;
    async function* million(): AsyncGenerator<number> {
      while (produced < 1_000_000) yield produced++;
    }
    const { host } = open(() => ({ rows: million() }));
    const { rows } = (await host.client.give(0)) as { rows: RemoteStream<number> };
    const reader = toReadableStream(rows).getReader();
    let taken = 0;
    let furthest = 0;
    for (const end = performance.now() + 2000; performance.now() < end; ) {
      const { value } = await reader.read();
      expect(value).toBe(taken++);
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
      furthest = Math.max(furthest, produced - taken);
    }
    await reader.cancel();
    expect(taken).toBeGreaterThan(20);
    expect(furthest).toBeLessThanOrEqual(1024);
    const at = produced;
    await turns(5);
    expect(produced).toBe(at);
  }, 20_000);

  it('of an endless interval is stopped by break', async () => {
    let isTornDown = false;
    const { host } = open(() => ({ ticks: interval(1).pipe(finalize(() => (isTornDown = true))) }));
    const { ticks } = (await host.client.give(0)) as { ticks: AsyncIterable<number> };
    for await (const tick of ticks) if (tick === 3) break;
    await expect.poll(() => isTornDown).toBe(true);
  });
});

function readable(...values: number[]): ReadableStream<number> {
  return readableOf(asyncOf(...values));
}

function readableOf(values: AsyncGenerator<number>): ReadableStream<number> {
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await values.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

async function* asyncOf(...values: number[]): AsyncGenerator<number> {
  yield* values;
}

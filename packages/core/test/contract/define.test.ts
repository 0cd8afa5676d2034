import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { compatibility } from '../../src/contract/compare.ts';
import { isRefusal } from '../../src/handshake/messages.ts';
import {
  contract,
  isErrorOf,
  MuntinError,
  mutation,
  observable,
  type Procedures,
  query,
  type,
} from '../../src/index.ts';
import {
  Caller,
  compareContracts,
  createClient,
  listProcedures,
  pairHandlers,
  readLimits,
} from '../../src/internal.ts';

const named = (name: string, entry: Procedures[string]): Procedures => Object.fromEntries([[name, entry]]);
const minimal = { name: 'test/a', version: '1.0.0' };
const invalid = (message: string): unknown =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) });

describe('a contract', () => {
  it.each([
    ['name', '', '""'],
    ['name', undefined, 'undefined'],
    ['name', 5, '5'],
    ['name', 'x'.repeat(257), '"xxx'],
    ['version', '', '""'],
    ['version', undefined, 'undefined'],
    ['version', 1, '1'],
    ['version', '1', '"1"'],
    ['version', '1.0', '"1.0"'],
    ['version', 'v1.0.0', '"v1.0.0"'],
    ['version', '01.0.0', '"01.0.0"'],
    ['version', '1.0.0.0', '"1.0.0.0"'],
    ['version', '1.0.x', '"1.0.x"'],
    ['version', ' 1.0.0', '" 1.0.0"'],
    ['version', '1.0.0\n', '"1.0.0\\n"'],
    ['version', '^1.0.0', '"^1.0.0"'],
  ])('refuses the %s %j, naming it and its value', (option, value, shown) => {
    expect(() => contract({ ...minimal, [option]: value })).toThrow(invalid(option));
    expect(() => contract({ ...minimal, [option]: value })).toThrow(shown);
  });

  it.each([
    ['then', named('then', query()), '"then"'],
    ['a nested then', { a: named('then', query()) }, '"a.then"'],
    ['a group called then', named('then', { a: query() }), '"then"'],
    ['a path that is there twice', { 'a.b': query(), a: { b: query() } }, '"a.b" is there twice'],
    ['an empty name', { '': query() }, '""'],
    ['a nested empty name', { a: { '': query() } }, '"a."'],
    ['a path that is too long', { ['x'.repeat(200)]: { ['y'.repeat(56)]: query() } }, 'xxx'],
    ['what is no procedure', { a: 5 }, '"a" is 5'],
    ['a function', { a: () => 1 }, '"a" is function'],
    ['null', { a: null }, '"a" is null'],
    ['undefined deep inside', { a: { b: undefined } }, '"a.b"'],
  ])('refuses %s on either side', (_, procedures, message) => {
    expect(() => contract({ ...minimal, guest: procedures as unknown as Procedures })).toThrow(invalid(message));
    expect(() => contract({ ...minimal, host: procedures as unknown as Procedures })).toThrow(invalid(message));
  });

  it.each([
    ['buffer', { buffer: 0 }],
    ['buffer', { buffer: 1.5 }],
    ['buffer', { buffer: '5' }],
    ['overflow', { overflow: 'newest' }],
    ['overflow', { overflow: 'constructor' }],
    ['input', { input: 5 }],
    ['input', { input: { parse: () => 1 } }],
    ['output', { output: {} }],
    ['busy', { errors: { busy: 'text' } }],
  ])('refuses a wrong %s of a procedure', (name, options) => {
    expect(() => observable(options as never)).toThrow(invalid(name));
  });

  it('cannot be changed', () => {
    const made = contract({ ...minimal, guest: { a: query() } });
    expect(Object.isFrozen(made)).toBe(true);
    expect(Object.isFrozen(made.guest.a)).toBe(true);
  });

  it('may have names that every object has', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'kind', 'length', 'at', 'prototype'];
    const guest = Object.fromEntries(names.map((name) => [name, query<void, string>()]));
    const made = contract({ ...minimal, guest });
    expect([...listProcedures(made.guest).keys()]).toEqual(names);
    const client = createClient(made.guest, new Caller('host', readLimits()));
    expect(Object.getOwnPropertyNames(client)).toEqual(names);
    const served = pairHandlers(made.guest, Object.fromEntries(names.map((name) => [name, () => name])));
    expect(served.map(({ handler }) => handler(undefined, {} as never))).toEqual(names);
  });
});

describe('the list of procedures', () => {
  it('has each with its path, in the order of the contract', () => {
    const tree = { b: query(), a: { z: mutation(), y: { x: observable() } }, c: query() };
    expect([...listProcedures(tree).keys()]).toEqual(['b', 'a.z', 'a.y.x', 'c']);
    expect([...listProcedures(tree).values()].map(({ kind }) => kind)).toEqual([
      'query',
      'mutation',
      'observable',
      'query',
    ]);
  });

  it('knows a group that has a procedure called kind', () => {
    expect([...listProcedures({ a: { kind: query(), input: query() } }).keys()]).toEqual(['a.kind', 'a.input']);
  });
});

describe('a client', () => {
  const client = createClient({ a: query(), b: { c: observable() } }, new Caller('host', readLimits()));

  it('has its procedures and nothing else', () => {
    expect(Object.getPrototypeOf(client)).toBeNull();
    expect(Object.keys(client)).toEqual(['a', 'b']);
    expect(Object.keys(client.b)).toEqual(['c']);
    for (const name of ['then', 'constructor', 'toString', '__proto__', 'toJSON', Symbol.iterator])
      expect(Reflect.get(client, name)).toBeUndefined();
  });

  it('is not taken for a promise', async () => {
    expect(await Promise.resolve(client)).toBe(client);
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(client) && Object.isFrozen(client.b)).toBe(true);
  });
});

describe('handlers', () => {
  const procedures = { a: query(), b: { c: query() } };
  const handler = (): undefined => undefined;

  it.each([
    ['nothing', undefined, 'handlers.a is missing'],
    ['one that is missing', { b: { c: handler } }, 'handlers.a is missing'],
    ['a nested one that is missing', { a: handler, b: {} }, 'handlers.b.c is missing'],
    ['a group that is missing', { a: handler }, 'handlers.b.c is missing'],
    ['what is no function', { a: 5, b: { c: handler } }, 'handlers.a is 5'],
    ['null', { a: null, b: { c: handler } }, 'handlers.a is null'],
    ['one too many', { a: handler, b: { c: handler }, d: handler }, 'handlers.d serves no procedure'],
    ['a nested one too many', { a: handler, b: { c: handler, d: handler } }, 'handlers.b.d serves no procedure'],
    ['what every object inherits', { b: { c: handler } }, 'handlers.a is missing'],
  ])('refuse %s', (_, handlers, message) => {
    expect(() => pairHandlers(procedures, handlers)).toThrow(invalid(message));
  });

  it('may be methods of a class and of those that it extends; this is the object, and each is looked up once', () => {
    class Base {
      readonly #who = 'base';
      asked = 0;
      a(): string {
        return this.#who;
      }
    }
    class Desk extends Base {
      get b(): { readonly kept: number; c(): number } {
        this.asked++;
        return {
          kept: 7,
          c() {
            return this.kept;
          },
        };
      }
      helper(): void {}
    }
    const desk = new Desk();
    const served = pairHandlers(procedures, desk);
    Object.defineProperty(desk, 'a', { value: () => 'another' });
    expect(served.map(({ handler: run }) => run(undefined, {} as never))).toEqual(['base', 7]);
    expect(served.map(({ handler: run }) => run(undefined, {} as never))).toEqual(['base', 7]);
    expect(desk.asked).toBe(1);
  });

  it.each(['constructor', '__proto__', 'hasOwnProperty', 'toString'])(
    'never are %s of every object or class',
    (name) => {
      class Other {
        other(): void {}
      }
      const one = Object.fromEntries([[name, query()]]);
      for (const given of [new Other(), {}, Object.create(null), Object.create(Object.create(null))])
        expect(() => pairHandlers(one, given as object)).toThrow(invalid(`handlers.${name} is missing`));
    },
  );

  it('may have state of their own beside them', () => {
    expect(pairHandlers(procedures, { a: handler, b: { c: handler, rows: [1] }, count: 0 })).toHaveLength(2);
  });

  it('are paired with their procedures', () => {
    expect(pairHandlers(procedures, { b: { c: handler }, a: handler }).map(({ path }) => path)).toEqual(['a', 'b.c']);
  });
});

describe('compatibility', () => {
  it.each([
    ['1.2.3', '1'],
    ['10.0.0', '10'],
    ['0.1.2', '0.1'],
    ['0.0.1', '0.0'],
    ['1.0.0-beta.1', '1'],
    ['2.0.0+build.5', '2'],
    ['1.0', undefined],
    ['', undefined],
    ['1.0.0-', undefined],
    ['9'.repeat(10) + '.0.0', undefined],
    ['1.0.0-' + 'a'.repeat(65), undefined],
    ['__proto__', undefined],
  ])('of %s is %s', (version, part) => {
    expect(compatibility(version)).toBe(part);
  });

  it.each([
    ['1.0.0', '1.9.9', true],
    ['1.0.0', '2.0.0', false],
    ['0.1.0', '0.1.9', true],
    ['0.1.0', '0.2.0', false],
    ['0.1.0', '1.1.0', false],
    ['1.0.0', 'rubbish', false],
  ])('of %s with %s: %s', (own, peer, fits) => {
    const made = contract({ name: 'test/a', version: own });
    expect(compareContracts(made, { name: 'test/a', version: peer }, [], []) === undefined).toBe(fits);
  });

  it('needs the same name', () => {
    const made = contract(minimal);
    expect(compareContracts(made, { name: 'test/b', version: '1.0.0' }, [], [])).toContain('test/b');
  });

  it('names both versions and what is missing', () => {
    const made = contract(minimal);
    const text = compareContracts(made, { name: 'test/a', version: '2.0.0' }, ['x', 'y'], ['y']);
    expect(text).toContain('test/a 1.0.0');
    expect(text).toContain('test/a 2.0.0');
    expect(text).toMatch(/does not serve x$/);
  });

  it('is told in a text that a guest reads, however long the names are', () => {
    const made = contract({ name: 'n'.repeat(256), version: '1.0.0' });
    const wanted = Array.from({ length: 20 }, (_, index) => `${index}${'x'.repeat(250)}`);
    const message = compareContracts(made, { name: 'm'.repeat(256), version: 'v'.repeat(256) }, wanted, []);
    expect(isRefusal({ code: 'CONTRACT_MISMATCH', message })).toBe(true);
  });
});

describe('isErrorOf', () => {
  const order = mutation({ input: type<void>(), output: type<void>(), errors: { busy: v.number() } });

  it.each([
    ['a declared error', new MuntinError('busy', '', { data: 1 }), true],
    ['another error of ours', new MuntinError('LINK_CLOSED', ''), false],
    ['an inherited name', new MuntinError('constructor', ''), false],
    ['what looks like one', { code: 'busy', data: 1 }, false],
    ['an error with such a code', Object.assign(new Error('busy'), { code: 'busy' }), false],
    ['nothing', undefined, false],
  ])('knows %s: %s', (_, error, is) => {
    expect(isErrorOf(order, error)).toBe(is);
  });
});

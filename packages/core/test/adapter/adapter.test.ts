import { expect, it } from 'vitest';
import { changeOf, delegate, failureText } from '../../src/adapter/adapter.ts';
import { contract, mutation } from '../../src/contract/define.ts';
import { MuntinError } from '../../src/errors.ts';
import { pairHandlers } from '../../src/rpc/served.ts';

it('handlers are those of the moment, with the object that they belong to', () => {
  const nested = contract({
    name: 'a/b',
    version: '1.0.0',
    host: { say: mutation<string, string>(), in: { deep: mutation() } },
  });
  class Handlers {
    readonly #name: string;
    constructor(name: string) {
      this.#name = name;
    }
    say(text: string): string {
      return `${this.#name} ${text}`;
    }
  }
  let current: unknown = new Handlers('first');
  const made = delegate(nested.host, () => current);
  const say = made['say'] as (text: string) => string;
  expect(say('hello')).toBe('first hello');
  current = new Handlers('second');
  expect(say('hello')).toBe('second hello');
  expect(made['in']).toEqual({});
  current = {};
  expect(() => say('hello')).toThrow('handlers.say is not there any more');
});

it('what is misspelt stays, to be named; what a class has beside its handlers does not', () => {
  const { host } = contract({ name: 'a/b', version: '1.0.0', host: { say: mutation() } });
  const misspelt = delegate(host, () => ({ sya: () => 'hello' }));
  expect(() => pairHandlers(host, misspelt)).toThrow('handlers.sya serves no procedure');
  expect(() =>
    pairHandlers(
      host,
      delegate(host, () => ({ say: 'hello' })),
    ),
  ).toThrow('handlers.say is "hello"');
  class Handlers {
    readonly helper = (): string => 'hello';
    say(): string {
      return this.helper();
    }
  }
  expect(
    pairHandlers(
      host,
      delegate(host, () => new Handlers()),
    ).map(({ path }) => path),
  ).toEqual(['say']);
});

it('nothing that every object inherits is a handler', () => {
  const odd = contract({
    name: 'a/b',
    version: '1.0.0',
    host: { valueOf: mutation(), toString: mutation(), constructor: mutation() },
  });
  expect(Object.keys(delegate(odd.host, () => ({})))).toEqual([]);
  expect(Object.keys(delegate(odd.host, () => ({ toString: () => 'own' })))).toEqual(['toString']);
});

it('a context that is replaced is told by what has changed in it', () => {
  expect(changeOf({ a: 1, b: 2 }, { a: 1, b: 2 })).toBeUndefined();
  expect(changeOf({ a: 1, b: 2 }, { a: 1, c: NaN })).toEqual({ b: undefined, c: NaN });
  expect(changeOf(undefined, { a: 1 })).toEqual({ a: 1 });
  expect(changeOf({ a: 1 }, undefined)).toEqual({ a: undefined });
});

it('a person reads what has failed, what may help, and the code to tell', () => {
  const { text, remedy, retry } = failureText('Prices', new MuntinError('GUEST_UNREACHABLE', 'x'));
  expect([text, retry]).toEqual(['Prices could not be loaded.', 'Try again']);
  expect(remedy).toContain('GUEST_UNREACHABLE');
});

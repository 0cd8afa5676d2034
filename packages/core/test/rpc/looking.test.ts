import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { byReference, contract, observable, query } from '../../src/index.ts';
import { Caller, createClient, pairHandlers, readLimits } from '../../src/internal.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { turns } from '../fixtures/turns.ts';

/** What consoles, templates and tools do with any object. */
const looks: Readonly<Record<string, (value: unknown) => unknown>> = {
  'a template': (value) => `a ${value as string}`,
  'String()': String,
  'adding to a string': (value) => (value as string) + 'x',
  'Number()': Number,
  comparing: (value) => (value as number) > 1,
  '%s': (value) => format('%s', value),
  '%o %O %d %j': (value) => format('%o %O %d %j', value, value, value, value),
  inspect: (value) => inspect(value, { showHidden: true, depth: 9, getters: true }),
  'JSON.stringify': (value) => JSON.stringify({ value }),
  'a key': (value) => Reflect.get({}, value as string),
  'an array of it': (value) => String([value, [value]]),
  'Object.prototype.toString': (value) => Object.prototype.toString.call(value),
  awaiting: async (value) => Promise.resolve(value),
  keys: (value) => Object.keys(value as object).concat(Object.entries(value as object).join()),
  spreading: (value) => ({ ...(value as object) }),
  'expecting equality': (value) => expect(value).toEqual(value),
};

/** Names that some part of the language or a tool asks objects for. */
const names = [
  'toString',
  'valueOf',
  'constructor',
  '__proto__',
  'prototype',
  'hasOwnProperty',
  'inspect',
  'length',
  'name',
  'kind',
  'catch',
  'finally',
  'next',
  'a.b',
  ' ',
  'ünïcödé',
  '0',
  'x'.repeat(256),
];

const desk = contract({
  name: 'test/desk',
  version: '1.0.0',
  guest: {
    ...Object.fromEntries(names.map((name) => [name, query<string, string>()])),
    lend: query<void, object>(),
    group: { toString: query<void, string>() },
    ticks: observable<void, number>(),
  },
});

describe('looking at what is of the other side', () => {
  it.each(Object.entries(looks))('with %s calls nobody and throws nothing', async (_, look) => {
    const called: string[] = [];
    const note = (name: string) => () => {
      called.push(name);
      return name;
    };
    const methods = Object.fromEntries([...names, 'then', 'toJSON'].map((name) => [name, note(name)]));
    const { host } = openPair(desk, {
      host: {},
      guest: {
        ...Object.fromEntries(names.map((name) => [name, note(name)])),
        lend: () => byReference(methods),
        group: { toString: note('group') },
        ticks: () => (called.push('ticks'), [1]),
      },
    });
    const client = host.client as unknown as Record<string, unknown> & { lend(): Promise<object>; ticks(): object };
    const reference = await client.lend();
    const before = host.session.stats.sent;
    for (const value of [
      client,
      client['group'],
      client['kind'],
      reference,
      Reflect.get(reference, 'kind'),
      client.ticks(),
    ])
      await look(value);
    await turns(1);
    expect(called).toEqual([]);
    expect(host.session.stats.sent).toBe(before);
  });

  it('shows what it is', () => {
    const client = createClient({ a: query() }, new Caller('host', readLimits()));
    const text: (value: unknown) => string = String;
    expect(text(client)).toBe('[object Client]');
    expect(text(byReference({ toString: () => 'secret' }))).toBe('[object Reference]');
    expect(JSON.stringify({ client })).toBe('{"client":{}}');
  });
});

describe('every name that a contract can have', () => {
  it.each(names)('works: %j', async (name) => {
    const one = contract({
      name: 'test/one',
      version: '1.0.0',
      guest: Object.fromEntries([[name, query<string, string>()]]),
    });
    const handlers = Object.fromEntries([[name, (text: string) => `${text}!`]]);
    const { host } = openPair(one, { host: {}, guest: handlers });
    const call = Object.getOwnPropertyDescriptor(host.client, name)?.value as (text: string) => Promise<string>;
    expect(await call('yes')).toBe('yes!');
  });

  it.each(['then', 'toJSON', '', 'x'.repeat(257), 'x'.repeat(100_000)])(
    'or is refused when the contract is made: %.20s',
    (name) => {
      const side = Object.fromEntries([[name, query()]]);
      const make = (guest: object): object =>
        contract({ name: 'test/one', version: '1.0.0', guest: guest as typeof side });
      expect(() => make(side)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
      expect(() => make({ group: side })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
      expect(() => make(side)).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/s) }));
    },
  );

  it('that makes two paths the same is refused', () => {
    const guest = { 'a.b': query(), a: { b: query() } };
    expect(() => contract({ name: 'test/one', version: '1.0.0', guest })).toThrow('is there twice');
  });

  it('is served by class instances, too', () => {
    const served = pairHandlers(
      { 'a.b': query() },
      new (class {
        'a.b'(): string {
          return 'x';
        }
      })(),
    );
    expect(served.map(({ path }) => path)).toEqual(['a.b']);
  });
});

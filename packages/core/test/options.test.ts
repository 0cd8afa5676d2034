import { describe, expect, it } from 'vitest';
import { checkCodec } from '../src/codec/check-codec.ts';
import { superjsonCodec } from '../src/codec/superjson.ts';
import { wrap } from '../src/comlink/entry.ts';
import { checkIsContract } from '../src/contract/check.ts';
import { findNearest } from '../src/hints.ts';
import { contract, mutation, observable, query, type } from '../src/index.ts';
import { Lanes, ping, readLimits } from '../src/internal.ts';
import { defaultLimits } from '../src/link/limits.ts';
import { openPair } from './fixtures/open-pair.ts';
import { describeWrongOptions } from './fixtures/wrong-options.ts';

const c = contract({
  name: 'test/options',
  version: '1.0.0',
  guest: { echo: query<void, number>(), count: observable<void, number>() },
});
const open = () => openPair(c, { guest: { echo: () => 1, count: () => [1] }, host: {} });

const schemas = { input: type<string>(), output: type<string>(), errors: { outOfStock: type<object>() } };
const signal = () => ({ signal: new AbortController().signal, timeoutMs: 1000 });

describeWrongOptions([
  {
    name: 'contract',
    options: () => ({ name: 'test/one', version: '1.0.0', guest: {}, host: {}, context: type<object>() }),
    give: (options) => contract(options),
  },
  { name: 'query', options: () => schemas, give: (options) => query(options) },
  { name: 'mutation', options: () => schemas, give: (options) => mutation(options) },
  {
    name: 'observable',
    options: () => ({ ...schemas, overflow: 'latest', buffer: 2, resumable: true }),
    give: (options) => observable(options),
  },
  {
    name: 'limits',
    prefix: 'limits.',
    options: () => ({ ...defaultLimits }),
    give: (options) => readLimits(options),
  },
  {
    name: 'superjsonCodec',
    options: () => ({ classes: {}, symbols: {}, custom: {}, errorProperties: [] }),
    give: (options) => superjsonCodec(options),
  },
  {
    name: 'wrap',
    options: () => ({ methods: [], properties: [], construct: false, proxies: true, transferHandlers: [] }),
    give: (options) => wrap({ 'muntin.lanes': () => new Lanes('host', defaultLimits) }, 'db', options),
  },
  { name: 'a call', options: signal, give: (options) => open().host.client.echo(undefined, options) },
  {
    name: 'a subscription',
    options: () => ({ ...signal(), window: 16 }),
    give: (options) =>
      open()
        .host.client.count(undefined, options)
        .forEach(() => undefined),
  },
  { name: 'ping', options: signal, give: (options) => ping(open().host.caller, options) },
]);

describe('the nearest known name', () => {
  const known = ['url', 'into', 'title', 'handlers', 'onHandlerError', 'handshakeTimeoutMs', 'timeoutMs', 'signal'];

  it.each([
    ['fial', ['wait', 'fail'], 'fail'],
    ['FAIL', ['wait', 'fail'], 'fail'],
    ['timeout', known, 'handshakeTimeoutMs'],
    ['handler', known, 'handlers'],
    ['handlres', known, 'handlers'],
    ['onHandlerErorr', known, 'onHandlerError'],
    ['titel', known, 'title'],
    ['ulr', known, 'url'],
    ['src', known, undefined],
    ['', known, undefined],
    ['x', known, undefined],
    ['constructor', known, undefined],
    ['__proto__', known, undefined],
    ['y'.repeat(100_000), known, undefined],
  ])('of %s', (name, words, nearest) => {
    expect(findNearest(name, words)).toBe(nearest);
  });
});

describe('what is given as a contract', () => {
  it.each([undefined, null, {}, 'acme/ticker', { guest: {} }, [c]])('is refused where it is none: %s', (given) => {
    expect(() => checkIsContract(given)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('is taken where it is one', () => {
    expect(() => checkIsContract(c)).not.toThrow();
  });
});

describe('a codec', () => {
  const codec = { name: 'test/codec', encode: (value: unknown) => value, decode: (value: unknown) => value };

  it.each([
    ['no name', { ...codec, name: undefined }, 'codec.name is undefined: give a string of its own, of 1 to'],
    ['a number as its name', { ...codec, name: 7 }, 'codec.name is 7: give a string of its own, of 1 to'],
    ['an empty name', { ...codec, name: '' }, 'codec.name is "": give a string of its own, of 1 to'],
    [
      'a name that is too long',
      { ...codec, name: 'x'.repeat(257) },
      'give a string of its own, of 1 to 256 characters',
    ],
    ['the name of what everyone has', { ...codec, name: 'structured-clone' }, 'codec.name is "structured-clone": give'],
    ['no encode', { ...codec, encode: undefined }, 'codec "test/codec" has no encode()'],
    ['no decode', { ...codec, decode: 'json' }, 'codec "test/codec" has no decode()'],
  ])('is refused with %s', (_, given, text) => {
    expect(() => checkCodec(given)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) as unknown }),
    );
  });

  it('is taken, of a class too, and so is none', () => {
    class Own {
      readonly name = 'own';
      encode(value: unknown): unknown {
        return value;
      }
      decode(value: unknown): unknown {
        return value;
      }
    }
    for (const each of [codec, new Own(), undefined]) expect(() => checkCodec(each)).not.toThrow();
  });
});

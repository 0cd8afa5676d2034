import { beforeAll, describe, expect, it } from 'vitest';
import { superjsonCodec } from '../../src/codec/superjson.ts';
import { byReference, contract, observable, query } from '../../src/index.ts';
import { loadLazyPart } from '../../src/reference/lazy.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { rejection } from '../fixtures/turns.ts';

// A proxy of plain data crosses as the data. Of anything else it has nothing: it is refused, and not sent as a wreck.

const c = contract({
  name: 'test/proxies',
  version: '1.0.0',
  guest: { echo: query<unknown, unknown>(), give: query<unknown, unknown>(), stream: observable<unknown, unknown>() },
});

beforeAll(loadLazyPart);

const codecs = { 'structured clone': undefined, superjson: superjsonCodec() } as const;

function open(codec: (typeof codecs)[keyof typeof codecs]) {
  const state: { give?: unknown } = {};
  const { host } = openPair(c, {
    host: {},
    guest: { echo: (value) => value, give: () => state.give, stream: () => [0, state.give] },
    ...(codec === undefined ? {} : { codec }),
  });
  return { host, state };
}

type Carrier = (session: ReturnType<typeof open>, value: unknown) => Promise<unknown>;

const carriers: Readonly<Record<string, Carrier>> = {
  'an input': ({ host }, value) => host.client.echo({ value }),
  'an input beside a callback': ({ host }, value) => host.client.echo({ value, call: byReference(() => 1) }),
  'an input that waits': async ({ host }, value) => {
    const before = Array.from({ length: 1100 }, () => host.client.echo(0));
    const sent = host.client.echo({ value });
    await Promise.allSettled([...before, sent]);
    return sent;
  },
  'a result': ({ host, state }, value) => {
    state.give = { value };
    return host.client.give(0);
  },
  'a value of a stream that waits': async ({ host, state }, value) => {
    state.give = { value };
    let last: unknown;
    for await (const item of host.client.stream(0, { window: 1 })) last = item;
    return last;
  },
};

const targets: Readonly<Record<string, () => object>> = {
  'a date': () => new Date(0),
  'an error': () => new Error('x'),
  'a pattern': () => /a/,
  'a boxed number': () => Object(1) as object,
  'a boxed text': () => Object('ab') as object,
  bytes: () => new Uint8Array([1, 2]),
  'a buffer': () => new ArrayBuffer(3),
  'a map': () => new Map([[1, 2]]),
  'a set': () => new Set([1]),
};

describe.each(Object.entries(codecs))('with %s', (_codec, codec) => {
  // The codec reads all that there is of an error.
  const refused = Object.entries(targets).filter(([name]) => codec === undefined || name !== 'an error');

  describe.each(Object.entries(carriers))('%s', (_carrier, pass) => {
    it.each(refused)('refuses a proxy of something else than plain data: %s', async (_name, make) => {
      const session = open(codec);
      expect(await rejection(pass(session, [new Proxy(make(), {})]))).toMatchObject({
        code: 'VALUE_NOT_CLONEABLE',
        message: expect.stringMatching(/^(input|result|value)\.value\[0\] \(Proxy\) cannot cross/),
      });
      expect(await session.host.client.echo('alive')).toBe('alive');
    });

    it.each([
      ['an object', () => ({ a: [1] })],
      ['an array', () => [1, { a: 2 }]],
    ])('takes a proxy of plain data: %s', async (_name, make) => {
      const got = await pass(open(codec), [new Proxy(make(), {})]);
      expect(got).toMatchObject({ value: [make()] });
    });
  });
});

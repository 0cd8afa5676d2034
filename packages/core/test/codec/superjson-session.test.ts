import { lastValueFrom, of, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { customType, superjsonCodec } from '../../src/codec/superjson.ts';
import { byReference, contract, type MuntinError, observable, query, type Remote, transfer } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { rejection } from '../fixtures/turns.ts';

/** As decimal.js and big.js are, as far as a codec sees: digits in an object of a class. */
class Decimal {
  readonly digits: string;
  constructor(digits: string) {
    if (!/^-?\d+(\.\d+)?$/.test(digits)) throw new RangeError(`"${digits}" is no decimal number`);
    this.digits = digits;
  }
}
/** As Temporal.Instant is: no own properties, everything in private ones, and a text form. */
class Instant {
  readonly #ns: bigint;
  constructor(ns: bigint) {
    this.#ns = ns;
  }
  static from(text: unknown): Instant {
    if (typeof text !== 'string' || !/^\d{1,20}ns$/.test(text)) throw new RangeError('no instant');
    return new Instant(BigInt(text.slice(0, -2)));
  }
  toString(): string {
    return `${this.#ns}ns`;
  }
}
class Money {
  readonly amount: Decimal;
  constructor(amount: Decimal) {
    this.amount = amount;
  }
  get label(): string {
    return `${this.amount.digits} EUR`;
  }
}
const kind = Symbol('kind');
const codec = () =>
  superjsonCodec({
    classes: { Money },
    symbols: { kind },
    custom: {
      decimal: customType<Decimal>({
        isApplicable: (value) => value instanceof Decimal,
        serialize: ({ digits }) => digits,
        deserialize: (data) => new Decimal(String(data)),
      }),
      instant: customType<Instant>({
        isApplicable: (value) => value instanceof Instant,
        serialize: String,
        deserialize: (data) => Instant.from(data),
      }),
    },
    errorProperties: ['code'],
  });

const c = contract({
  name: 'test/superjson',
  version: '1.0.0',
  guest: { echo: query<unknown, unknown>(), stream: observable<unknown, unknown>() },
});
function open(echo: (input: never) => unknown = (input) => input) {
  const handle = echo as (input: unknown) => unknown;
  return openPair(c, {
    host: {},
    guest: { echo: handle, stream: (input) => of(input, handle(input)) },
    codec: codec(),
  });
}

const shared = { url: new URL('https://a.example/?q=1#h') };

describe('a session with the superjson codec', () => {
  it.each<[string, () => unknown, (got: never) => boolean]>([
    [
      'a URL',
      () => new URL('https://a.example/ä?b=c'),
      (got: URL) => got instanceof URL && got.href === 'https://a.example/%C3%A4?b=c',
    ],
    ['a Decimal', () => new Decimal('0.1000'), (got: Decimal) => got instanceof Decimal && got.digits === '0.1000'],
    [
      'a Temporal-like instant',
      () => new Instant(5n),
      (got: Instant) => got instanceof Instant && String(got) === '5ns',
    ],
    ['an instance', () => new Money(new Decimal('4.20')), (got: Money) => got.label === '4.20 EUR'],
    ['a symbol', () => ({ kind }), (got: { kind: symbol }) => got.kind === kind],
    ['undefined', () => undefined, (got: unknown) => got === undefined],
    ['undefined in an object', () => ({ a: undefined }), (got: object) => 'a' in got],
    ['undefined in a list', () => [undefined, null], (got: unknown[]) => got[0] === undefined && got[1] === null],
    [
      'minus zero and NaN',
      () => [-0, Number.NaN, -Infinity],
      (got: number[]) => Object.is(got[0], -0) && Number.isNaN(got[1]) && got[2] === -Infinity,
    ],
    ['a bigint', () => 2n ** 70n, (got: bigint) => got === 2n ** 70n],
    ['an invalid date', () => new Date(Number.NaN), (got: Date) => Number.isNaN(got.getTime())],
    ['a pattern', () => /a\/b/giu, (got: RegExp) => String(got) === '/a\\/b/giu'],
    [
      'a map in a set under a key of dots',
      () => ({ 'a.b\\c': new Set([new Map([[new Date(1), new Decimal('1')]])]) }),
      (got: Record<string, Set<Map<Date, Decimal>>>) =>
        [...(got['a.b\\c'] ?? [])].every((map) =>
          [...map].every(([key, value]) => key.getTime() === 1 && value.digits === '1'),
        ),
    ],
    ['shared objects', () => [shared, shared], (got: unknown[]) => got[0] === got[1]],
    [
      'a cycle',
      () => {
        const v: { self?: unknown; d: Decimal } = { d: new Decimal('1') };
        v.self = v;
        return v;
      },
      (got: { self: unknown }) => got.self === got,
    ],
    [
      'an error with a declared property',
      () => Object.assign(new RangeError('x'), { code: 'E1' }),
      (got: Error & { code: string }) => got instanceof RangeError && got.code === 'E1',
    ],
    [
      'a typed array beside a Decimal',
      () => ({ d: new Decimal('1'), v: new Float64Array([1, -0]) }),
      (got: { d: Decimal; v: Float64Array }) => got.d instanceof Decimal && Object.is(got.v[1], -0),
    ],
    [
      'a DataView beside a URL',
      () => [new URL('https://a.example'), new DataView(new ArrayBuffer(4), 1, 2)],
      (got: [URL, DataView]) => got[1].byteOffset === 1,
    ],
    [
      'a buffer beside a Decimal',
      () => ({ d: new Decimal('1'), b: new Uint8Array([1, 2]).buffer }),
      (got: { b: ArrayBuffer }) => got.b instanceof ArrayBuffer && got.b.byteLength === 2,
    ],
    [
      'a Blob beside a Decimal',
      () => ({ d: new Decimal('1'), b: new Blob(['x']) }),
      (got: { b: Blob }) => got.b instanceof Blob && got.b.size === 1,
    ],
    [
      'plain data that looks like a codec',
      () => ({ json: 1, meta: { values: { a: ['Date'] } } }),
      (got: { json: number }) => got.json === 1,
    ],
    ['a text', () => 'plain', (got: string) => got === 'plain'],
    ['an empty map', () => new Map(), (got: Map<unknown, unknown>) => got instanceof Map && got.size === 0],
    [
      'an object of 10,000 Decimals',
      () => Array.from({ length: 10_000 }, (_, n) => new Decimal(String(n))),
      (got: Decimal[]) => got[9999]?.digits === '9999',
    ],
  ])(
    'carries %s: as input, result and stream value',
    async (_name, make, check) => {
      const seen: unknown[] = [];
      const { host } = open((input) => (seen.push(input), input));
      const result = await host.client.echo(make());
      const values = await lastValueFrom(host.client.stream(make()).pipe(toArray()));
      for (const got of [...seen, result, ...values]) expect(check(got as never)).toBe(true);
      expect(seen).toHaveLength(2);
    },
    30_000,
  );

  it('gives up a buffer and a port beside a Decimal', async () => {
    const { host } = open();
    const buffer = new ArrayBuffer(1000);
    const { port1, port2 } = new MessageChannel();
    const value = { price: new Decimal('9.99'), bytes: new Uint8Array(buffer, 10), port: port2 };
    const got = (await host.client.echo(value).catch((error: MuntinError) => error)) as MuntinError;
    expect(got.message).toContain('input.port (');
    const sent = open((input: typeof value) => {
      input.port.postMessage('there');
      return { price: input.price, bytes: transfer(input.bytes, [input.bytes.buffer]) };
    });
    const heard = new Promise((resolve) => {
      port1.onmessage = ({ data }) => resolve(data);
    });
    const back = (await sent.host.client.echo(transfer(value, [buffer, port2]))) as typeof value;
    expect(buffer.byteLength).toBe(0);
    expect(back.price).toBeInstanceOf(Decimal);
    expect([back.bytes.byteOffset, back.bytes.byteLength]).toEqual([10, 990]);
    expect(await heard).toBe('there');
    port1.close();
  });

  it('passes callbacks and streams beside a Decimal, also deep in a large value', async () => {
    const { host } = open((input: { rows: { f: Remote<(d: Decimal) => string> | null }[] }) =>
      input.rows.at(-1)?.f?.(new Decimal('5')),
    );
    const rows = Array.from({ length: 2000 }, () => ({ price: new Decimal('1'), f: null as unknown }));
    rows.push({ price: new Decimal('2'), f: byReference((d: Decimal) => `${d.constructor.name} ${d.digits}`) });
    expect(await host.client.echo({ rows })).toBe('Decimal 5');
    expect(host.session.references).toBe(1);
  });

  it('names the path of what it cannot carry, as it is in the value', async () => {
    const { host } = open();
    const error = (await rejection(host.client.echo({ a: [new Decimal('1'), { f: () => 1 }] }))) as MuntinError;
    expect(error).toMatchObject({ code: 'VALUE_NOT_CLONEABLE' });
    expect(error.message).toContain('input.a[1].f (Function)');
    const lost = (await rejection(
      host.client.echo({ a: [Object.assign(new Error('x'), { secret: 1 })] }),
    )) as MuntinError;
    expect(lost).toMatchObject({ code: 'VALUE_NOT_CLONEABLE' });
    expect(lost.message).toContain(
      'input.a[0].secret (number) cannot cross to another page: name it in errorProperties',
    );
    expect(await host.client.echo(new Decimal('2'))).toEqual(new Decimal('2'));
  });

  it('fails the one call whose value nests too deep for superjson', async () => {
    const { host } = open();
    let deep: unknown = new Decimal('1');
    for (let level = 0; level < 20_000; level++) deep = { deep };
    const [refused, fine] = await Promise.allSettled([host.client.echo(deep), host.client.echo(1)]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'VALUE_NOT_CLONEABLE' } });
    expect(fine).toMatchObject({ value: 1 });
  });

  it('does not share what it registers with another codec', () => {
    const other = superjsonCodec();
    const encoded = structuredClone(codec().encode(new Decimal('1')));
    expect(() => other.decode(encoded)).toThrow('not registered');
  });

  it('ends with PROTOCOL_VIOLATION where the peer sends what its type refuses', async () => {
    const lying = superjsonCodec({
      custom: {
        decimal: customType<Decimal>({
          isApplicable: (value) => value instanceof Decimal,
          serialize: () => 'not a number',
          deserialize: () => new Decimal('0'),
        }),
      },
    });
    expect(() => codec().decode(structuredClone(lying.encode(new Decimal('1'))))).toThrow('is no decimal number');
  });
});

import { describe, expect, it, vi } from 'vitest';
import { contract, mutation, observable, query, secret, type } from '../../src/index.ts';
import { LANE } from '../../src/link/messages.ts';
import { preview } from '../../src/trace/preview.ts';
import { type TraceOptions, trace } from '../../src/trace/trace.ts';
import { openHostileHost } from '../fixtures/hostile-peer.ts';
import { openPair, type Pair } from '../fixtures/open-pair.ts';
import { rejection, until } from '../fixtures/turns.ts';

const shop = contract({
  name: 'test/shop',
  version: '1.0.0',
  guest: {
    quote: query<{ symbol: string }, number>(),
    signIn: mutation({ input: secret(type<string>()), output: type<void>() }),
    fail: query(),
    prices: observable<void, number>(),
  },
});

function open(options: TraceOptions): Pair<typeof shop> {
  return openPair(shop, {
    host: {},
    guest: {
      quote: () => 42,
      signIn: () => undefined,
      fail: () => {
        throw new Error('no');
      },
      prices: () => [1, 2],
    },
    use: { host: [trace(options)] },
  });
}
const normal = (line: string): string => line.replace(/\+\d+\.\d ms/, '+T ms').replace(/\d+ B\b/, 'N B');

describe('trace', () => {
  it('writes a line for each message', async () => {
    const lines: string[] = [];
    const { host } = open({ label: 'shop', log: (line) => void lines.push(line) });
    await host.client.quote({ symbol: 'ACME' });
    for await (const price of host.client.prices(undefined, { window: 8 })) expect(price).toBeGreaterThan(0);
    await rejection(host.client.fail());
    expect(lines.map(normal).filter((line) => !line.includes('credit,'))).toEqual([
      'shop +T ms → note +muntin/context, N B',
      'shop +T ms → call quote #1, N B',
      'shop +T ms ← ready, N B',
      'shop +T ms ← result quote #1, N B',
      'shop +T ms → subscribe prices #3, credit 8, N B',
      'shop +T ms ← values prices #3, 2 values, N B',
      'shop +T ms ← complete prices #3, N B',
      'shop +T ms → call fail #5, N B',
      'shop +T ms ← failure fail #5, "HANDLER_FAILED", N B',
    ]);
  });

  it('shows values where it is asked to, and never a secret', async () => {
    const lines: string[] = [];
    const { host } = open({ values: true, log: (line) => void lines.push(line) });
    await host.client.quote({ symbol: 'ACME' });
    await host.client.signIn('p4ssw0rd');
    expect(lines.filter((line) => line.includes('#')).map(normal)).toEqual([
      'muntin +T ms → call quote #1, N B: {symbol: "ACME"}',
      'muntin +T ms ← result quote #1, N B: 42',
      'muntin +T ms → call signIn #3, N B: (secret)',
      'muntin +T ms ← result signIn #3, N B',
    ]);
    expect(lines.join()).not.toContain('p4ssw0rd');
  });

  it('filters, and hands the event to the callback', async () => {
    const kinds: string[] = [];
    const { host } = open({
      filter: (event) => event.type === 'message' && event.path === 'quote',
      log: (_, event) => void kinds.push(event.type === 'message' ? event.kind : event.name),
    });
    await host.client.quote({ symbol: 'ACME' });
    await host.client.signIn('x');
    expect(kinds).toEqual(['call', 'result']);
  });

  it('goes on and off for a mount that is there, and writes to the console', async () => {
    const { host } = open({ filter: () => false });
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const stop = trace(host);
    await host.client.quote({ symbol: 'A' });
    stop();
    await host.client.quote({ symbol: 'B' });
    const lines = log.mock.calls.map(([line]) => normal(String(line)));
    log.mockRestore();
    expect(lines.filter((line) => line.includes('quote'))).toEqual([
      'muntin +T ms → call quote #1, N B',
      'muntin +T ms ← result quote #1, N B',
    ]);
  });

  it('refuses wrong options', () => {
    expect(() => trace({ labels: 'x' } as never)).toThrow('trace has no option "labels"');
    expect(() => trace({ values: 'yes' } as never)).toThrow('values is "yes"');
    expect(() => trace({} as never, {})).toThrow('give a mount');
  });
});

describe('a value in a line', () => {
  it.each([
    ['text', '"text"'],
    ['line\nbreak \u202e\u009b', '"line\\nbreak \\u202e\\u009b"'],
    [{ a: [1, null, undefined], 'b c': true }, '{a: [1, null, undefined], "b c": true}'],
    [{ a: { b: { c: { d: 1 } } } }, '{a: {b: {c: {…}}}}'],
    [new Map([[1, 2]]), 'Map'],
    [10n ** 100n, 'a bigint'],
    [() => 1, 'a function'],
    [[], '[]'],
  ])('%o', (value, text) => {
    expect(preview(value)).toBe(text);
  });

  it('is short, whatever its size, and runs no accessor', () => {
    const long = Array.from({ length: 1_000_000 }, () => 1);
    expect(preview(long)).toBe(`[${'1, '.repeat(10)}999990 more]`);
    expect(preview('x'.repeat(10_000_000))).toHaveLength(200);
    const trap = Object.defineProperty({}, 'x', { enumerable: true, get: () => expect.unreachable() });
    expect(preview(trap)).toBe('{x: (getter)}');
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(preview(circle)).toBe('{self: {self: {self: {…}}}}');
  });
});

it('keeps each message in its line, whatever a peer calls a lane', async () => {
  const lines: string[] = [];
  const peer = openHostileHost(shop, { use: [trace({ label: 'shop', log: (line) => void lines.push(line) })] });
  peer.post([[LANE, 'x\nshop +9.9 ms → result signIn #1\u001b[2K', { a: 1 }, []]]);
  await until(() => lines.some((line) => line.includes('lane')));
  expect(lines.filter((line) => /[\n\u001b]/.test(line))).toEqual([]); // oxlint-disable-line no-control-regex -- what is looked for
  expect(lines.map(normal)).toContainEqual(expect.stringContaining('lane "x\\nshop'));
});

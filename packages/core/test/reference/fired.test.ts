import { describe, expect, it } from 'vitest';
import { superjsonCodec } from '../../src/codec/superjson.ts';
import { contract, mutation, observable, query } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';

interface Given {
  readonly signal: AbortSignal;
}

const desk = contract({
  name: 'test/fired',
  version: '1.0.0',
  guest: { take: mutation<Given, unknown>(), give: query<void, Given>(), stream: observable<void, Given>() },
});

const pairs = contract({
  name: 'test/fired-twice',
  version: '1.0.0',
  guest: { same: mutation<{ readonly one: AbortSignal; readonly other: AbortSignal }, unknown>() },
});

const seen = ({ signal }: Given): unknown => {
  const reason: unknown = signal.reason;
  return [signal.aborted, reason instanceof Error ? `${reason.name}: ${reason.message}` : reason];
};

/** Makes a signal, and what is seen of it on the other side. */
const signals: readonly (readonly [how: string, make: () => AbortSignal, reason: unknown])[] = [
  // Node 20 clones a DOMException to an empty object.
  ['without a reason', () => AbortSignal.abort(), expect.anything()],
  ['with a text', () => AbortSignal.abort('enough'), 'enough'],
  ['with an error', () => AbortSignal.abort(new RangeError('too far')), 'RangeError: too far'],
  ['with data', () => AbortSignal.abort({ by: 'the user' }), { by: 'the user' }],
];

describe.each([
  ['structured clone', undefined],
  ['superjson', superjsonCodec()],
])('a signal that has fired before it is passed, by %s', (_, codec) => {
  const open = (make: () => AbortSignal) =>
    openPair(desk, {
      host: {},
      guest: {
        take: seen,
        give: () => ({ signal: make() }),
        *stream() {
          yield { signal: make() };
        },
      },
      ...(codec && { codec }),
    }).host.client;

  it.each(signals)(
    'has fired where it arrives: in an input, a result and a stream value, %s',
    async (_how, make, reason) => {
      const client = open(make);
      expect(await client.take({ signal: make() })).toEqual([true, reason]);
      expect(seen(await client.give())).toEqual([true, reason]);
      for await (const value of client.stream()) expect(seen(value)).toEqual([true, reason]);
    },
  );

  it('has fired again when it is passed again, and beside others of its turn', async () => {
    const client = open(() => AbortSignal.abort());
    const signal = AbortSignal.abort('enough');
    const all = [1, 2, 3].map(() => client.take({ signal }));
    expect(await Promise.all(all)).toEqual([1, 2, 3].map(() => [true, 'enough']));
    expect(await client.take({ signal })).toEqual([true, 'enough']);
  });

  it('is one and the same in two places of a value, and has fired in both', async () => {
    const client = openPair(pairs, {
      host: {},
      guest: { same: ({ one, other }) => [one === other, one.aborted, other.aborted] },
      ...(codec && { codec }),
    }).host.client;
    const signal = AbortSignal.abort('enough');
    expect(await client.same({ one: signal, other: signal })).toEqual([true, true, true]);
  });

  it('fires with the reason of the platform where its own cannot cross', async () => {
    const client = open(() => AbortSignal.abort());
    const [, reason] = (await client.take({ signal: AbortSignal.abort('x'.repeat(10_000)) })) as [boolean, string];
    expect(reason).toContain('AbortError');
  });
});

import { assert, asyncProperty, boolean, constantFrom } from 'fast-check';
import { Observable } from 'rxjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { superjsonCodec } from '../../src/codec/superjson.ts';
import { isMuntinError } from '../../src/errors.ts';
import { byReference, type Codec, contract, MuntinError, observable, query, transfer, type } from '../../src/index.ts';
import { loadLazyPart } from '../../src/reference/lazy.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { compare, culprit } from './compare.ts';
import { build, Known, KnownError, knownSymbol, type Live, type Recipe, recipes, Unknown } from './graphs.ts';

// A longer run: VALUES_RUNS=20000 npx vitest run --project unit packages/core/test/exact; what it found is run again with its VALUES_SEED.
const runs = Number(process.env['VALUES_RUNS'] ?? 30);
const seed = Number(process.env['VALUES_SEED'] ?? 16);

vi.setConfig({ testTimeout: 20_000 + 20 * runs });
beforeAll(loadLazyPart); // the first value of a page waits for it, and is read then

const procedures = {
  take: query<unknown, unknown>(),
  give: query<void, unknown>(),
  later: query<void, unknown>(),
  fail: query({ input: type<void>(), errors: { bad: type<unknown>() } }),
  stream: observable<void, unknown>(),
  hold: query<(value: unknown) => Promise<unknown>, unknown>(),
} as const;
const c = contract({ name: 'test/exact', version: '1.0.0', host: procedures, guest: procedures });

const codecs: Readonly<Record<string, () => Codec | undefined>> = {
  'structured clone': () => undefined,
  superjson: () => superjsonCodec({ classes: { Known, KnownError }, symbols: { known: knownSymbol } }),
};

/** Passes a value, changes it as soon as it is passed, and answers with what has arrived; or with why it was refused. */
type Pass = (value: unknown, passed: () => void) => Promise<unknown>;

function start(codec: Codec | undefined) {
  let got: unknown;
  let refused: unknown;
  let give = (): unknown => undefined;
  const handlers = {
    take: (value: unknown) => {
      got = value;
    },
    give: () => give(),
    later: async () => {
      await Promise.resolve();
      return give();
    },
    fail: () => {
      throw new MuntinError('bad', 'declared', { data: give() });
    },
    stream: () =>
      new Observable((subscriber) => {
        // The first takes all of the credit where the window is 1: the second waits.
        subscriber.next('first');
        subscriber.next(give());
        subscriber.complete();
      }),
    hold: async (call: (value: unknown) => Promise<unknown>) => {
      refused = undefined;
      try {
        return await call(give());
      } catch (error) {
        refused = error;
        return undefined;
      }
    },
  };
  const pair = openPair(c, { host: handlers, guest: handlers, ...(codec === undefined ? {} : { codec }) });
  /** In a handler the value is passed when it returns, and everything after that is later. */
  const returned = (value: unknown, passed: () => void) => (): unknown => {
    void Promise.resolve().then(() => Promise.resolve().then(() => Promise.resolve().then(passed)));
    return value;
  };
  const fail = (why: unknown): never => {
    throw why instanceof Error ? why : new Error(String(why));
  };
  const carriers = ({ client }: (typeof pair)['host']): Readonly<Record<string, Pass>> => ({
    'the input of a call': async (value, passed) => {
      const answer = client.take(value);
      passed();
      await answer;
      return got;
    },
    'a result': async (value, passed) => {
      give = returned(value, passed);
      return client.give();
    },
    'a result that is promised': async (value, passed) => {
      give = returned(value, passed);
      return client.later();
    },
    'a value of a stream': (value, passed) => {
      give = returned(value, passed);
      return lastOf(client.stream());
    },
    'a value of a stream that waits for credit': async (value, passed) => {
      give = returned(value, passed);
      let last: unknown;
      for await (const item of client.stream(undefined, { window: 1 })) last = item;
      return last;
    },
    'an argument of a callback': async (value, passed) => {
      let arrived: unknown;
      give = returned(value, passed);
      await client.hold(
        byReference(async (argument: unknown) => {
          arrived = argument;
        }),
      );
      if (refused !== undefined) return fail(refused);
      return arrived;
    },
    'a result of a callback': async (value, passed) => {
      give = () => undefined;
      const answer = await client.hold(byReference(async () => returned(value, passed)()));
      if (refused !== undefined) return fail(refused);
      return answer;
    },
  });
  return { pair, carriers };
}

async function lastOf(stream: AsyncIterable<unknown> & Observable<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let last: unknown;
    stream.subscribe({ next: (value) => (last = value), error: reject, complete: () => resolve(last) });
  });
}

/** Whether a refusal that names it is right. */
function isOffence(part: unknown, live: ReadonlyMap<object, Live>, hasCodec: boolean): boolean {
  if (typeof part === 'symbol') return !hasCodec || part !== knownSymbol;
  if (typeof part === 'function') return true;
  if (part instanceof WeakMap || (part instanceof URL && !hasCodec)) return true;
  if (part instanceof Unknown) return hasCodec;
  if (part instanceof Error) return !hasCodec && isInCircle(part);
  return typeof part === 'object' && part !== null && live.has(part);
}

/** Whether an error is a part of its own cause: engines cannot read such a one. */
function isInCircle(error: Error): boolean {
  const seen = new Set<unknown>();
  const open: unknown[] = [error.cause];
  for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
    if (node === error) return true;
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    if (node instanceof Error) open.push(node.cause);
    else if (node instanceof Map) open.push(...node.keys(), ...node.values());
    else if (node instanceof Set) open.push(...node);
    else if (!ArrayBuffer.isView(node)) open.push(...(Object.values(node) as unknown[]));
  }
  return false;
}

/** Everything in it, and whether something live is there that only errors lead to. */
function survey(root: unknown, live: ReadonlyMap<object, Live>, hasCodec: boolean) {
  const seen = new Set<unknown>();
  let hasOffence = false;
  const inErrors: unknown[] = [];
  const walk = (from: unknown): void => {
    const open: unknown[] = [from];
    for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
      if ((typeof node !== 'object' && typeof node !== 'function' && typeof node !== 'symbol') || node === null)
        continue;
      if (seen.has(node)) continue;
      seen.add(node);
      if (typeof node === 'object' && live.has(node)) continue;
      if (typeof node === 'function' && live.has(node)) continue;
      hasOffence ||= isOffence(node, live, hasCodec);
      if (node instanceof Error) inErrors.push(node.cause);
      else if (node instanceof Map) open.push(...node.keys(), ...node.values());
      else if (node instanceof Set) open.push(...node);
      else if (typeof node === 'object' && !ArrayBuffer.isView(node)) open.push(...(Object.values(node) as unknown[]));
    }
  };
  walk(root);
  const outside = new Set(seen);
  for (const cause of inErrors) walk(cause);
  const hasLiveInError = [...live.keys()].some((part) => seen.has(part) && !outside.has(part));
  return { hasOffence, hasLiveInError };
}

async function checkLive({ live: { kind, tag }, got }: { live: Live; got: unknown }): Promise<void> {
  switch (kind) {
    case 'function':
      return expect(await (got as () => Promise<unknown>)()).toBe(tag);
    case 'methods':
      return expect(await (got as { tag(): Promise<unknown> }).tag()).toBe(tag);
    case 'promise':
      return expect(await (got as Promise<unknown>)).toBe(tag);
    case 'signal':
      return expect(got).toBeInstanceOf(AbortSignal);
    case 'subject':
      return expect(got).toBeInstanceOf(Observable);
    default:
      return expect(await lastOf(got as Observable<unknown> & AsyncIterable<unknown>)).toBe(tag);
  }
}

/** Passes one value, and says what is wrong with what came of it. */
async function play(
  pass: Pass,
  recipe: Recipe,
  hasCodec: boolean,
  isArgument: boolean,
  transfers: boolean,
): Promise<void> {
  const sent = build(recipe);
  const same = build(recipe);
  const { hasOffence, hasLiveInError } = survey(same.value, same.live, hasCodec);
  const isGood = !hasOffence && !hasLiveInError;
  const value = transfers ? transfer(sent.value, sent.buffers) : sent.value;
  let got: unknown;
  let isGone = false;
  try {
    got = await pass(value, () => {
      isGone = sent.buffers.every(({ byteLength }) => byteLength === 0);
      sent.spoil();
    });
  } catch (error) {
    if (!isMuntinError(error) || error.code !== 'VALUE_NOT_CLONEABLE') throw error;
    const { message } = error;
    if (isGood) throw new Error(`it is fine, but was refused: ${message}`, { cause: error });
    const found = culprit(isArgument ? [same.value] : same.value, message, same.live);
    if (!isOffence(found, same.live, hasCodec))
      throw new Error(`"${message}" does not lead to a culprit`, { cause: error });
    return;
  }
  const { difference, arrived } = compare(same.value, got, same.live, hasCodec);
  expect(difference).toBeUndefined();
  expect(isGood, 'it was not refused').toBe(true);
  expect(isGone || !transfers, 'what was given away is still there').toBe(true);
  for (const part of arrived) await checkLive(part);
}

describe.each(Object.entries(codecs))('with %s', (name, codec) => {
  const hasCodec = name === 'superjson';

  it.each(['host', 'guest'] as const)(
    'what the %s passes is what arrives, or is refused with its path',
    async (side) => {
      let { pair, carriers } = start(codec());
      const names = Object.keys(carriers(pair[side]));
      await assert(
        asyncProperty(
          constantFrom(...names),
          recipes({ live: true, offences: true, urls: hasCodec }),
          boolean(),
          async (carrier, recipe, transfers) => {
            const pass = carriers(pair[side])[carrier];
            const outcome = await play(
              pass as Pass,
              recipe,
              hasCodec,
              carrier === 'an argument of a callback',
              transfers,
            ).catch((error: unknown) => ({ error }));
            const ended = pair.host.ended ?? pair.guest.ended;
            if (ended !== undefined) ({ pair, carriers } = start(codec()));
            expect(ended?.message).toBeUndefined();
            if (outcome !== undefined) throw outcome.error;
          },
        ),
        { seed, numRuns: runs * names.length },
      );
    },
  );
});

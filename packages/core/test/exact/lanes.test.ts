import { assert, asyncProperty, constantFrom } from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { exposeLane, wrap } from '../../src/comlink/entry.ts';
import { contract } from '../../src/index.ts';
import { mayContainReference } from '../../src/reference/detect.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { compare } from './compare.ts';
import { build, type Recipe, recipes } from './graphs.ts';

const runs = Number(process.env['VALUES_RUNS'] ?? 30) * 5;
const seed = Number(process.env['VALUES_SEED'] ?? 16);

vi.setConfig({ testTimeout: 20_000 + 20 * runs });

const c = contract({ name: 'test/exact-lanes', version: '1.0.0' });

type Api = { take(value: unknown): void; give(): unknown };

function start() {
  let got: unknown;
  let give = (): unknown => undefined;
  const pair = openPair(c, { host: {}, guest: {} });
  const api: Api = {
    take: (value) => {
      got = value;
    },
    give: () => give(),
  };
  exposeLane({ 'muntin.lanes': () => pair.guest.lanes }, 'values', api);
  const lane = wrap<Api>({ 'muntin.lanes': () => pair.host.lanes }, 'values');
  /** Passes a value, changes it as soon as it is passed, and answers with what has arrived. */
  const carriers: Readonly<Record<string, (value: unknown, passed: () => void) => Promise<unknown>>> = {
    'an argument': async (value, passed) => {
      const answer = lane.take(value);
      passed();
      await answer;
      return got;
    },
    'a result': async (value, passed) => {
      give = () => {
        void Promise.resolve().then(() => Promise.resolve().then(() => Promise.resolve().then(passed)));
        return value;
      };
      return lane.give();
    },
  };
  return { pair, carriers };
}

describe('a value on a lane', () => {
  it('arrives as it was when it was passed, or is refused', async () => {
    let { pair, carriers } = start();
    await assert(
      asyncProperty(
        constantFrom(...Object.keys(carriers)),
        recipes({ live: true, offences: true, urls: false }),
        async (carrier, recipe) => {
          const outcome = await play(carriers[carrier], recipe).catch((error: unknown) => ({ error }));
          const ended = pair.host.ended ?? pair.guest.ended;
          if (ended !== undefined) ({ pair, carriers } = start());
          expect(ended?.message).toBeUndefined();
          if (outcome !== undefined) throw outcome.error;
        },
      ),
      { seed, numRuns: runs },
    );
  });
});

async function play(
  pass: ((value: unknown, passed: () => void) => Promise<unknown>) | undefined,
  recipe: Recipe,
): Promise<void> {
  const sent = build(recipe);
  const same = build(recipe);
  let got: unknown;
  try {
    got = await pass?.(sent.value, () => sent.spoil());
  } catch (error) {
    // The last is Comlink's own.
    if (
      !/could not be cloned|deserialize cloned data|would cross as a wreck|Unserializable return value/u.test(
        String(error),
      )
    )
      throw error;
    if (!mayContainReference(same.value, true) && isCloneable(same.value))
      throw new Error('it was refused', { cause: error });
    return;
  }
  const { difference, arrived } = compare(same.value, got, same.live, false);
  expect(difference).toBeUndefined();
  expect(arrived, 'something live has arrived as a wreck').toEqual([]);
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

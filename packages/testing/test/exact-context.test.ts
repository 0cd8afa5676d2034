import { contract, MuntinError, query, type } from '@muntin/core';
import { assert, asyncProperty } from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { compare, culprit } from '../../core/test/exact/compare.ts';
import { build, type Live, type Recipe, recipes } from '../../core/test/exact/graphs.ts';
import { type TestMount, testMount } from '../src/index.ts';

// A longer run: VALUES_RUNS=20000 npx vitest run --project unit packages/testing/test/exact-context.test.ts
const runs = Number(process.env['VALUES_RUNS'] ?? 30) * 5;
const seed = Number(process.env['VALUES_SEED'] ?? 16);

vi.setConfig({ testTimeout: 20_000 + 20 * runs });

const c = contract({
  name: 'test/exact-context',
  version: '1.0.0',
  guest: { look: query<void, void>() },
  context: type<{ value: unknown }>(),
});

async function start(): Promise<TestMount<typeof c>> {
  const test = testMount(c, { guest: { handlers: { look: () => undefined } }, host: { context: { value: 0 } } });
  onTestFinished(() => test.unmount());
  await test.widget.ready;
  return test;
}

/** Sets a value as the context, changes it as soon as it is set, and says what is wrong with what the guest has. */
async function play(test: TestMount<typeof c>, recipe: Recipe): Promise<void> {
  const sent = build(recipe);
  const same = build(recipe);
  try {
    test.widget.setContext({ value: sent.value });
  } catch (error) {
    if (!(error instanceof MuntinError) || error.code !== 'VALUE_NOT_CLONEABLE') throw error;
    const { message } = error;
    // What clones in silence is named behind the context, which would have been cloned.
    const named = message.endsWith('is live; pass it in a call') ? (message.split(': ').at(-1) ?? '') : message;
    const found = culprit({ value: same.value }, named, same.live);
    if (!isOffence(found, same.live))
      throw new Error(`"${error.message}" does not lead to a culprit`, { cause: error });
    return;
  }
  sent.spoil();
  await test.widget.guest.look(); // what was sent before it has arrived
  const { difference, arrived } = compare(same.value, test.shell.context?.value, same.live, false);
  expect(difference).toBeUndefined();
  expect(arrived, 'something live was not refused').toEqual([]);
}

/** Whether a refusal that names it is right. */
function isOffence(part: unknown, live: ReadonlyMap<object, Live>): boolean {
  if (typeof part === 'object' && part !== null && live.has(part)) return true;
  try {
    structuredClone(part);
    return false;
  } catch {
    return true;
  }
}

describe('a context', () => {
  it('arrives as it was when it was set, or is refused with its path', async () => {
    let test = await start();
    await assert(
      asyncProperty(recipes({ live: true, offences: true, urls: false }), async (recipe) => {
        const outcome = await play(test, recipe).catch((error: unknown) => ({ error }));
        const { name } = test.widget.state;
        if (name !== 'ready') test = await start();
        expect(name).toBe('ready');
        if (outcome !== undefined) throw outcome.error;
      }),
      { seed, numRuns: runs },
    );
  });
});

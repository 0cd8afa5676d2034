import { describe, expect, it } from 'vitest';
import * as drivers from './drivers.ts';
import { explore } from './explore.ts';
import { type Mutation, mutate } from './mutant.ts';
import { mutantStories, shortStories } from './stories.ts';

describe('the handshake, in every order', () => {
  it.each(shortStories)(
    'opens with its guest or with nobody, and never hangs: $name',
    ({ name, budgets, depth }) => {
      const found = explore({ drivers, budgets, depth });
      process.stdout.write(`explored ${name}: ${found.steps} interleavings, ${found.worlds} worlds\n`);
      expect(found.violation).toBeUndefined();
    },
    60_000,
  );
});

const mutants: readonly (readonly [what: string, mutation: Mutation, found: RegExp])[] = [
  [
    'a check that holds nothing',
    {
      file: 'accept.ts',
      from: "case 'check':\n        this.#proof.forget();\n        this.#events.hold();",
      to: "case 'check':\n        this.#proof.forget();",
    },
    /session is not held/,
  ],
  [
    'a load that is not noticed while open',
    {
      file: 'machine.ts',
      from: "second: ['open', 'refuse'],\n      load: ['held', 'check'],",
      to: "second: ['open', 'refuse'],",
    },
    /call of document 1 is dispatched after document 2|open with a \w+ in the frame/,
  ],
  [
    'a load that is not noticed while opening',
    { file: 'machine.ts', from: "ready: ['held', 'opened', 'check'],", to: "ready: ['open', 'opened']," },
    /call of document 1 is dispatched after document 2|open with a \w+ in the frame/,
  ],
  [
    'a hello that repeats and begins a second session',
    { file: 'machine.ts', from: "again: ['opening', 'dismiss'],", to: "again: ['opening', 'replace', 'welcome']," },
    /has had 2 sessions|host \w+, guest/,
  ],
  [
    'a guest that says goodbye on the port of its session',
    { file: 'connect.ts', from: "this.#ports.delete(port); // it is the session's now", to: '' },
    /host \w+, guest|has had/,
  ],
  [
    'a mount that is deaf when it has failed',
    { file: 'machine.ts', from: "hello: ['opening', 'revive', 'welcome'],", to: "hello: ['failed', 'dismiss']," },
    /host failed, guest calling/,
  ],
  [
    'a session that a restart leaves open',
    { file: 'machine.ts', from: "restart: ['waiting', 'end'],", to: "restart: ['waiting']," },
    /waiting with a session/,
  ],
  [
    'a contract that does not fit and is welcomed',
    { file: 'visitors.ts', from: 'const misfit = this.#misfit(data);', to: 'const misfit = undefined;' },
    /welcomes older/,
  ],
  [
    'a check whose answer is not heard',
    { file: 'machine.ts', from: "here: ['open', 'release'],", to: '' },
    /host held, guest open/,
  ],
];

describe('the explorer', () => {
  it.each(mutants)(
    'finds %s',
    async (_, mutation, found) => {
      const mutant = await mutate(mutation);
      let what: string | undefined;
      for (const { budgets, depth } of [...mutantStories, ...shortStories]) {
        what = explore({ drivers: mutant, budgets, depth }).violation?.what;
        if (what !== undefined) break;
      }
      expect(what).toMatch(found);
    },
    120_000,
  );
});

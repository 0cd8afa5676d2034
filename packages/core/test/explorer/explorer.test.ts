import { afterEach, describe, expect, it } from 'vitest';
import {
  type GuestEffect,
  type GuestSignalName,
  type GuestState,
  guestTable,
  type HostEffect,
  type HostSignalName,
  type HostState,
  hostTable,
  type Step,
  type Table,
} from '../../src/handshake/machine.ts';
import { type Exploration, explore } from './explore.ts';
import { overtaking, type Tables } from './model.ts';
import { shortStories } from './stories.ts';

const real: Tables = { host: hostTable, guest: guestTable };

/** The real tables with one entry of the host's replaced, or taken out. */
function broken(state: HostState, signal: HostSignalName, step: Step<HostState, HostEffect> | undefined): Tables {
  const row: Table<HostState, HostSignalName, HostEffect>[HostState] = { ...hostTable[state] };
  return { ...real, host: { ...hostTable, [state]: { ...row, [signal]: step } } };
}

function brokenGuest(
  state: GuestState,
  signal: GuestSignalName,
  step: Step<GuestState, GuestEffect> | undefined,
): Tables {
  return { ...real, guest: { ...guestTable, [state]: { ...guestTable[state], [signal]: step } } };
}

/** Walks the short stories until one ends in what must not be. */
function findViolation(tables: Tables): Exploration['violation'] {
  for (const { budgets, depth } of shortStories) {
    const { violation } = explore({ tables, budgets, depth });
    if (violation !== undefined) return violation;
  }
  return undefined;
}

afterEach(() => {
  overtaking.isOn = false;
});

describe('the handshake, in every order', () => {
  it.each(shortStories)('opens with its guest or with nobody, and never hangs: $name', ({ name, budgets, depth }) => {
    const found = explore({ tables: real, budgets, depth });
    process.stdout.write(`explored ${name}: ${found.worlds} worlds, ${found.steps} steps\n`);
    expect(found.violation).toBeUndefined();
    expect(found.isExhausted || found.depth === depth).toBe(true);
  }, 60_000);
});

describe('the explorer', () => {
  it.each<[string, Tables, RegExp]>([
    [
      'a doubted session that opens without a check',
      broken('doubted', 'ready', ['open', 'opened']),
      /is dispatched after document 2/,
    ],
    ['a load that is not noticed while open', broken('open', 'load', undefined), /is dispatched after document 2/],
    ['a load that is not noticed while opening', broken('opening', 'load', undefined), /is dispatched after document 2/],
    ['a held session that is released by silence', broken('held', 'silent', ['open', 'release']), /after document 2/],
    ['a held session that waits for ever', broken('held', 'silent', undefined), /the host stays held/],
    [
      'a port kept although its document asks again',
      broken('opening', 'again', ['opening', 'dismiss']),
      /calls and calls/,
    ],
    [
      'an earlier session that is not ended',
      broken('opening', 'hello', ['opening', 'welcome']),
      /two sessions are alive/,
    ],
    ['a stranger that is not noticed', broken('open', 'stranger', undefined), /is dispatched after document 2/],
    [
      'a stranger that is welcomed',
      broken('waiting', 'stranger', ['opening', 'welcome']),
      /port that was closed|document that is stranger/,
    ],
    ['a contract that does not fit and is welcomed', broken('waiting', 'misfit', ['opening', 'welcome']), /is older/],
    ['a failed mount that takes a hello', broken('failed', 'hello', ['opening', 'welcome']), /connecting failed/],
    ['a closed mount that takes a hello', broken('closed', 'restart', ['waiting']), /^/],
    ['a session that is left open by a restart', broken('open', 'restart', ['waiting']), /waiting with a session/],
    ['a guest that stops calling when it is asked to call', brokenGuest('calling', 'knock', ['failed', 'quiet']), /^/],
    ['a guest that does not notice the end', brokenGuest('open', 'ended', undefined), /alone/],
    ['a guest that calls on after its welcome', brokenGuest('calling', 'welcome', ['calling', 'open']), /^/],
  ])('finds %s', (_name, tables, what) => {
    const violation = findViolation(tables);
    expect(violation?.what).toMatch(what);
    expect(violation?.history.length).toBeGreaterThan(0);
  }, 60_000);
});

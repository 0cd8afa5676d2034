import { describe, expect, it } from 'vitest';
import { lifecycleTable, type MountSignal, type MountStateName } from '../src/lifecycle.ts';

const states = Object.keys(lifecycleTable) as MountStateName[];
const signals: MountSignal[] = ['load', 'loaded', 'open', 'silent', 'alive', 'lost', 'fail', 'unmount'];
const move = (state: MountStateName, signal: MountSignal): MountStateName => lifecycleTable[state][signal] ?? state;

describe('the lifecycle of a mount', () => {
  it.each(states.flatMap((state) => signals.map((signal) => [state, signal] as const)))(
    'from %s by %s leads to a state',
    (state, signal) => {
      expect(states).toContain(move(state, signal));
    },
  );

  it('ends with unmounted, from everywhere, and nothing leads out of it', () => {
    for (const state of states) expect(move(state, 'unmount')).toBe('unmounted');
    for (const signal of signals) expect(move('unmounted', signal)).toBe('unmounted');
  });

  it('leaves failed only by loading anew', () => {
    expect(signals.filter((signal) => move('failed', signal) !== 'failed')).toEqual(['load', 'unmount']);
  });

  it('can fail from every state before its end', () => {
    for (const state of states.filter((name) => name !== 'unmounted')) expect(move(state, 'fail')).toBe('failed');
  });

  it.each<[string, readonly MountSignal[], MountStateName]>([
    ['a guest that connects after its load event', ['load', 'loaded', 'open'], 'ready'],
    ['a guest that connects before its load event', ['load', 'open', 'loaded'], 'ready'],
    ['a guest that reloads', ['load', 'open', 'lost', 'open'], 'ready'],
    ['a guest that reloads and loads', ['load', 'open', 'lost', 'loaded'], 'reconnecting'],
    ['a guest that hangs', ['load', 'open', 'silent'], 'unresponsive'],
    ['a guest that hangs and comes back', ['load', 'open', 'silent', 'alive'], 'ready'],
    ['a guest that hangs and reloads', ['load', 'open', 'silent', 'lost', 'open'], 'ready'],
    ['a guest that never connects', ['load', 'loaded', 'fail'], 'failed'],
    ['a guest that is loaded anew', ['load', 'fail', 'load', 'loaded', 'open'], 'ready'],
    ['a sign of life without silence', ['load', 'open', 'alive'], 'ready'],
    ['silence before there is a session', ['load', 'silent'], 'loading'],
    ['an opening after the end', ['load', 'unmount', 'open'], 'unmounted'],
    ['an opening after a failure', ['load', 'fail', 'open'], 'failed'],
  ])('shows %s', (_, walk, end) => {
    expect(walk.reduce(move, 'idle')).toBe(end);
  });
});

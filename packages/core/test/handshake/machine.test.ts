import { describe, expect, it } from 'vitest';
import {
  type GuestSignalName,
  type GuestState,
  guestTable,
  type HostEffect,
  type HostSignalName,
  type HostState,
  hostTable,
  next,
} from '../../src/handshake/machine.ts';

const hostStates = Object.keys(hostTable) as HostState[];
const guestStates = Object.keys(guestTable) as GuestState[];
const hostSignals: HostSignalName[] = [
  'hello',
  'again',
  'misfit',
  'second',
  'loop',
  'stranger',
  'ready',
  'load',
  'stale',
  'elsewhere',
  'here',
  'left',
  'gone',
  'broken',
  'timeout',
  'restart',
  'close',
];
const guestSignals: GuestSignalName[] = ['welcome', 'refuse', 'timeout', 'knock', 'ended', 'close'];
const withSession: HostState[] = ['opening', 'doubted', 'open', 'held'];
const ending: HostEffect[] = ['end', 'replace'];

describe('the host', () => {
  it.each(hostStates.flatMap((state) => hostSignals.map((signal) => [state, signal] as const)))(
    'that is %s knows what to do about %s, or ignores it',
    (state, signal) => {
      const [to, ...effects] = next(hostTable, state, signal) ?? [state];
      expect(hostStates).toContain(to);
      // A session ends before another one opens, whenever a state without one follows, and never where there is none.
      const hadSession = withSession.includes(state);
      const hasSession = withSession.includes(to);
      const ends = effects.some((effect) => ending.includes(effect));
      const opens = effects.includes('welcome');
      const endedItself = signal === 'left' || signal === 'gone' || signal === 'broken';
      expect(ends).toBe(hadSession && !endedItself && (opens || !hasSession));
      const order = effects.filter((effect) => effect === 'welcome' || ending.includes(effect));
      expect(order.at(-1) === 'welcome').toBe(opens);
      expect(hasSession).toBe(opens || (hadSession && hasSession));
      // Failing is told exactly when it happens.
      const isDown = (name: HostState): boolean => name === 'failed' || name === 'barred';
      expect(effects.includes('fail')).toBe(isDown(to) && to !== state);
      // Who comes after all is told before its session is.
      expect(effects[0] === 'revive').toBe(isDown(state) && opens);
      // Dispatching is held exactly while it is asked whether the document is there.
      const isHeld = effects.includes('check') || effects.includes('hold');
      expect(isHeld).toBe(to === 'held' && (state !== 'held' || signal === 'load'));
      expect(effects.includes('release')).toBe(state === 'held' && to === 'open');
    },
  );

  it('that is closed stays so, whatever comes', () => {
    for (const signal of hostSignals) expect(next(hostTable, 'closed', signal)).toBeUndefined();
  });

  it('can be closed in every state, and ends its session then', () => {
    for (const state of hostStates.filter((name) => name !== 'closed'))
      expect(next(hostTable, state, 'close')).toEqual(withSession.includes(state) ? ['closed', 'end'] : ['closed']);
  });

  it('opens only by the ready of the session that it welcomed', () => {
    const open = hostStates.flatMap((state) =>
      hostSignals
        .filter((signal) => next(hostTable, state, signal)?.[0] === 'open' && state !== 'open')
        .map((signal) => `${state} ${signal}`),
    );
    expect(open).toEqual(['opening ready', 'held here']);
  });

  it('welcomes who comes late when it has failed, and nobody when the guest is to blame, until it is restarted', () => {
    expect(next(hostTable, 'failed', 'hello')).toEqual(['opening', 'revive', 'welcome']);
    const leaves = hostSignals.filter((signal) => (next(hostTable, 'barred', signal)?.[0] ?? 'barred') !== 'barred');
    expect(leaves).toEqual(['restart', 'close']);
    for (const signal of ['hello', 'again', 'misfit', 'loop', 'stranger'] as const)
      expect(next(hostTable, 'barred', signal)).toEqual(['barred', 'dismiss']);
  });

  it('keeps the session of a document that exposes something else, too', () => {
    for (const state of withSession) expect(next(hostTable, state, 'second')).toEqual([state, 'refuse']);
    for (const state of hostStates.filter((name) => !withSession.includes(name)))
      expect(next(hostTable, state, 'second')).toBeUndefined();
  });

  it('never keeps a session when a stranger shows up', () => {
    for (const state of withSession)
      expect(next(hostTable, state, 'stranger')).toEqual(['failed', 'end', 'dismiss', 'fail']);
  });

  it('answers every hello: by welcome, refuse or a closed port', () => {
    for (const state of hostStates.filter((name) => name !== 'closed'))
      for (const signal of ['hello', 'again', 'misfit', 'loop', 'stranger'] as const) {
        const [, ...effects] = next(hostTable, state, signal) ?? ['closed'];
        expect(effects.filter((effect) => ['welcome', 'refuse', 'dismiss'].includes(effect))).toHaveLength(1);
      }
  });

  it('reaches no state from any walk of six signals that the table does not know', () => {
    let frontier = new Set<HostState>(['waiting']);
    for (let step = 0; step < 6; step++)
      frontier = new Set(
        [...frontier].flatMap((state) => hostSignals.map((signal) => next(hostTable, state, signal)?.[0] ?? state)),
      );
    expect([...frontier].sort()).toEqual([...hostStates].sort());
  });
});

describe('the guest', () => {
  it.each(guestStates.flatMap((state) => guestSignals.map((signal) => [state, signal] as const)))(
    'that is %s knows what to do about %s, or ignores it',
    (state, signal) => {
      const [to, ...effects] = next(guestTable, state, signal) ?? [state];
      expect(guestStates).toContain(to);
      expect(effects.includes('open')).toBe(to === 'open' && state !== 'open');
      expect(effects.includes('fail')).toBe(to === 'failed' && state !== 'failed');
      // Who leaves `calling` says hello no more.
      expect(effects[0] === 'quiet').toBe(state === 'calling' && to !== 'calling');
      expect(effects.at(-1) === 'hello').toBe(to === 'calling' && state !== 'calling');
    },
  );

  it('that is closed stays so, whatever comes', () => {
    for (const signal of guestSignals) expect(next(guestTable, 'closed', signal)).toBeUndefined();
  });

  it('that is open hears no second welcome, no refusal and no knock', () => {
    for (const signal of ['welcome', 'refuse', 'knock', 'timeout'] as const)
      expect(next(guestTable, 'open', signal)).toBeUndefined();
  });

  it('that has failed calls again when it is knocked at', () => {
    expect(next(guestTable, 'failed', 'knock')).toEqual(['calling', 'hello']);
  });
});

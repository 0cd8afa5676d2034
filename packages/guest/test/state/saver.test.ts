import { contract, type } from '@muntin/core';
import { Latest } from '@muntin/core/internal';
import { keeping } from '@muntin/core/state';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openPair } from '../../../core/test/fixtures/open-pair.ts';
import { turns } from '../../../core/test/fixtures/turns.ts';
import { type StateOptions, state } from '../../src/state/state.ts';

interface Draft {
  readonly text: string;
}

const place = contract({ name: 'test/place', version: '1.0.0' });
const reported: unknown[] = [];

beforeEach(() => {
  reported.length = 0;
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  vi.stubGlobal('reportError', (error: unknown) => void reported.push(error));
  onTestFinished(() => void vi.unstubAllGlobals());
});

/** A guest whose host has kept a text. */
function open(text: string | undefined, options: Partial<StateOptions<Draft, Draft>> = {}, failures = 0) {
  const restored: Draft[] = [];
  const guest = state<Draft, Draft>({
    schema: type<Draft>(),
    save: () => ({ text: 'now' }),
    restore: (draft) => void restored.push(draft),
    ...options,
  });
  const told: string[] = [];
  const kept = text === undefined ? { maxBytes: 100 } : { text, maxBytes: 100 };
  let asked = 0;
  const host = keeping.onHost({
    keep: (saved) => void told.push(saved),
    kept: () => {
      if (asked++ < failures) throw new Error('not now');
      return kept;
    },
  });
  const pair = openPair(place, { host: {}, guest: {}, use: { host: [host], guest: [guest] } });
  const state$ = new Latest<{ name: string }>({ name: 'handshaking' });
  Object.assign(pair.guest, { state$: state$.changes$ });
  const ready = (): void => {
    state$.set({ name: 'handshaking' });
    state$.set({ name: 'ready' });
  };
  return {
    kept: guest.of(pair.guest),
    saved: () => host.of(pair.host).save(),
    restored,
    told,
    ready,
    asked: () => asked,
  };
}

describe('the state of a guest', () => {
  it('is restored once, and what has changed is told', async () => {
    const { kept, restored, told } = open('{"text":"before"}');
    expect(await kept.restored).toBe(true);
    expect(restored).toEqual([{ text: 'before' }]);
    kept.changed();
    kept.changed();
    await vi.waitFor(() => expect(told).toEqual(['{"text":"now"}']));
  });

  it.each([
    ['is no JSON', '{', {}],
    ['is refused by restore', '{"text":"x"}', { restore: () => Promise.reject(new Error('old')) }],
  ])('that %s is told to onRefused, and the guest starts afresh', async (_, text, options) => {
    const errors: unknown[] = [];
    const { kept, saved } = open(text, { ...options, onRefused: (error) => errors.push(error) });
    expect(await kept.restored).toBe(false);
    expect(errors).toEqual([expect.any(Error)]);
    expect(await saved()).toBe('{"text":"now"}');
  });

  it('is known also when onRefused throws', async () => {
    const onRefused = (): never => {
      throw new Error('of the logger');
    };
    const { kept, saved } = open('{', { onRefused });
    expect(await kept.restored).toBe(false);
    expect(await saved()).toBe('{"text":"now"}');
    await turns();
    expect(reported).toEqual([expect.objectContaining({ message: 'of the logger' })]);
  });

  it('is none where the host keeps nothing', async () => {
    const { kept, restored } = open(undefined);
    expect(await kept.restored).toBe(false);
    expect(restored).toEqual([]);
  });

  it('that a host could not be asked for is not replaced, and restored when another session is there', async () => {
    const { kept, saved, restored, told, ready, asked } = open('{"text":"before"}', {}, 2);
    expect(await kept.restored).toBe(false);
    ready();
    await vi.waitFor(() => expect(asked()).toBe(2));
    kept.changed();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([told, await saved(), restored]).toEqual([[], undefined, []]);
    ready();
    await vi.waitFor(() => expect(restored).toEqual([{ text: 'before' }]));
    expect(await saved()).toBe('{"text":"now"}');
    ready();
    await turns();
    expect([restored.length, asked()]).toEqual([1, 3]);
  });

  it('is told again to the host of another session, which may know nothing of it', async () => {
    const { kept, told, ready } = open(undefined);
    await kept.restored;
    kept.changed();
    await vi.waitFor(() => expect(told).toHaveLength(1));
    kept.changed();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(told).toHaveLength(1);
    ready();
    kept.changed();
    await vi.waitFor(() => expect(told).toEqual(['{"text":"now"}', '{"text":"now"}']));
  });
});

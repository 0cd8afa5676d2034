import { contract, mutation, type } from '@muntin/core';
import * as v from 'valibot';
import type { DeskContext } from './context.ts';

/** What the hostile widget can be told to try. */
export const attackNames = [
  'honest',
  'input',
  'procedure',
  'names',
  'forge',
  'port',
  'bomb',
  'bombs',
  'flood',
  'dom',
  'top',
  'spin',
] as const;
export type AttackName = (typeof attackNames)[number];

export const hostile = contract({
  name: 'quake-desk/hostile',
  version: '1.0.0',
  guest: {
    /** Tries something, and says what it got. */
    attack: mutation({ input: v.picklist(attackNames), output: v.pipe(v.string(), v.maxLength(300)) }),
  },
  host: {
    /** All that this widget may do: leave a short note. */
    note: mutation({ input: v.pipe(v.string(), v.maxLength(80)) }),
    /** Takes its time. */
    wait: mutation(),
  },
  context: type<DeskContext>(),
});

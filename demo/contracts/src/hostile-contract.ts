import { contract, mutation, query, type } from '@muntin/core';
import * as v from 'valibot';
import type { DeskContext } from './context.ts';

/** What the hostile widget can be told to try. The first is no attack: it is what it may do. */
export const attackNames = [
  'honest',
  'pay',
  'names',
  'input',
  'twin',
  'forge',
  'port',
  'bomb',
  'flood',
  'silent',
  'spin',
  'top',
  'dom',
] as const;
export type AttackName = (typeof attackNames)[number];

/** What the widget says that it got: its own words. */
export const Claim = v.pipe(v.string(), v.maxLength(300));

export const hostile = contract({
  name: 'quake-desk/hostile',
  version: '1.0.0',
  guest: {
    /** Tries something, and says what it got. */
    attack: mutation({ input: v.picklist(attackNames), output: Claim }),
    /** What every page may ask its widget. */
    greet: query({ output: v.pipe(v.string(), v.maxLength(80)) }),
  },
  host: {
    /** All that this widget may do: leave a short note. */
    note: mutation({ input: v.pipe(v.string(), v.maxLength(80)) }),
    /** Takes its time. */
    wait: mutation(),
  },
  context: type<DeskContext>(),
});

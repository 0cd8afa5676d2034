import { contract, mutation, type } from '@muntin/core';
import * as v from 'valibot';
import type { DeskContext } from './context.ts';
import { attackNames, Claim } from './hostile-contract.ts';
import { harmNames } from './stake.ts';

/** What a page has found about itself after an attack: no outcome is written down anywhere before. */
export const Damage = v.object({
  harms: v.array(v.picklist(harmNames)),
  /** What the widget says that it got. */
  claim: Claim,
});

/** The naive page, as the desk asks it. Its widget knows nothing of this: between the two there is classic `postMessage`. */
export const naive = contract({
  name: 'quake-desk/naive',
  version: '1.0.0',
  guest: {
    /** Lets the hostile widget in this page try something, and looks what has come of it. */
    attack: mutation({ input: v.picklist(attackNames), output: Damage }),
  },
  context: type<DeskContext>(),
});

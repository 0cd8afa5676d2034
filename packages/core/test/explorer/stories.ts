import type { Budgets } from './world.ts';

/** One kind of trouble, and how much of it: its histories are walked to the end, or to a depth. */
export interface Story {
  readonly name: string;
  readonly budgets: Budgets;
  readonly depth: number;
}

const none: Budgets = { navigations: 0, hellos: 0, drops: 0, attacks: 0, acts: 0, timeouts: 0 };
/** More steps than any history has: everything within the budgets is seen. */
const toTheEnd = 100;

/** What the unit tests walk, in a few seconds. */
export const shortStories: readonly Story[] = [
  {
    name: 'one document, hellos that repeat, a lost message',
    budgets: { ...none, hellos: 2, drops: 1 },
    depth: toTheEnd,
  },
  { name: 'one document, time that passes, and acts', budgets: { ...none, hellos: 1, acts: 1, timeouts: 1 }, depth: 6 },
  { name: 'one document and its attackers', budgets: { ...none, attacks: 2, acts: 1 }, depth: 7 },
  { name: 'a navigation, and hellos that repeat', budgets: { ...none, navigations: 1, hellos: 1 }, depth: toTheEnd },
  { name: 'a navigation and a call', budgets: { ...none, navigations: 1, acts: 1 }, depth: 7 },
  { name: 'a navigation and a port that was given away', budgets: { ...none, navigations: 1, attacks: 2 }, depth: 8 },
];

/** Small ones, in which a mistake is found soon. */
export const mutantStories: readonly Story[] = [
  { name: 'hellos that repeat', budgets: { ...none, hellos: 2 }, depth: 5 },
  { name: 'a time-out', budgets: { ...none, hellos: 1, timeouts: 1 }, depth: 4 },
  { name: 'an act', budgets: { ...none, acts: 1 }, depth: 5 },
  { name: 'a navigation', budgets: { ...none, navigations: 1 }, depth: 4 },
  { name: 'a navigation and a port that was given away', budgets: { ...none, navigations: 1, attacks: 2 }, depth: 8 },
];

/** What `npm run explore` walks, in some minutes. */
export const longStories: readonly Story[] = [
  ...shortStories,
  {
    name: 'one document, lost messages, timers and acts',
    budgets: { ...none, hellos: 2, drops: 1, acts: 1, timeouts: 1 },
    depth: 12,
  },
  {
    name: 'a navigation, with a bit of everything but attackers',
    budgets: { ...none, navigations: 1, hellos: 1, drops: 1, acts: 1, timeouts: 1 },
    depth: 9,
  },
  {
    name: 'a navigation, attackers and a port that was given away',
    budgets: { ...none, navigations: 1, hellos: 1, attacks: 2, acts: 1 },
    depth: 9,
  },
  { name: 'two navigations', budgets: { ...none, navigations: 2, acts: 1 }, depth: 9 },
];

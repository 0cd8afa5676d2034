import type { Budgets } from './model.ts';

/** One kind of trouble, and how much of it: its histories are walked to the end, or to a depth. */
export interface Story {
  readonly name: string;
  readonly budgets: Budgets;
  readonly depth: number;
}

const none: Budgets = { navigations: 0, hellos: 0, drops: 0, duplicates: 0, attacks: 0, acts: 0, timeouts: 0 };
/** More steps than any history has: everything within the budgets is seen. */
const toTheEnd = 100;

/** What the unit tests walk, in a few seconds. */
export const shortStories: readonly Story[] = [
  {
    name: 'one document, lost and doubled messages, a timer',
    budgets: { ...none, hellos: 2, drops: 1, duplicates: 1, acts: 1, timeouts: 1 },
    depth: toTheEnd,
  },
  { name: 'one document and its attackers', budgets: { ...none, hellos: 1, attacks: 2, acts: 1 }, depth: toTheEnd },
  { name: 'two navigations', budgets: { ...none, navigations: 2 }, depth: toTheEnd },
  {
    name: 'a navigation, retries and timers',
    budgets: { ...none, navigations: 1, hellos: 1, timeouts: 1 },
    depth: toTheEnd,
  },
  {
    name: 'a navigation, a call and a timer',
    budgets: { ...none, navigations: 1, acts: 1, timeouts: 1 },
    depth: toTheEnd,
  },
  {
    name: 'a navigation, attackers and a port that was given away',
    budgets: { ...none, navigations: 1, attacks: 2 },
    depth: 9,
  },
];

/** What `npm run explore` walks, in about a minute. */
export const longStories: readonly Story[] = [
  {
    name: 'one document, lost and doubled messages, timers',
    budgets: { ...none, hellos: 2, drops: 2, duplicates: 1, acts: 2, timeouts: 2 },
    depth: toTheEnd,
  },
  {
    name: 'one document and its attackers',
    budgets: { ...none, hellos: 1, drops: 1, attacks: 2, acts: 1, timeouts: 1 },
    depth: toTheEnd,
  },
  {
    name: 'a navigation, with a bit of everything but attackers',
    budgets: { ...none, navigations: 1, hellos: 1, drops: 1, duplicates: 1, acts: 1, timeouts: 1 },
    depth: 12,
  },
  {
    name: 'a navigation, attackers and a port that was given away',
    budgets: { ...none, navigations: 1, hellos: 1, attacks: 2, acts: 1, timeouts: 1 },
    depth: 10,
  },
  {
    name: 'two navigations, retries and timers',
    budgets: { ...none, navigations: 2, hellos: 1, drops: 1, timeouts: 1 },
    depth: 10,
  },
  { name: 'two navigations and attackers', budgets: { ...none, navigations: 2, attacks: 2, acts: 1 }, depth: 9 },
  { name: 'three navigations and a lost message', budgets: { ...none, navigations: 3, drops: 1 }, depth: toTheEnd },
];

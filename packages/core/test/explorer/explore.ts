import { type Budgets, type Drivers, World } from './world.ts';

/** What to explore, and how far. */
export interface ExploreOptions {
  readonly drivers: Drivers;
  readonly budgets: Budgets;
  /** Steps from the beginning. */
  readonly depth: number;
}

export interface Exploration {
  /** Different worlds seen, and steps between them taken. */
  readonly worlds: number;
  readonly steps: number;
  /** Histories that were played to their end, with all that arrives late. */
  readonly endings: number;
  /** Whether nothing is left to see: every history within the budgets was. */
  readonly isExhausted: boolean;
  /** The shortest history that ends in what must not be, and what that is. */
  readonly violation: { readonly what: string; readonly history: readonly string[] } | undefined;
}

/**
 * Walks every history breadth first, so that the first violation is a shortest one. A driver cannot be copied: each world is made anew
 * from its history.
 */
export function explore({ drivers, budgets, depth }: ExploreOptions): Exploration {
  const seen = new Set<string>();
  const settled = new Set<string>();
  let steps = 0;
  let layer: (readonly string[])[] = [[]];
  const end = (violation?: Exploration['violation']): Exploration => ({
    worlds: seen.size,
    steps,
    endings: settled.size,
    isExhausted: layer.length === 0,
    violation,
  });
  for (let reached = 0; reached < depth && layer.length > 0; reached++) {
    const following: (readonly string[])[] = [];
    for (const parent of layer) {
      for (const { name } of replay(drivers, budgets, parent).actions) {
        steps++;
        const history = [...parent, name];
        const world = replay(drivers, budgets, history);
        const { key } = world;
        const whole = key + JSON.stringify(world.left);
        if (world.violation !== undefined) return end({ what: world.violation, history });
        if (seen.has(whole)) continue;
        seen.add(whole);
        following.push(history);
        // What may still go wrong makes no difference to what comes when nothing goes wrong any more.
        if (settled.has(key)) continue;
        settled.add(key);
        const what = world.settle(); // the last that is done with it
        if (what !== undefined) return end({ what, history });
      }
    }
    layer = following;
  }
  return end();
}

function replay(drivers: Drivers, budgets: Budgets, history: readonly string[]): World {
  const world = new World(drivers, budgets);
  for (const name of history) {
    const action = world.actions.find((each) => each.name === name);
    if (action === undefined)
      throw new Error(`"${name}" cannot happen here: a world is not made from its history alone`);
    world.run(action);
  }
  return world;
}

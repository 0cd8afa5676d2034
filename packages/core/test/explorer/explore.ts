import {
  type Action,
  type Budgets,
  begin,
  copy,
  judge,
  keyOf,
  listActions,
  settle,
  type Tables,
  type World,
} from './model.ts';

/** What to explore, and how far. */
export interface ExploreOptions {
  readonly tables: Tables;
  readonly budgets: Budgets;
  /** Steps from the beginning. */
  readonly depth: number;
  /** Whether only what happens is judged, and not what comes of it in the end. @defaultValue false */
  readonly isSafetyOnly?: boolean;
}

export interface Exploration {
  /** Different worlds seen, and steps between them taken. */
  readonly worlds: number;
  readonly steps: number;
  /** The depth to which everything was seen. */
  readonly depth: number;
  /** Whether nothing is left to see: every history within the budgets was. */
  readonly isExhausted: boolean;
  /** The shortest history that ends in what must not be, and what that is. */
  readonly violation: { readonly what: string; readonly history: readonly string[] } | undefined;
}

interface Node {
  readonly world: World;
  readonly name: string;
  readonly parent: Node | undefined;
}

/** Walks every history breadth first, so that the first violation is a shortest one. Worlds are told apart by a hash of 53 bits. */
export function explore({ tables, budgets, depth, isSafetyOnly = false }: ExploreOptions): Exploration {
  const seen = new Set<number>();
  const settled = new Set<number>();
  let steps = 0;
  let layer: Node[] = [{ world: begin(budgets), name: '', parent: undefined }];
  seen.add(hash(keyOf(begin(budgets)) + Object.values(budgets).join()));
  const end = (reached: number, what?: string, node?: Node): Exploration => ({
    worlds: seen.size,
    steps,
    depth: reached,
    isExhausted: layer.length === 0,
    violation: what === undefined ? undefined : { what, history: historyOf(node) },
  });
  for (let reached = 0; reached < depth && layer.length > 0; reached++) {
    const following: Node[] = [];
    for (const parent of layer) {
      for (const action of listActions(tables, parent.world)) {
        steps++;
        const node: Node = { world: run(action, parent.world), name: action.name, parent };
        const body = keyOf(node.world);
        const key = hash(body + Object.values(node.world.left).join());
        if (seen.has(key)) continue;
        seen.add(key);
        following.push(node);
        // What may still go wrong makes no difference to what is the case, nor to what comes when nothing goes wrong any more.
        const bare = hash(body);
        if (settled.has(bare)) continue;
        settled.add(bare);
        const what = judge(node.world) ?? (isSafetyOnly ? undefined : settle(tables, node.world));
        if (what !== undefined) return end(reached, what, node);
      }
    }
    layer = following;
  }
  return end(depth);
}

function run(action: Action, world: World): World {
  const then = copy(world);
  action.run(then);
  return then;
}

function historyOf(last: Node | undefined): readonly string[] {
  const names: string[] = [];
  for (let node = last; node?.parent !== undefined; node = node.parent) names.unshift(node.name);
  return names;
}

/** Two multiplications and their mixing (cyrb53, public domain): 53 bits, so that a collision among millions is improbable. */
function hash(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

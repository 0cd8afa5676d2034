import { describe, expect, it } from 'vitest';
import { type Budget, Scales } from '../../src/link/budget.ts';
import { walk } from '../../src/link/walk.ts';
import { Random } from '../fuzz/random.ts';

/** What a value comes to, by the rule itself: once per way, by plain recursion. */
interface Sum {
  readonly nodes: number;
  readonly chars: number;
  readonly levels: number;
}

const nothing: Sum = { nodes: 0, chars: 0, levels: 0 };

function sumOf(value: unknown, known: Map<object, Sum>): Sum {
  if (typeof value === 'string') return { nodes: 0, chars: value.length, levels: 0 };
  if (typeof value !== 'object' || value === null) return nothing;
  const before = known.get(value);
  if (before !== undefined) return before;
  const keys = value instanceof Map || Array.isArray(value) ? [] : Object.keys(value);
  const children: readonly unknown[] = value instanceof Map ? [...value].flat() : Object.values(value);
  let nodes = children.length;
  let chars = keys.join('').length;
  let levels = 0;
  for (const child of children) {
    const sum = sumOf(child, known);
    nodes += sum.nodes;
    chars += sum.chars;
    levels = Math.max(levels, sum.levels);
  }
  const sum = { nodes, chars, levels: children.length === 0 ? 0 : levels + 1 };
  known.set(value, sum);
  return sum;
}

function weightOf(value: unknown, { nodes, chars }: Sum): number {
  const own =
    typeof value === 'object' && value !== null ? 2 * chars : typeof value === 'string' ? 2 * value.length : 0;
  return 8 * (nodes + 1) + own;
}

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** A value without circles, of parts that were made before, and of new ones. */
function makeValue(random: Random, parts: unknown[]): unknown {
  const part = (): unknown => (random.once(3) ? random.below(9) : random.once(3) ? 'text' : random.pick(parts));
  const made = ((): unknown => {
    switch (random.below(6)) {
      case 0:
        return times(random.below(40), part);
      case 1:
        return Object.fromEntries(times(random.below(14), (n) => [`k${n}`, part()]));
      case 2:
        return new Map(times(random.below(12), (n) => [n, part()]));
      case 3: {
        let chain: unknown = part();
        for (let level = random.below(random.pick([5, 300, 1500])); level > 0; level--) chain = [chain];
        return chain;
      }
      case 4: {
        let chain: unknown = part();
        for (let level = random.below(60); level > 0; level--) chain = random.once(4) ? [1, chain] : { a: chain };
        return chain;
      }
      default:
        return random.pick<unknown>([new Date(1), null, [], {}, times(300, (n) => n), 'x'.repeat(40)]);
    }
  })();
  parts.push(made);
  return made;
}

describe('what is counted quickly, and what comes again, comes to what the rule says', () => {
  it.each(times(40, (seed) => seed))('of the batches of seed %i', (seed) => {
    const seen = { fine: 0, nodes: 0, chars: 0, depth: 0 };
    const wrong: string[] = [];
    for (let round = 0; round < 40; round++) {
      const random = new Random(seed, round);
      const budget: Budget = {
        valueNodes: random.pick([300, 5000, 100_000]),
        valueDepth: random.pick([20, 250, 400, 3000]),
        valueChars: random.pick([2000, 1_000_000]),
        valueBytes: 1000,
      };
      const scales = new Scales(budget, () => walk);
      scales.begin();
      const parts: unknown[] = [1];
      const known = new Map<object, Sum>();
      let all = 0;
      for (let message = 0; message < 60; message++) {
        const value = makeValue(random, parts);
        const sum = sumOf(value, known);
        const nodes = sum.nodes + 1;
        const isBroken = nodes > budget.valueNodes || sum.chars > budget.valueChars || sum.levels > budget.valueDepth;
        all += Math.min(nodes, budget.valueNodes);
        const over = scales.weigh(value);
        const was = `round ${round}: ${nodes} nodes, ${sum.chars} chars, ${sum.levels} levels, ${over ?? 'accepted'}`;
        if (over === 'valueNodes') seen.nodes++;
        else if (over === 'valueChars') seen.chars++;
        else if (over === 'valueDepth') seen.depth++;
        // What was refused once is refused when it comes again, as that is quicker; and in one batch what comes again has a limit of its own.
        const mayBeRefused =
          over === 'valueNodes' && (seen.nodes + seen.chars + seen.depth > 1 || all > 8 * budget.valueNodes);
        if (over === undefined) {
          seen.fine++;
          if (isBroken || scales.weightOf(value) !== weightOf(value, sum)) wrong.push(was);
        } else if (!isBroken && !mayBeRefused) wrong.push(was);
      }
    }
    expect(wrong).toEqual([]);
    expect(seen.fine).toBeGreaterThan(300);
    expect(Math.min(seen.nodes, seen.depth)).toBeGreaterThan(0);
  });
});

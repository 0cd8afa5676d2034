// `npm run explore`: every long story with the real drivers. Prints what was seen of each; fails on the first violation.
import * as drivers from './drivers.ts';
import { explore } from './explore.ts';
import { longStories } from './stories.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

export function main(): void {
  let worlds = 0;
  let steps = 0;
  const startedAt = performance.now();
  for (const { name, budgets, depth } of longStories) {
    const found = explore({ drivers, budgets, depth });
    worlds += found.worlds;
    steps += found.steps;
    const reach = found.isExhausted ? 'to the end' : `to depth ${depth}`;
    say(`${name}: ${found.steps} interleavings, ${found.worlds} worlds, ${reach}`);
    if (found.violation === undefined) continue;
    say(`VIOLATION: ${found.violation.what}\n${found.violation.history.map((step) => `  ${step}`).join('\n')}`);
    process.exitCode = 1;
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`${steps} interleavings, ${worlds} worlds in ${seconds} s`);
}

// `npm run explore`: every long story with the real tables. Prints what was seen of each; fails on the first violation.
import { guestTable, hostTable } from '../../src/handshake/machine.ts';
import { explore } from './explore.ts';
import { overtaking } from './model.ts';
import { longStories } from './stories.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs the stories; with `--overtaking`, where later documents may overtake earlier ones. */
export function main(options: readonly string[]): void {
  overtaking.isOn = options.includes('--overtaking');
  let worlds = 0;
  let steps = 0;
  const startedAt = performance.now();
  for (const { name, budgets, depth } of longStories) {
    const found = explore({ tables: { host: hostTable, guest: guestTable }, budgets, depth });
    worlds += found.worlds;
    steps += found.steps;
    const reach = found.isExhausted ? 'to the end' : `to depth ${found.depth}`;
    say(`${name}: ${found.worlds} worlds, ${found.steps} steps, ${reach}`);
    if (found.violation === undefined) continue;
    say(`VIOLATION: ${found.violation.what}\n${found.violation.history.map((step) => `  ${step}`).join('\n')}`);
    process.exitCode = 1;
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(
    `${worlds} worlds, ${steps} steps in ${seconds} s (${(process.cpuUsage().user / 1e6).toFixed(1)} s of processor)`,
  );
}

// `npm run fuzz -- [--seed N] [--batches N] [--side host|guest] [--round N]`: attacks each side with so many batches.
// `npm run fuzz -- --amplify N [--seed N] [--side host|guest] [--from ROUND] [--keep FILE[,FILE]] [--write PAGE]`: what each of N batches for
// each side costs, as times of an honest value. With a file it can be stopped, and goes on when it is started again: see `amplify-run.ts`.
// `npm run fuzz -- --amplify N --rounds N,N [--seed N] [--side host|guest]`: the same for these rounds alone, each N times.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Side } from '../../src/rpc/sent-calls.ts';
import { lookAt, run as runAmplification } from './amplify-run.ts';
import { fuzz, show } from './fuzz.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;
const collectYoung = (): void => collect({ type: 'minor' });

const mostGrownMb = 20;

/** What the page would keep, when all sessions are gone. */
function heapMb(): number {
  for (let count = 0; count < 3; count++) collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

export async function main(options: readonly string[]): Promise<void> {
  const read = (name: string): string | undefined => {
    const at = options.indexOf(`--${name}`);
    return at === -1 ? undefined : options[at + 1];
  };
  const seed = Number(read('seed') ?? Date.now() % 2 ** 31);
  const batches = Number(read('batches') ?? 1_000_000);
  const firstRound = Number(read('round') ?? 0);
  const only = read('side');
  const amplified = read('amplify');
  const rounds = read('rounds');
  if (amplified !== undefined && rounds !== undefined)
    return lookAt(
      rounds.split(',').map(Number),
      Number(amplified),
      seed,
      only === 'guest' ? 'guest' : 'host',
      collectYoung,
    );
  if (amplified !== undefined)
    return runAmplification(
      {
        count: Number(amplified),
        seed,
        from: Number(read('from') ?? 0),
        only,
        keep: read('keep')?.split(',') ?? [],
        write: read('write'),
      },
      { all: () => collect(), young: collectYoung },
    );
  say(`seed ${seed}, ${batches} batches for each side`);
  for (const side of ['host', 'guest'] satisfies Side[]) {
    if (only !== undefined && only !== side) continue;
    const startedAt = performance.now();
    await fuzz({ side, seed, batches: 1000 }); // what is made once is made now
    const before = heapMb();
    let told = 0;
    const { failure, ...count } = await fuzz({
      side,
      seed,
      batches,
      firstRound,
      onProgress: (now) => {
        if (now.batches < told + 200_000) return;
        told = now.batches;
        say(`  ${side}: ${now.batches} batches, ${Math.round(rate(now.batches, startedAt))}/s`);
      },
    });
    if (failure !== undefined) {
      say(`FAILED, ${side}: ${show(failure)}`);
      process.exitCode = 1;
      continue;
    }
    let grown = heapMb() - before;
    // Finalizers, and the timers of sessions that are over, come in turns of their own.
    for (let seconds = 0; grown >= mostGrownMb && seconds < 40; seconds++) {
      await new Promise((resolve) => {
        setTimeout(resolve, 1000);
      });
      grown = heapMb() - before;
    }
    say(
      `${side}: ${count.batches} batches in ${count.rounds} sessions (${count.ended} ended by them, ${count.late} batches after their end, ` +
        `${count.looks} looked into), ${Math.round(rate(count.batches, startedAt))}/s, heap grew ${grown.toFixed(1)} MB`,
    );
    if (grown < mostGrownMb) continue;
    say(`FAILED, ${side}: the heap has grown`);
    process.exitCode = 1;
  }
}

function rate(batches: number, startedAt: number): number {
  return (batches / (performance.now() - startedAt)) * 1000;
}

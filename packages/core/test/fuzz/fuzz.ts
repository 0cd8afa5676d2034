import { inspect } from 'node:util';
import type { Side } from '../../src/rpc/sent-calls.ts';
import { makePlan, type Plan, type Step } from './batches.ts';
import { findGrowth, lookInside } from './inside.ts';
import { Random } from './random.ts';
import { type Recording, record } from './record.ts';
import { limits, Subject } from './subject.ts';

export interface FuzzOptions {
  readonly side: Side;
  readonly seed: number;
  /** How many batches reach a session that is open; what comes after its end is not counted. */
  readonly batches: number;
  /** Begin with this round, to see one again. @defaultValue 0 */
  readonly firstRound?: number;
  readonly onProgress?: (count: Count) => void;
}

interface Count {
  readonly batches: number;
  readonly rounds: number;
  /** Batches that came after the end of their session. */
  readonly late: number;
  /** Sessions that the peer's batches have ended. */
  readonly ended: number;
  /** How often a session was looked into. */
  readonly looks: number;
}

export interface Failure {
  readonly what: string;
  readonly seed: number;
  readonly round: number;
  /** The least that still fails. */
  readonly plan: Plan;
}

export interface Outcome extends Count {
  readonly failure: Failure | undefined;
}

// A batch that keeps the event loop for longer than this is an attack that works. Of its own time: the machine may do something else.
const maxBatchMs = 1000;
const lookEvery = 97;

/** Attacks one side, round after round; a round is one session. Stops at the first thing that must not be. */
export async function fuzz({ side, seed, batches, firstRound = 0, onProgress }: FuzzOptions): Promise<Outcome> {
  const recordings = [await record(false), await record(true)] as const;
  const watch = new Watch();
  const count = { batches: 0, rounds: 0, late: 0, ended: 0, looks: 0 };
  try {
    for (let round = firstRound; count.batches < batches; round++) {
      const plan = makePlan(new Random(seed, round), side, recordings);
      const isLook = round % lookEvery === 0;
      const { what, late, hasEnded } = await play(plan, watch, isLook);
      count.rounds++;
      count.batches += plan.steps.length - late;
      count.late += late;
      if (hasEnded) count.ended++;
      if (isLook) count.looks++;
      if (what !== undefined)
        return { ...count, failure: await explain(what, { side, seed, round, recordings }, watch) };
      if (round % 1000 === 0) onProgress?.(count);
    }
    return { ...count, failure: undefined };
  } finally {
    watch.stop();
  }
}

interface Where {
  readonly side: Side;
  readonly seed: number;
  readonly round: number;
  readonly recordings: readonly [Recording, Recording];
}

/** Finds the round, which may be an earlier one where something failed later, and the least that fails in the same way. */
async function explain(what: string, { side, seed, round, recordings }: Where, watch: Watch): Promise<Failure> {
  for (let back = 0; back <= Math.min(round, 8); back++) {
    const make = (): Plan => makePlan(new Random(seed, round - back), side, recordings);
    const again = await play(make(), watch, true, 20);
    if (again.what === undefined) continue;
    return { what: again.what, seed, round: round - back, plan: await shrink(make, again.what, watch) };
  }
  return { what: `${what} (not again)`, seed, round, plan: makePlan(new Random(seed, round), side, recordings) };
}

/** Leaves out steps, then messages, for as long as it still fails. A plan is used up by playing it, so it is made anew each time. */
async function shrink(make: () => Plan, what: string, watch: Watch): Promise<Plan> {
  const kind = kindOf(what);
  // Of each step that stays, the messages that stay; of one that is no list of messages, nothing is left out.
  let kept = new Map(make().steps.map(({ batch }, at) => [at, isShort(batch) ? [...batch.keys()] : undefined]));
  const rest = (): Plan => {
    const plan = make();
    const steps = [...kept].flatMap(([at, messages]) => {
      const step = plan.steps[at];
      if (step === undefined) return [];
      const { batch } = step;
      return [
        messages !== undefined && isShort(batch) ? { ...step, batch: messages.map((index) => batch[index]) } : step,
      ];
    });
    return { ...plan, steps };
  };
  const tryWithout = async (fewer: typeof kept): Promise<void> => {
    const before = kept;
    kept = fewer;
    const again = await play(rest(), watch, true, 20);
    if (again.what === undefined || kindOf(again.what) !== kind) kept = before;
  };
  for (const at of [...kept.keys()].reverse()) await tryWithout(new Map([...kept].filter(([other]) => other !== at)));
  for (const [at, messages = []] of [...kept])
    for (const index of [...messages].reverse())
      await tryWithout(
        new Map([...kept].map(([other, all]) => [other, other === at ? all?.filter((one) => one !== index) : all])),
      );
  return rest();
}

function isShort(batch: unknown): batch is unknown[] {
  return Array.isArray(batch) && batch.length <= 100;
}

/** Numbers differ from one time to the next. */
function kindOf(what: string): string {
  return what.replaceAll(/\d+/g, 'n').slice(0, 80);
}

interface Played {
  readonly what: string | undefined;
  readonly late: number;
  readonly hasEnded: boolean;
}

/** One session, from its beginning to its end, and what was wrong. The batches are used up. */
async function play(plan: Plan, watch: Watch, isLook: boolean, patienceMs = 0): Promise<Played> {
  const { side, withCodec, isOnPort, steps } = plan;
  const { port1, port2 } = new MessageChannel();
  let what: string | undefined;
  let late = 0;
  const blame = (problem: string): void => {
    what ??= problem;
  };
  const subject = new Subject(side, port1, withCodec, blame);
  // Node keeps a channel for as long as both ends are open.
  const kept: MessagePort[] = [port2];
  subject.use();
  await turn();
  for (const step of steps) {
    if (subject.hasEnded) late++;
    if (late > 2) {
      late += steps.length - steps.indexOf(step) - 1;
      break;
    }
    if (isOnPort) {
      kept.push(tryToPost(port2, step));
      await turn();
    } else feed(subject, step.batch, blame);
    if (subject.running > limits.calls) blame(`${subject.running} handlers run at once`);
    if (subject.open > limits.streams) blame(`${subject.open} sources are subscribed to at once`);
    if (step.isPause || isOnPort) await turn();
    if (isLook) blameGrowth(subject, blame);
    if (what !== undefined) break;
  }
  await turn();
  const hasEnded = subject.hasEnded;
  if (isLook) blameGrowth(subject, blame);
  subject.close();
  feed(subject, [[5, side === 'host' ? 1_000_002 : 1_000_001, 2, 'late', 0]], blame);
  await turn(patienceMs);
  if (subject.running !== 0) blame(`${subject.running} handlers were not told of the end`);
  if (subject.open !== 0) blame(`${subject.open} sources were not torn down`);
  if (isLook) blameGrowth(subject, blame);
  for (const port of kept) port.close();
  const problem = what ?? watch.take();
  return { what: problem, late, hasEnded };
}

function blameGrowth(subject: Subject, blame: (what: string) => void): void {
  const growth = findGrowth(lookInside(subject), subject.hasEnded);
  if (growth !== undefined) blame(growth);
}

function feed(subject: Subject, batch: unknown, blame: (what: string) => void): void {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  try {
    subject.session.receive(batch);
  } catch (error) {
    blame(`receive threw: ${inspect(error)}`);
  }
  const { user, system } = process.cpuUsage(cpu);
  const ms = Math.min(performance.now() - startedAt, (user + system) / 1000);
  if (ms > maxBatchMs) blame(`one batch took ${Math.round(ms)} ms`);
}

/** Over the channel. Its ports and buffers are made for it alone: a plan can be played again. */
function post(port: MessagePort, { batch, transfers }: Step, { port1 }: MessageChannel): void {
  const bytes = new ArrayBuffer(8);
  const list: readonly unknown[] = Array.isArray(batch) ? batch.slice(0, 100) : [batch];
  switch (transfers) {
    case 'a port':
      return port.postMessage([...list, [6, 1, port1, [[[], 6, 0, []]]]], [port1]);
    case 'a port that is not named':
      return port.postMessage([...list, [6, 1, port1]], [port1]);
    case 'a port in a lane': {
      const message = { id: '1', type: 'APPLY', path: ['add'], argumentList: [{ type: 'RAW', value: port1 }] };
      return port.postMessage(
        [
          [13, 'db', message, []],
          [6, 1, 1, [[[], 6, 0, []]]],
        ],
        [port1],
      );
    }
    case 'a buffer':
      return port.postMessage([...list, [6, 1, bytes]], [bytes]);
    default:
      return port.postMessage(batch);
  }
}

/** Returns the other end of the port that it may have given away. */
function tryToPost(port: MessagePort, step: Step): MessagePort {
  const given = new MessageChannel();
  try {
    post(port, step, given);
  } catch {
    // Nobody can send it: an error whose name is an object, say.
  }
  return given.port2;
}

const turn = (ms = 0): Promise<void> =>
  new Promise((resolve) => {
    if (ms === 0) setImmediate(resolve);
    else setTimeout(resolve, ms);
  });

/** Hears of what nobody caught, and sees what happens to the prototypes that everything shares. */
class Watch {
  #problem: string | undefined;
  readonly #shared = [Object, Array, Function, Map, Set, Promise, Error, String, Number, Date, RegExp].map(
    ({ name, prototype }) => ({ name, prototype: prototype as object, own: describe(prototype as object) }),
  );
  readonly #stops: readonly (() => void)[];

  constructor() {
    this.#stops = (['uncaughtException', 'unhandledRejection'] as const).map((name) => {
      const listen = (error: unknown): void => {
        this.#problem ??= `${name}: ${inspect(error)}`;
      };
      // A test runner has listeners of its own, which would take it for the test's.
      const others = process.listeners(name as 'uncaughtException');
      process.removeAllListeners(name);
      process.on(name, listen);
      return () => {
        process.off(name, listen);
        for (const other of others) process.on(name as 'uncaughtException', other);
      };
    });
  }

  /** What was noticed since the last time. */
  take(): string | undefined {
    const changed = this.#shared.find(({ prototype, own }) => describe(prototype) !== own);
    const problem = this.#problem ?? (changed === undefined ? undefined : `${changed.name}.prototype was changed`);
    this.#problem = undefined;
    return problem;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }
}

function describe(prototype: object): string {
  return Reflect.ownKeys(prototype).map(String).join() + String(Object.getPrototypeOf(prototype) === null);
}

/** A failure as a person reads it. */
export function show({ what, seed, round, plan }: Failure): string {
  const batches = plan.steps.map(({ batch, isPause, transfers }) => {
    const text = inspect(batch, { depth: 12, maxArrayLength: 20, maxStringLength: 80, breakLength: 120 });
    return `  ${text}${transfers === 'nothing' ? '' : ` with ${transfers}`}${isPause ? ', then a pause' : ''}`;
  });
  const how = `${plan.side}${plan.withCodec ? ', superjson' : ''}${plan.isOnPort ? ', on the port' : ''}`;
  return `${what}\nseed ${seed}, round ${round} (${how}): --seed ${seed} --round ${round}\n${batches.join('\n')}`;
}

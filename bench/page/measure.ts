import { type CaseName, callsPerGuest, type GrowthName, valuesPerSubscriber } from '../cases.mjs';
import { bytes, coded, expectSame, nested, rows, tree } from './data.ts';
import type { Entry, StreamRequest, Tick } from './job.ts';
import type { Connection, System } from './system.ts';

/** What the command may ask of a host page. */
export interface Bench {
  readonly facts: Pick<System, 'streams' | 'says' | 'handshake' | 'cannot'>;
  /** Mounts the guest that most cases talk to, and calls it until the code is hot. */
  open(url: string): Promise<void>;
  /** One figure of one case, in the unit that `cases.mjs` gives it. */
  run(name: CaseName, size: number, url: string): Promise<number>;
  /** The time that so much work takes, in milliseconds. */
  grow(name: GrowthName, size: number, url: string): Promise<number>;
  /** Mounts so many guests and leaves them; `closeAll` ends them. */
  hold(count: number, url: string): Promise<void>;
  closeAll(): void;
  /**
   * Takes so many values of an endless source, slowly, and then no more; the source ends. What it made meanwhile waits wherever the system
   * keeps it. Returns how many values were made and not taken.
   */
  hoard(count: number): Promise<number>;
}

declare global {
  interface Window {
    bench: Bench;
  }
}

const slowMs = 5;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Makes a system answer to the command. Each host page calls it once. */
export function serve(system: System): void {
  let connection: Connection | undefined;
  let held: readonly Connection[] = [];
  const mount = async (url: string): Promise<Connection> => system.connect(url, document.body);
  const opened = (): Connection => {
    if (connection === undefined) throw new Error('The page was not opened');
    return connection;
  };
  window.bench = {
    facts: { streams: system.streams, says: system.says, handshake: system.handshake, cannot: system.cannot },
    open: async (url) => {
      connection = await mount(url);
      for (let round = 0; round < 20; round++) await callAll([connection], 50);
    },
    run: (name, size, url) => run[name](opened, size, () => mount(url)),
    grow: (name, size, url) => growth[name](opened, size, () => mount(url)),
    hold: async (count, url) => {
      held = await mountAll(count, () => mount(url));
    },
    closeAll: () => {
      for (const each of held) each.close();
      held = [];
    },
    hoard: (count) => hoard(opened(), count),
  };
}

type Measure = (opened: () => Connection, size: number, mount: () => Promise<Connection>) => Promise<number>;

/** Each is one figure, in the unit of its case. */
const run: Record<CaseName, Measure> = {
  one: async (opened, count) => {
    const { add } = opened();
    const ms = await timed(async () => {
      for (let call = 0; call < count; call++) expectSame(call + 1, await add({ a: call, b: 1 }));
    });
    return (ms * 1000) / count;
  },
  hundred: (opened, count) => burst(opened(), count, 20),
  thousand: (opened, count) => burst(opened(), count, 5),
  numbers: (opened, count) => timed(() => drain(opened(), { kind: 'numbers', count })),
  ticks: (opened, count) => timed(() => drain(opened(), { kind: 'ticks', count })),
  pushed: (opened, count) => timed(() => drain(opened(), { kind: 'pushed', count })),
  million: (opened, count) => timed(() => drain(opened(), { kind: 'pushed', count, perTurn: 1000 })),
  first: async (opened, count) => {
    const ms = await timed(async () => {
      for (let round = 0; round < count; round++) await drain(opened(), { kind: 'numbers', count: 1 });
    });
    return (ms * 1000) / count;
  },
  cancel: async (opened, count) => {
    const before = await opened().produced();
    let taken = 0;
    await new Promise<void>((resolve) => {
      const { cancel } = stream(opened(), { kind: 'endless', count: 0 }, () => {
        if (++taken !== count) return;
        // Not inside the first value: what `stream` returns has to be there.
        queueMicrotask(() => {
          cancel();
          resolve();
        });
      });
    });
    await settled(opened());
    await opened().stop();
    return (await opened().produced()) - before - taken;
  },
  ahead: async (opened, count) => {
    const before = await opened().produced();
    let taken = 0;
    let cancel = (): void => undefined;
    await new Promise<void>((resolve) => {
      const take = async (): Promise<void> => {
        await sleep(slowMs);
        if (++taken === count) resolve();
      };
      const slow = opened().pull ?? ((request, next) => stream(opened(), request, next));
      let turn = Promise.resolve();
      ({ cancel } = slow({ kind: 'endless', count: 0 }, () => (turn = turn.then(take))));
    });
    const made = (await opened().produced()) - before;
    cancel();
    await opened().stop();
    await settled(opened());
    return made - taken;
  },
  copy: (opened, length) => echo(opened(), bytes(length)),
  transfer: async (opened, length) => {
    const { transfer } = opened();
    if (transfer === undefined) throw new Error('It has no transfer');
    const sent = bytes(length);
    const copy = sent.slice(0);
    let came: ArrayBuffer | undefined;
    const ms = await timed(async () => {
      came = await transfer(sent);
    });
    expectSame(0, sent.byteLength, 'the length of the buffer that was given away');
    expectSame(copy, came);
    return ms;
  },
  nested: (opened, depth) => echo(opened(), nested(depth)),
  rows: (opened, count) => echo(opened(), rows(count)),
  codec: (opened, count) => echo(opened(), coded(count)),
  schema: async (opened, count) => {
    const isRefused = await opened()
      .echo([{ id: 'none' }])
      .then(
        () => false,
        () => true,
      );
    if (!isRefused) throw new Error('What the schema does not allow was answered');
    return echo(opened(), rows(count));
  },
  callback: async (opened, count) => {
    const { visit } = opened();
    if (visit === undefined) throw new Error('It has no callbacks');
    const ticks = Array.from({ length: 100 }, (_, id) => ({ id, value: id / 2 }));
    let told = 0;
    const ms = await timed(async () => {
      for (let call = 1; call <= count; call++) {
        const answer = await visit(ticks, (number) => {
          told += number;
        });
        expectSame(ticks.length, answer);
        // Called once for each call, and before the answer.
        expectSame(ticks.length * call, told, 'what the callbacks were told');
      }
    });
    return (ms * 1000) / count;
  },
  cold: (_opened, count, mount) => firstAnswers(count, mount),
  warm: (_opened, count, mount) => firstAnswers(count, mount),
  fifty: async (_opened, count, mount) => {
    let all: readonly Connection[] = [];
    const ms = await timed(async () => {
      all = await mountAll(count, mount);
    });
    for (const each of all) each.close();
    return ms;
  },
};

/** Each is the time in milliseconds of as much work as `size` says. */
const growth: Record<GrowthName, Measure> = {
  guests: async (_opened, count, mount) => {
    const all = await mountAll(count, mount);
    await callAll(all, callsPerGuest);
    const ms = await timed(() => callAll(all, callsPerGuest));
    for (const each of all) each.close();
    return ms;
  },
  subscribers: (opened, count) =>
    timed(() =>
      Promise.all(
        Array.from({ length: count }, () => drain(opened(), { kind: 'numbers', count: valuesPerSubscriber })),
      ),
    ),
  payload: async (opened, length) => {
    const rounds = Math.max(1, Math.min(50, Math.round(100_000 / length)));
    const text = 'x'.repeat(length);
    const ms = await timed(async () => {
      for (let round = 0; round < rounds; round++) expectSame(text, await opened().echo(text));
    });
    return ms / rounds;
  },
  curve: async (opened, length) => {
    const rounds = Math.max(1, Math.min(20, Math.round(500_000 / length)));
    let ms = 0;
    for (let round = 0; round < rounds; round++) ms += await echo(opened(), tree(length));
    return ms / rounds;
  },
  contract: (_opened, _count, mount) => firstAnswers(1, mount),
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** So many calls of each guest, all in this turn, and every answer checked. */
async function callAll(connections: readonly Connection[], count: number): Promise<void> {
  const answers: Promise<number>[] = [];
  for (let call = 0; call < count; call++) for (const { add } of connections) answers.push(add({ a: call, b: 7 }));
  const sums = await Promise.all(answers);
  for (const [index, sum] of sums.entries())
    if (sum !== Math.floor(index / connections.length) + 7) throw new Error(`Call ${index} was answered ${sum}`);
}

/** The middle one of several bursts: one alone is so short that a pause of the garbage collector decides. */
async function burst(connection: Connection, count: number, times: number): Promise<number> {
  const all: number[] = [];
  for (let time = 0; time < times; time++) all.push(await timed(() => callAll([connection], count)));
  return all.sort((a, b) => a - b)[times >> 1] ?? Number.NaN;
}

function stream(connection: Connection, ...args: Parameters<NonNullable<Connection['stream']>>) {
  if (connection.stream === undefined) throw new Error('It has no streams');
  return connection.stream(...args);
}

/** Takes a stream to its last value and checks each: none is lost, none out of order. */
function drain(connection: Connection, request: StreamRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    let taken = 0;
    const next = (value: unknown): void => {
      const id = request.kind === 'ticks' ? readTick(value) : value;
      if (id !== taken) reject(new Error(`Value ${taken} is ${String(id)}`));
      if (++taken === request.count) resolve();
    };
    stream(connection, request, next);
  });
}

function readTick(value: unknown): number {
  const { id, value: half } = value as Tick;
  return half === id / 2 ? id : Number.NaN;
}

async function echo({ echo: send }: Connection, value: unknown): Promise<number> {
  let came: unknown;
  const ms = await timed(async () => {
    came = await send(value);
  });
  expectSame(value, came);
  return ms;
}

/** What keeps a consumer that has stopped in memory, with all that waits for it. */
let resume: (() => void) | undefined;

async function hoard(connection: Connection, count: number): Promise<number> {
  const before = await connection.produced();
  let taken = 0;
  await new Promise<void>((resolve, reject) => {
    const take = async (value: unknown): Promise<void> => {
      const { id } = value as Entry;
      if (id !== taken) reject(new Error(`Entry ${taken} is ${id}`));
      await sleep(slowMs);
      if (++taken < count) return;
      resolve();
      await new Promise<void>((go) => {
        resume = go;
      });
    };
    if (connection.pull === undefined) queue(connection, take);
    else connection.pull({ kind: 'records', count: 0 }, take);
  });
  await connection.stop();
  await settled(connection);
  expectSame(false, resume === undefined, 'that nobody waits');
  return (await connection.produced()) - before - taken;
}

/** For systems that push: what comes before it can be taken waits in an array. */
function queue(connection: Connection, take: (value: unknown) => Promise<void>): void {
  const waiting: unknown[] = [];
  let taken = 0;
  let isTaking = false;
  stream(connection, { kind: 'records', count: 0 }, async (value) => {
    waiting.push(value);
    if (isTaking) return;
    isTaking = true;
    while (taken < waiting.length) await take(waiting[taken++]);
    isTaking = false;
  });
}

/** Until the guest makes no more values. */
async function settled(connection: Connection): Promise<void> {
  for (let last = -1; ; ) {
    const now = await connection.produced();
    if (now === last) return;
    last = now;
    await sleep(50);
  }
}

async function answerFirst(mount: () => Promise<Connection>): Promise<Connection> {
  const connection = await mount();
  expectSame(3, await connection.add({ a: 1, b: 2 }));
  return connection;
}

function mountAll(count: number, mount: () => Promise<Connection>): Promise<readonly Connection[]> {
  return Promise.all(Array.from({ length: count }, () => answerFirst(mount)));
}

async function firstAnswers(count: number, mount: () => Promise<Connection>): Promise<number> {
  let ms = 0;
  for (let round = 0; round < count; round++) {
    let connection: Connection | undefined;
    ms += await timed(async () => {
      connection = await answerFirst(mount);
    });
    connection?.close();
  }
  return ms / count;
}

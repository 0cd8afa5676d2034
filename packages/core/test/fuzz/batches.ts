import type { Side } from '../../src/rpc/sent-calls.ts';
import type { Random } from './random.ts';
import type { Recording } from './record.ts';
import { laneNames } from './subject.ts';
import { anyEncoded, anyNumber, anyValue, names } from './values.ts';

/** One `postMessage` of the peer. */
export interface Step {
  readonly batch: unknown;
  /** Let everything happen that the event loop has, before the next. */
  readonly isPause: boolean;
  /** On a real port only: what is transferred besides. */
  readonly transfers: 'nothing' | 'a port' | 'a port that is not named' | 'a port in a lane' | 'a buffer';
}

/** Everything that a hostile peer does in one session. */
export interface Plan {
  readonly side: Side;
  readonly withCodec: boolean;
  /** Over the channel, or straight into the session. */
  readonly isOnPort: boolean;
  readonly steps: readonly Step[];
}

const WELCOME = 0;
const READY = 2;
const CALL = 5;
const RESULT = 6;
const FAILURE = 7;
const NEXT = 8;
const CREDIT = 9;
const CANCEL = 10;
const RELEASE = 11;
const ABORT = 12;
const LANE = 13;

/** Ids and indexes that mean something in a session which the subject has begun as always. */
interface Known {
  /** The next id that the peer may use, of its own. */
  next: number;
  /** The ids that the subject has used begin here, two apart. */
  readonly firstOwn: number;
  readonly withCodec: boolean;
  readonly side: Side;
}

/** Makes one session's worth of batches, of which some are honest, some honest but for a change, and some made up. */
export function makePlan(random: Random, side: Side, recordings: readonly [Recording, Recording]): Plan {
  const withCodec = random.once(3);
  const known: Known = { next: side === 'host' ? 2 : 1, firstOwn: side === 'host' ? 1 : 2, withCodec, side };
  const script = recordings[withCodec ? 1 : 0][side];
  const isOnPort = random.once(64);
  const batches: unknown[] = [];
  const style = random.below(4);
  if (style === 0) {
    // Honest from its beginning, with changes here and there.
    const length = 1 + random.below(script.length);
    for (const batch of script.slice(0, length))
      batches.push(random.once(6) ? mutate(random, known, structuredClone(batch)) : structuredClone(batch));
  } else {
    if (side === 'host' && !random.once(20)) batches.push([[READY, { session: 'fuzz', heard: [1] }]]);
    const length = 4 + random.below(16);
    for (let count = 0; count < length; count++) {
      if (style === 1) batches.push(mutate(random, known, structuredClone(random.pick(script)) ?? []));
      else batches.push(style === 2 || random.once(2) ? plausible(random, known) : anyBatch(random, known));
    }
  }
  const transfers = ['nothing', 'a port', 'a port that is not named', 'a port in a lane', 'a buffer'] as const;
  const steps = batches.map((batch) => ({
    batch,
    isPause: random.once(5),
    transfers: isOnPort && random.once(4) ? random.pick(transfers) : 'nothing',
  }));
  return { side, withCodec, isOnPort, steps };
}

/** Messages that pass the guard on the whole: so that what comes behind it is reached. */
function plausible(random: Random, known: Known): unknown[] {
  return Array.from({ length: 1 + random.below(4) }, () => plausibleMessage(random, known));
}

// What the subject asks for first, in this order: see `use` of subject.ts.
const ownCalls = [0, 1, 2, 3, 4, 5];
const ownStreams = [6, 7, 8, 9];

function plausibleMessage(random: Random, known: Known): unknown[] {
  const kinds = [CALL, CALL, CALL, CALL, RESULT, FAILURE, NEXT, NEXT, CREDIT, CANCEL, RELEASE, ABORT, LANE, LANE, LANE];
  const kind = random.pick(kinds);
  const own = (list: readonly number[]): number =>
    known.firstOwn + 2 * (random.once(30) ? random.below(14) : random.pick(list));
  switch (kind) {
    case CALL: {
      const id = known.next;
      known.next += 2;
      const procedure = random.once(8) ? 65_536 + random.below(8) : random.below(12);
      const isStream = (procedure >= 7 && procedure <= 10) || (procedure > 65_537 && procedure < 65_541);
      const credit = isStream !== random.once(20) ? 1 + random.below(40) : 0;
      const [value, ...live] = procedure === 6 || procedure === 2 ? liveValue(random) : [input(random, procedure)];
      return [kind, id, procedure, encoded(random, known, value), credit, ...live];
    }
    case RESULT: {
      const [value, ...live] = random.once(3) ? liveValue(random) : [answer(random)];
      return [kind, own(random.once(3) ? ownStreams : ownCalls), encoded(random, known, value), ...live];
    }
    case NEXT: {
      const [value, ...live] = random.once(3) ? liveValue(random) : [answer(random)];
      const values = live.length > 0 ? [value] : Array.from({ length: 1 + random.below(2) }, () => value);
      return [kind, own(ownStreams), values.map((one) => encoded(random, known, one)), ...live];
    }
    case FAILURE:
      return [
        kind,
        own(random.once(2) ? ownStreams : ownCalls),
        random.pick(['soldOut', 'HANDLER_FAILED', 'INPUT_INVALID', ...names]),
        'no',
        anyValue(random, 2),
      ];
    case CREDIT:
      return [kind, Math.max(0, known.next - 2 * (1 + random.below(6))), 1 + random.below(40)];
    case CANCEL:
      return [kind, Math.max(0, known.next - 2 * (1 + random.below(6)))];
    case RELEASE:
      return [kind, 65_536 + random.below(10), 1 + random.below(2)];
    case ABORT:
      return [kind, 65_536 + random.below(10), anyValue(random, 1)];
    default:
      return laneMessage(random, known);
  }
}

/** Something for each procedure, in the order of the contract, that often fits. */
function input(random: Random, procedure: number): unknown {
  if (random.once(5)) return anyValue(random);
  return [
    undefined,
    { a: 1, b: anyNumber(random) },
    anyValue(random, 2),
    { sku: 'x', count: random.below(11), ...(random.once(3) ? { tags: ['a', random.pick(names)] } : {}) },
    random.pick(['small', 'too large for it', 7]),
    null,
    null,
    random.below(250),
    null,
    null,
    null,
    random.pick(['yes', 'no']),
    [1, 2],
  ][Math.min(procedure, 12)];
}

function answer(random: Random): unknown {
  return random.once(2) ? random.pick<unknown>([3, { id: 'x' }, 'small', 'text', undefined]) : anyValue(random, 2);
}

function encoded(random: Random, { withCodec }: Known, value: unknown): unknown {
  if (!withCodec) return value;
  return random.once(20) ? anyEncoded(random) : [value];
}

const liveParts = ['call', 'counter', 'stream', 'readable', 'promise', 'signal'];

/** A value with places for live things, and their list; now and then the two do not fit together. */
function liveValue(random: Random): [value: unknown, attachments?: unknown[]] {
  const names0 = liveParts.filter(() => random.once(2));
  const value: Record<string, unknown> = { list: [null, new Map([['key', null]])] };
  const attachments: unknown[] = [];
  for (const name of names0) {
    value[name] = null;
    attachments.push([
      [name],
      random.once(20) ? random.below(7) : liveParts.indexOf(name),
      random.once(20) ? anyNumber(random) : 65_536 + random.below(40),
      random.once(10)
        ? random.pick<unknown>([['up', 'up'], [random.pick(names)], anyValue(random, 1)])
        : name === 'counter'
          ? ['up']
          : [],
    ]);
  }
  if (random.once(4)) attachments.push([['list', random.once(2) ? 0 : '0'], 0, 65_600, []]);
  if (random.once(4)) attachments.push([['list', 1, 0], 4, 65_601, []]);
  if (random.once(12))
    attachments.push(
      random.once(2) ? anyValue(random, 2) : [anyValue(random, 1), random.below(8), anyNumber(random), []],
    );
  return attachments.length === 0 ? [value] : [value, attachments];
}

/** A Comlink message: of every type, on lanes that are there and lanes that are not. */
function laneMessage(random: Random, { side }: Known): unknown[] {
  const peer = side === 'host' ? 'guest' : 'host';
  const lane = random.once(5)
    ? random.pick(['db/x', `db/${peer}0`, `api/${side}0`, `db/${side}0`, 'nobody', '', 'db/', ...names])
    : random.pick(laneNames);
  const argument = (): unknown =>
    random.once(8)
      ? anyValue(random, 1)
      : {
          type: random.pick(['RAW', 'RAW', 'HANDLER', 'NOTHING']),
          name: random.pick(['proxy', 'proxy', 'throw', 'nothing', ...names]),
          value: anyValue(random, 1),
        };
  const type = random.pick([
    'APPLY',
    'APPLY',
    'APPLY',
    'GET',
    'SET',
    'CONSTRUCT',
    'ENDPOINT',
    'RELEASE',
    'RAW',
    'HANDLER',
    ...names,
  ]);
  const data = {
    id: random.pick<unknown>(['1', '2', 'id', '__proto__', 7, undefined]),
    type,
    path: random.pick<unknown>([
      ['add'],
      ['each'],
      ['make'],
      ['nested', 'secret'],
      [random.pick(names)],
      [],
      undefined,
      'add',
      anyValue(random, 1),
    ]),
    argumentList: random.once(10) ? anyValue(random, 1) : Array.from({ length: random.below(3) }, argument),
    ...(random.once(3) ? { value: random.once(2) ? argument() : anyValue(random, 1) } : {}),
    ...(random.once(4) ? { name: random.pick(['proxy', 'throw', ...names]) } : {}),
  };
  const slot = (): unknown => [
    random.once(8) ? anyNumber(random) : random.below(3),
    random.once(8)
      ? random.pick([`db/${side}0`, 'api', 'db', 'later', random.pick(names)])
      : `${lane}/${peer}${random.below(60)}`,
  ];
  const ports = random.once(2) ? [] : Array.from({ length: 1 + random.below(2) }, slot);
  return [LANE, lane, random.once(40) ? anyValue(random, 2) : data, random.once(40) ? anyValue(random, 2) : ports];
}

/** What nobody sends: wrong kinds, lengths, fields; or no batch at all. */
function anyBatch(random: Random, known: Known): unknown {
  switch (random.below(12)) {
    case 0:
      return anyValue(random);
    case 1:
      if (!random.once(4)) return plausible(random, known);
      return Array.from({ length: random.once(30) ? 5000 : random.pick([64, 65]) }, () =>
        plausibleMessage(random, known),
      );
    case 2: {
      const sparse: unknown[] = plausible(random, known);
      sparse.length += random.pick([1, 1000, 2 ** 31]);
      return sparse;
    }
    case 3:
      return [];
    default:
      return Array.from({ length: 1 + random.below(3) }, () => anyMessage(random, known));
  }
}

function anyMessage(random: Random, known: Known): unknown {
  if (random.once(3)) return plausibleMessage(random, known);
  if (random.once(8)) return anyValue(random);
  const kind = random.once(10) ? random.pick<unknown>([...names, 14, -1, 0.5, null, '5']) : random.below(14);
  if (kind === WELCOME || kind === READY)
    return [kind, random.pick<unknown>([{ session: 'fuzz', heard: [1] }, anyValue(random)])];
  const fields = Array.from({ length: random.below(7) }, () =>
    random.once(2) ? anyNumber(random) : anyValue(random, 2),
  );
  return [kind, ...fields];
}

/** An honest batch with one thing changed, somewhere; sometimes with more. */
function mutate(random: Random, known: Known, batch: unknown[]): unknown {
  const at = random.below(batch.length);
  switch (random.below(12)) {
    case 0:
      batch.splice(at, 1);
      return batch;
    case 1:
      batch.splice(at, 0, structuredClone(batch[at]));
      return batch;
    case 2:
      batch.splice(at, 0, plausibleMessage(random, known));
      return batch;
    case 3:
      batch.splice(at, 0, anyMessage(random, known));
      return batch;
    case 4:
      return [...batch].reverse();
    case 5: {
      const message = batch[at];
      if (Array.isArray(message)) {
        if (random.once(2)) message.pop();
        else message.push(anyValue(random, 1));
      }
      return batch;
    }
    case 6: {
      const message = batch[at];
      if (Array.isArray(message)) message[0] = random.below(15);
      return batch;
    }
    case 7: {
      const message = batch[at];
      if (Array.isArray(message) && message.length > 1) message[1] = anyNumber(random);
      return batch;
    }
    default:
      change(random, batch);
      return batch;
  }
}

/** Walks down at random and changes what it finds. */
function change(random: Random, root: unknown[]): void {
  let node: object = root;
  for (let depth = 0; depth < 12; depth++) {
    const keys = Object.keys(node);
    const key = random.pick(keys.length > 0 ? keys : ['0']);
    const found: unknown = Reflect.get(node, key);
    if (typeof found === 'object' && found !== null && !random.once(5)) {
      node = found;
      continue;
    }
    const value =
      typeof found === 'number' && random.once(2)
        ? found + random.pick([-2, -1, 1, 2, 0.5])
        : random.once(2)
          ? anyValue(random, 2)
          : random.pick<unknown>([anyNumber(random), random.pick(names)]);
    const name = random.once(6) ? random.pick(names) : key;
    if (ArrayBuffer.isView(node)) return;
    Object.defineProperty(node, name === 'length' && Array.isArray(node) ? '0' : name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    return;
  }
}

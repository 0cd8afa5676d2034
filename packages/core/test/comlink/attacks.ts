// Everything that can be said in Comlink's words, and close to them: all types of messages × all kinds of values × ports, at up to three
// levels of lanes. Played against Muntin's lanes, and against Comlink on a bare port, which has to lose.
import { CALL, PORT } from '../../src/link/messages.ts';

/** Where a port could be in a message, and what stands there instead. */
type PortMode = (typeof portModes)[number];

const portModes = [
  'none',
  'fresh',
  'twice in one place',
  'twice by one name',
  'real',
  'real and named',
  'foreign',
  'stolen',
] as const;

/** One message without its id; `slots` for lanes, `ports` are real and travel with it. */
export interface Attack {
  readonly name: string;
  make(at: Place): Made;
}

export interface Made {
  readonly data: Readonly<Record<string, unknown>>;
  readonly slots: readonly unknown[];
  readonly ports: readonly MessagePort[];
  /** The other ends of real ports: what is heard there came by no lane. */
  readonly mine: readonly MessagePort[];
}

/** The lane that is attacked. */
export interface Place {
  readonly lane: string;
  readonly attacker: 'host' | 'guest';
  readonly victim: 'host' | 'guest';
  /** A number for a new lane of the attacker's. */
  readonly next: () => number;
}

/** Code that runs in the victim's realm has won. */
export const code = 'globalThis.pwned = (globalThis.pwned ?? 0) + 1';

type Kind = (value: unknown) => unknown;

const kinds: Readonly<Record<string, Kind>> = {
  data: (value) => ({ type: 'RAW', value }),
  'data inside': (value) => ({ type: 'RAW', value: { a: { b: value } } }),
  proxy: (value) => ({ type: 'HANDLER', name: 'proxy', value }),
  'proxy inside': (value) => ({ type: 'HANDLER', name: 'proxy', value: { a: value } }),
  'thrown error': (value) => ({
    type: 'HANDLER',
    name: 'throw',
    value: { isError: true, value: { name: 'Bad', message: 'bad', stack: 'SECRET', more: value } },
  }),
  'thrown value': (value) => ({ type: 'HANDLER', name: 'throw', value: { isError: false, value } }),
  'thrown nothing': () => ({ type: 'HANDLER', name: 'throw', value: null }),
  'handler of nobody': (value) => ({ type: 'HANDLER', name: 'evil', value }),
  'inherited name': (value) => ({ type: 'HANDLER', name: 'constructor', value }),
  'unknown type': (value) => ({ type: 'PROXY', name: 'proxy', value }),
  'one field more': (value) => ({ type: 'RAW', value, extra: 1 }),
  'own prototype': (value) => JSON.parse(`{"type":"RAW","value":${JSON.stringify(value ?? null)},"__proto__":{}}`),
  'no value at all': () => ({ type: 'RAW' }),
  'something else': (value) => value,
};

const paths: readonly (readonly unknown[])[] = [
  [],
  ['add'],
  ['hidden'],
  ['trap'],
  ['constructor'],
  ['__proto__'],
  ['nested', 'secret'],
  ['nested', 'deep', 'secret'],
  ['constructor', 'constructor'],
  ['add', 'constructor'],
  ['__proto__', 'polluted'],
  ['__proto__', '__proto__', 'polluted'],
  [1],
  [['add']],
];

const requests = ['GET', 'SET', 'APPLY', 'CONSTRUCT', 'ENDPOINT', 'RELEASE'];
const types = [...requests, 'RAW', 'HANDLER', 'NOTHING', '__proto__', 7, undefined];

/** What asks for something. */
export const requestAttacks: readonly Attack[] = [
  ...requests.flatMap((type) =>
    paths.map(
      (path): Attack => ({
        name: `${type} of ${JSON.stringify(path)}`,
        make: () => plain({ type, path, argumentList: [{ type: 'RAW', value: code }] }),
      }),
    ),
  ),
  ...requests.flatMap((type) =>
    paths.map(
      (path): Attack => ({
        name: `${type} of ${JSON.stringify(path)}, as it is to be`,
        make: () =>
          plain({
            type,
            ...(['ENDPOINT', 'RELEASE'].includes(type) ? {} : { path }),
            ...(['APPLY', 'CONSTRUCT'].includes(type) ? { argumentList: [{ type: 'RAW', value: code }] } : {}),
            ...(type === 'SET' ? { value: { type: 'RAW', value: code } } : {}),
          }),
      }),
    ),
  ),
  ...product('use', (value) => ({ type: 'APPLY', path: ['use'], argumentList: [value] }), 1),
  ...product(
    'use in the second place',
    (value) => ({ type: 'APPLY', path: ['use'], argumentList: [{ type: 'RAW', value: 1 }, value] }),
    2,
  ),
  ...product('SET', (value) => ({ type: 'SET', path: ['add'], value }), 1),
];

/** What answers a request of the victim's; `withId` says where the id came from. */
export const answerAttacks: readonly Attack[] = [
  ...product('answer', (value) => (typeof value === 'object' && value !== null ? { ...value } : { value }), 0),
  ...types.map(
    (type): Attack => ({
      name: `answer of type ${String(type)}`,
      make: () => plain({ type, name: 'proxy', value: null, path: [], argumentList: [] }),
    }),
  ),
  { name: 'answer to nobody', make: () => plain({ id: 'nobody', type: 'RAW', value: 1 }) },
];

function plain(data: Made['data']): Made {
  return { data, slots: [], ports: [], mine: [] };
}

function product(name: string, message: (value: unknown) => Made['data'], slot: number): Attack[] {
  return Object.entries(kinds).flatMap(([kind, make]) =>
    portModes.map(
      (mode): Attack => ({
        name: `${name}: ${kind}, port ${mode}`,
        make(place) {
          const isReal = mode.startsWith('real');
          const { port1, port2 } = isReal ? new MessageChannel() : { port1: null, port2: null };
          const data = message(make(port1));
          return {
            data,
            slots: slotsOf(mode, slot, place),
            ports: port1 === null ? [] : [port1],
            mine: port2 === null ? [] : [port2],
          };
        },
      }),
    ),
  );
}

function slotsOf(mode: PortMode, slot: number, { lane, attacker, victim, next }: Place): readonly unknown[] {
  const top = lane.split('/')[0];
  const fresh = (): string => `${top}/${attacker}${next()}`;
  switch (mode) {
    case 'fresh':
    case 'real and named':
      return [[slot, fresh()]];
    case 'twice in one place':
      return [
        [slot, fresh()],
        [slot, fresh()],
      ];
    case 'twice by one name': {
      const name = fresh();
      return [
        [slot, name],
        [slot + 1, name],
      ];
    }
    case 'foreign':
      return [[slot, top]];
    case 'stolen':
      return [[slot, `${top}/${victim}0`]];
    default:
      return [];
  }
}

/** A call of a procedure that takes anything: the ports are its own, says its list of attachments. */
export function bring(ports: readonly MessagePort[], id: number): readonly unknown[] {
  return ports.length === 0 ? [] : [[CALL, id, 1, [...ports], 0, ports.map((_, index) => [[index], PORT, 0, []])]];
}

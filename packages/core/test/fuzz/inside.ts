import { Session as Inspector } from 'node:inspector';
import { limits, type Subject } from './subject.ts';

/** How much of each kind waits, is held or is open in a session, read from the private fields that nothing else can see. */
export type Sizes = Readonly<Record<string, number>>;

type Remote = { readonly objectId?: string; readonly description?: string; readonly value?: unknown };
type Property = { readonly name: string; readonly value?: Remote };
type Properties = { readonly privateProperties?: readonly Property[]; readonly result: readonly Property[] };

// What is not private and is looked into, too.
const shown = /^(?:handler|kept|sent|queue)$/;

// What the inspector has shown it keeps, until it is told to let go.
const objectGroup = 'look';
const inspector = new Inspector();
inspector.connect();

/** Inspector calls of the own thread answer before they return. */
function ask(method: string, parameters: object): unknown {
  let answer: unknown;
  inspector.post(method, parameters, (error, result) => {
    if (error !== null) throw new Error(error.message);
    answer = result;
  });
  return answer;
}

function privatesOf(objectId: string): ReadonlyMap<string, Remote> {
  const { privateProperties = [], result } = ask('Runtime.getProperties', {
    objectId,
    ownProperties: true,
  }) as Properties;
  const open = result.flatMap((own) => (shown.test(own.name) ? { ...own, name: `#${own.name}` } : []));
  return new Map(
    [...privateProperties, ...open].flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])),
  );
}

const parts = [
  ...['#link', '#inbox', '#dispatcher', '#references', '#exports', '#handler', '#admission'],
  ...['#calls', '#sent', '#queue', '#imports', '#serves', '#wire', '#early'],
];

/**
 * The sizes of the collections of a session, its caller and its lanes. A part that is made on first use, and was not used, has the size 0
 * itself: a session can end before anything live is in a value.
 */
export function lookInside({ session, caller, lanes }: Subject): Sizes {
  const sizes: Record<string, number> = {};
  const visit = (name: string, objectId: string | undefined): void => {
    if (objectId === undefined) return;
    for (const [field, { objectId: inner, description = '', value }] of privatesOf(objectId)) {
      const size = /^(?:Map|Set|Array)\((\d+)\)$/.exec(description)?.[1];
      if (size !== undefined) sizes[name + field] = Number(size);
      else if (typeof value === 'number') sizes[name + field] = value;
      else if (parts.includes(field)) {
        if (inner === undefined) sizes[name + field] = 0;
        visit(`${name}${field}`, inner);
      }
    }
  };
  Object.assign(globalThis, { fuzzed: [session, caller, lanes] });
  for (const [index, name] of ['session', 'caller', 'lanes'].entries()) {
    const { result } = ask('Runtime.evaluate', { expression: `fuzzed[${index}]`, objectGroup }) as { result: Remote };
    visit(name, result.objectId);
  }
  ask('Runtime.evaluate', { expression: 'delete globalThis.fuzzed' });
  ask('Runtime.releaseObjectGroup', { objectGroup });
  return sizes;
}

/** The most of each that the limits allow; what is not listed is not bounded by anything but a round's length. */
const most: Sizes = {
  'session#dispatcher#tasks': limits.calls + limits.streams,
  'session#dispatcher#streams': limits.streams,
  'session#references#exports#byIndex': limits.references,
  'session#references#exports#indexes': limits.references,
  'lanes#handler#serves#lanes': limits.lanes + 1,
  'lanes#handler#calls#lanes': limits.lanes + 1026,
  'lanes#handler#wire#proxies': limits.lanes,
  'lanes#handler#serves#running': limits.calls + limits.lanes,
  'lanes#handler#serves#early#waiting': limits.calls + 1,
  'lanes#handler#kept': limits.calls + 1,
  'session#link#inbox#arrived': 64 * 64,
};

/** What must be gone when a session is. */
const gone: readonly string[] = [
  'session#dispatcher#tasks',
  'session#dispatcher#streams',
  'session#references#exports#byIndex',
  'session#references#exports#indexes',
  'session#references#imports#held',
  'session#link#inbox#arrived',
  'caller#calls#sent#calls',
  'caller#calls#checking',
  'caller#calls#queue#waiting',
  'lanes#handler#serves#early#waiting',
  'lanes#handler#calls#inFlight',
  'lanes#handler#wire#proxies',
];

/** What is more than it may be. */
export function findGrowth(sizes: Sizes, hasEnded: boolean): string | undefined {
  for (const [name, size] of Object.entries(sizes)) {
    const allowed = hasEnded && gone.includes(name) ? 0 : (most[name] ?? Infinity);
    if (size > allowed) return `${name} holds ${size}, ${hasEnded ? 'after the end' : `more than ${allowed}`}`;
  }
  const isHub = Object.keys(sizes).some((name) => name.startsWith('lanes#handler#calls'));
  for (const name of [...Object.keys(most), ...gone])
    if (
      (isHub ? name !== 'lanes#handler#kept' : !name.startsWith('lanes')) &&
      !(name in sizes) &&
      !isInUnused(name, sizes)
    )
      return `${name} cannot be found: it was renamed`;
  return undefined;
}

/** Whether what holds it was never made. */
function isInUnused(name: string, sizes: Sizes): boolean {
  return Object.keys(sizes).some((part) => sizes[part] === 0 && name.startsWith(`${part}#`));
}

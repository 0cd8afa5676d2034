import { Session as Inspector } from 'node:inspector';
import { limits, type Subject } from './subject.ts';

/** How much of each kind waits, is held or is open in a session, mostly read from private fields, that nothing else can see. */
export type Sizes = Readonly<Record<string, number>>;

type Remote = { readonly objectId?: string; readonly description?: string; readonly value?: unknown };
type Property = { readonly name: string; readonly value?: Remote };
type Properties = { readonly result?: readonly Property[]; readonly privateProperties?: readonly Property[] };

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

function fieldsOf(objectId: string): ReadonlyMap<string, Remote> {
  const properties = ask('Runtime.getProperties', { objectId, ownProperties: true }) as Properties;
  const { result = [], privateProperties = [] } = properties;
  const named = result.map((property) => ({ ...property, name: `.${property.name}` }));
  return new Map(
    [...privateProperties, ...named].flatMap(({ name, value }) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}

// What is looked into as well; of public fields nothing else.
const parts = [
  '#link',
  '#inbox',
  '#dispatcher',
  '#references',
  '#handler',
  '#queue',
  '#admission',
  '#calls',
  '.sent',
  '.queue',
];

/** The sizes of the collections of a session, its caller and its lanes. */
export function lookInside({ session, caller, lanes }: Subject): Sizes {
  const sizes: Record<string, number> = {};
  const visit = (name: string, objectId: string | undefined): void => {
    if (objectId === undefined) return;
    for (const [field, { objectId: inner, description = '', value }] of fieldsOf(objectId)) {
      if (parts.includes(field)) visit(`${name}${field}`, inner);
      if (field.startsWith('.')) continue;
      const size = /^(?:Map|Set|Array)\((\d+)\)$/.exec(description)?.[1];
      if (size !== undefined) sizes[name + field] = Number(size);
      else if (typeof value === 'number') sizes[name + field] = value;
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
  'session#references#exports': limits.references,
  'session#references#indexes': limits.references,
  'lanes#handler#serves': limits.lanes + 1,
  'lanes#handler#calls': limits.lanes + 1026,
  'lanes#handler#proxies': limits.lanes,
  'lanes#handler#running': limits.calls + limits.lanes,
  'lanes#handler#early': limits.calls + 1,
  'lanes#waiting': 1000,
  'session#link#inbox#arrived': 64 * 64,
};

/** What must be gone when a session is. */
const gone: readonly string[] = [
  'session#dispatcher#tasks',
  'session#dispatcher#streams',
  'session#references#exports',
  'session#references#indexes',
  'session#references#imports',
  'session#link#inbox#arrived',
  'caller#calls.sent#calls',
  'caller#calls#checking',
  'caller#calls.queue#waiting',
  'lanes#handler#early',
  'lanes#handler#inFlight',
  'lanes#handler#proxies',
  'lanes#waiting',
];

/** What is more than it may be. */
export function findGrowth(sizes: Sizes, hasEnded: boolean): string | undefined {
  for (const [name, size] of Object.entries(sizes)) {
    const allowed = hasEnded && gone.includes(name) ? 0 : (most[name] ?? Infinity);
    if (size > allowed) return `${name} holds ${size}, ${hasEnded ? 'after the end' : `more than ${allowed}`}`;
  }
  for (const name of [...Object.keys(most), ...gone])
    if (!name.startsWith('lanes') && !(name in sizes)) return `${name} cannot be found: it was renamed`;
  return undefined;
}

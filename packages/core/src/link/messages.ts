// What travels on the port: a batch is an array of messages, a message is a tuple that starts with its kind.
// `docs/protocol.md` has every one of them, field by field, and changes together with this file.

export const WELCOME = 0;
export const REFUSE = 1;
export const READY = 2;
export const NOTE = 3;
export const GOODBYE = 4;
export const CALL = 5;
export const RESULT = 6;
export const FAILURE = 7;
export const NEXT = 8;
export const CREDIT = 9;
export const CANCEL = 10;
export const RELEASE = 11;
export const ABORT = 12;
export const LANE = 13;
export const UNREAD = 14;

/** What ends or feeds something that was called: the id says what. A result of a stream is its completion. */
export type Answer =
  | readonly [kind: typeof RESULT, id: number, value: unknown, attachments?: readonly unknown[]]
  | readonly [kind: typeof FAILURE, id: number, code: string, message: string, data: unknown]
  | readonly [kind: typeof NEXT, id: number, values: unknown[], attachments?: readonly unknown[]];

/** What asks for something. A call with credit subscribes to a stream; a cancel ends either. */
type Request =
  | readonly [
      kind: typeof CALL,
      id: number,
      procedure: number,
      input: unknown,
      credit: number,
      attachments?: readonly unknown[],
    ]
  | readonly [kind: typeof CREDIT, id: number, count: number]
  | readonly [kind: typeof CANCEL, id: number]
  | readonly [kind: typeof RELEASE, index: number, count: number]
  | readonly [kind: typeof ABORT, index: number, reason: unknown]
  | readonly [kind: typeof UNREAD, batch: number];

/** One unit on the port. */
export type Message =
  | readonly [kind: typeof WELCOME, welcome: unknown]
  | readonly [kind: typeof REFUSE, refusal: unknown]
  | readonly [kind: typeof READY, ready: unknown]
  | readonly [kind: typeof NOTE, mark: number, value: unknown]
  | readonly [kind: typeof GOODBYE, reason: string]
  | readonly [kind: typeof LANE, path: string, message: unknown, ports: readonly unknown[]]
  | Request
  | Answer;

/** What one `postMessage` carries. */
export type Batch = readonly Message[];

// By kind, one letter for each field behind it: i = id or index from 0, n = count from 1, t = bounded text, a = array, v = any value,
// o = array that may be missing.
const fields: readonly string[] = [
  'v',
  'v',
  'v',
  'iv',
  't',
  'iivio',
  'ivo',
  'ittv',
  'iao',
  'in',
  'i',
  'in',
  'iv',
  'tva',
  'n',
];

// By kind, where the value is whose size is to be checked; 0: there is none.
const values: readonly number[] = [1, 1, 1, 2, 0, 3, 2, 4, 2, 0, 0, 0, 2, 2, 0];

/** The value of a message of ours that its shape does not bound, if it has one: of stream values all of them. */
export function valueOf(message: Message): unknown {
  const tuple: readonly unknown[] = message;
  return tuple[values[message[0]] ?? 0];
}

/**
 * The same of a message that has come. It is a function of its own: to an engine, an array that structured clone has built may have holes, and V8
 * turns every array that the same place of a program reads into such a one. A message of ours would then take twice as long to be sent and read.
 */
export function incomingValueOf(message: Message): unknown {
  const tuple: readonly unknown[] = message;
  return tuple[values[message[0]] ?? 0];
}

/** Puts another value, such as a copy, in the place of a message's value. */
export function putValue(message: readonly unknown[], value: unknown): void {
  (message as unknown[])[values[Number(message[0])] ?? 0] = value; // a tuple of ours, that nobody else has
}

/** What is remembered of a message of ours when it is sent: not its value; of a lane's whom it answers. */
export function withoutValue(message: Message): Message {
  const kept = [...message] as unknown as Message; // the same kind of tuple
  putValue(kept, message[0] === LANE && { ...(message[2] as object), value: 0, argumentList: 0 });
  return kept;
}

/**
 * Whether something from the peer is a message: known kind, exact length, every field of its type. Values are not looked into.
 *
 * A list of the peer's can bring names of its own, such as `at` or `every`: here and wherever one is read, none of its methods is called.
 */
export function isMessage(given: unknown): given is Message {
  if (!Array.isArray(given)) return false;
  const tuple: readonly unknown[] = given;
  const kind = tuple[0];
  const expected = typeof kind === 'number' ? fields[kind] : undefined; // a text would find `at` and `length`
  if (expected === undefined || tuple.length > expected.length + 1) return false;
  if (tuple.length < expected.length + (expected.endsWith('o') ? 0 : 1)) return false;
  // Never behind the end: engines search the prototypes for what is not there.
  for (let index = 1; index < tuple.length; index++) if (!isField(expected[index - 1], tuple[index])) return false;
  return true;
}

function isField(field: string | undefined, value: unknown): boolean {
  switch (field) {
    case 't':
      return isText(value);
    case 'a':
      return Array.isArray(value) && value.length <= maxList;
    case 'o':
      return value === undefined || (Array.isArray(value) && value.length <= maxAttachments);
    case 'v':
      return true;
    default:
      return Number.isSafeInteger(value) && Number(value) >= (field === 'n' ? 1 : 0);
  }
}

/** The longest text of our own in a message, in UTF-16 code units: codes, messages of errors, reasons. */
export const maxText = 1024;

/** A text that is not longer than ours can be. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxText;
}

// Stream values in one message, ports of a lane: more than an honest message has.
const maxList = 65_536;
// More than one value of ours brings; a list without end would be walked before it is refused.
const maxAttachments = 65_536;
// The paths and names of methods of one message's attachments together.
const maxSegments = 65_536;
// A list that is longer than this has to be the only one of its batch with these contents, as ours are.
const shortList = 16;

/**
 * Whether what is attached to a message is no more work than its bytes explain. Structured clone lets many messages, attachments and paths
 * be one and the same list for a few bytes each: ours are lists of their own. `seen` has those of the batch so far.
 */
export function isOwnList(attachments: readonly unknown[], seen: Set<object>): boolean {
  if (attachments.length === 0) return true;
  if (seen.has(attachments)) return false;
  seen.add(attachments);
  let segments = 0;
  for (let index = 0; index < attachments.length; index++) {
    const attachment: unknown = attachments[index];
    if (!Array.isArray(attachment)) continue;
    const tuple: readonly unknown[] = attachment;
    for (let field = 0; field < 4; field += 3) {
      const list = listOf(tuple[field], Infinity);
      if (list.length > shortList && seen.has(list)) return false;
      if (list.length > shortList) seen.add(list);
      segments += list.length;
    }
  }
  return segments <= maxSegments;
}

/** Indexes of procedures below this are those of the contract; the others are of what was passed by reference. */
export const firstExport = 65_536;

/** The kind of an attachment that is a MessagePort: it crosses in the value itself, and is listed so that it is expected. */
export const PORT = 6;

const none: readonly unknown[] = [];
// So many attachments of a batch are looked at for the ports that they name.
const maxClaims = 2 ** 18;
// The ports that came with a list of attachments.
const portsOf = new WeakMap<object, MessagePort[]>();

/**
 * Whether a batch names all ports that it brings, each in the attachments of its value. It is read before anything else is checked: no
 * list in it is longer than it may be.
 */
export function claimPorts(batch: unknown, ports: readonly MessagePort[], mostMessages: number): boolean {
  let count = 0;
  let looked = 0;
  const messages = listOf(batch, mostMessages);
  for (let at = 0; at < messages.length; at++) {
    const message: unknown = messages[at];
    // Nothing in a lane's message may be a port, and nobody searches it for one: they never travel together.
    if (Array.isArray(message) && message[0] === LANE) return false;
    const attachments = attachmentsOf(message);
    if ((looked += attachments.length) > maxClaims) return false;
    for (let index = 0; index < attachments.length; index++) {
      const attachment: unknown = attachments[index];
      if (!Array.isArray(attachment) || attachment[1] !== PORT) continue;
      const port = ports[count++];
      if (port === undefined) return false;
      const known = portsOf.get(attachments);
      // One list can be that of many messages.
      if (known === undefined) portsOf.set(attachments, [port]);
      else known.push(port);
    }
  }
  return count === ports.length;
}

/** Closes the ports that came with a value which nobody gets. */
export function closePorts(attachments: readonly unknown[] | undefined): void {
  for (const port of (attachments && portsOf.get(attachments)) ?? []) port.close();
}

/** What is attached to the value of a message, whatever else is wrong with it. */
export function attachmentsOf(message: unknown): readonly unknown[] {
  if (!Array.isArray(message)) return none;
  const tuple: readonly unknown[] = message;
  const kind = tuple[0];
  const at = kind === CALL ? 5 : kind === RESULT || kind === NEXT ? 3 : Infinity;
  return at < tuple.length ? listOf(tuple[at], maxAttachments) : none;
}

/** The same message, without what is attached to it. */
export function withoutAttachments(message: Message): Message {
  switch (message[0]) {
    case CALL:
      return [CALL, message[1], message[2], message[3], message[4]];
    case RESULT:
      return [RESULT, message[1], message[2]];
    case NEXT:
      return [NEXT, message[1], message[2]];
    default:
      return message;
  }
}

function listOf(given: unknown, most: number): readonly unknown[] {
  return Array.isArray(given) && given.length <= most ? given : none;
}

// What the handshake says. Hello, knock, check and here travel on a window and carry no data of any application; everything else
// travels on the port. `docs/protocol.md` has every field.

/** The protocol versions that this code speaks, newest first. */
export const protocolVersions: readonly number[] = [1];

/** What one side tells the other about itself. */
export interface Introduction {
  readonly versions: readonly number[];
  readonly contract: ContractName;
  /** Paths of the procedures it serves; a procedure's index here is its name on the wire. */
  readonly serves: readonly string[];
  /** How many calls it takes at once. */
  readonly calls: number;
  /** Names of the codecs that it has, the preferred one first. */
  readonly codecs: readonly string[];
}

/** Which contract a side speaks. */
interface ContractName {
  readonly name: string;
  readonly version: string;
}

/** Guest to host, on the window, together with one port: let us talk. */
export interface Hello extends Introduction {
  readonly muntin: 'hello';
  /** Of who says hello: the same each time it says it. */
  readonly nonce: string;
  /** What the host gave the document with its address; only a guest with an opaque origin needs it. */
  readonly secret?: string | undefined;
  /** Of the document: the same for everything that says hello in it. */
  readonly document?: string | undefined;
}

/** Host to guest, on the port: accepted. */
export interface Welcome extends Introduction {
  readonly version: number;
  /** The versions as the host read them in the hello: the guest notices when they are not what it sent. */
  readonly heard: readonly number[];
  readonly codec: string;
  readonly session: string;
  /** What extensions have to say first: a batch, which the session reads. */
  readonly notes: unknown;
}

/** Guest to host, on the port: the welcome was read. */
export interface Ready {
  readonly session: string;
  /** The versions as the guest read them in the welcome. */
  readonly heard: readonly number[];
}

/** Host to guest, on the port: the hello is well-formed, but does not fit. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

type RefusalCode = 'VERSION_MISMATCH' | 'CONTRACT_MISMATCH' | 'RELOAD_LOOP';

/** Host to guest, on the window. `knock`: say hello. `check`: are you the document of the session? */
export type HostSignal = { readonly muntin: 'knock' } | { readonly muntin: 'check'; readonly nonce: string };

/** Guest to host, on the window: the answer to `check`, known to the session's own document only. */
export interface Here {
  readonly muntin: 'here';
  readonly nonce: string;
  readonly session: string;
}

/**
 * Guest to embedder, on the window, in development builds with `debug` only: why there will be no hello. `refused`: the embedder is not one of its hosts.
 * `threw`: a script threw before `expose` was called. It has no data, and goes to exactly the origin that embeds the guest.
 */
export interface Trouble {
  readonly muntin: 'trouble';
  readonly why: 'refused' | 'threw';
}

// More than any honest contract has; a hello with more is not read.
const maxServes = 65_536;
const maxListed = 32;

export function isHello(data: unknown): data is Hello {
  return (
    isRecord(data) &&
    data['muntin'] === 'hello' &&
    isIntroduction(data) &&
    isText(data['nonce']) &&
    (data['secret'] === undefined || isText(data['secret'])) &&
    (data['document'] === undefined || isText(data['document']))
  );
}

export function isWelcome(data: unknown): data is Welcome {
  return (
    isRecord(data) &&
    isIntroduction(data) &&
    Number.isSafeInteger(data['version']) &&
    isListOf(data['heard'], maxListed, Number.isSafeInteger) &&
    isText(data['codec']) &&
    isText(data['session'])
  );
}

export function isReady(data: unknown): data is Ready {
  return isRecord(data) && isText(data['session']) && isListOf(data['heard'], maxListed, Number.isSafeInteger);
}

export function isRefusal(data: unknown): data is Refusal {
  return (
    isRecord(data) &&
    refusalCodes.includes(data['code']) &&
    typeof data['message'] === 'string' &&
    data['message'].length <= 1024
  );
}

const refusalCodes: readonly unknown[] = [
  'VERSION_MISMATCH',
  'CONTRACT_MISMATCH',
  'RELOAD_LOOP',
] satisfies RefusalCode[];

/** Whether a message on a window is meant for us, well-formed or not. Others are none of our business. */
export function isOurs(data: unknown): data is { readonly muntin: unknown } {
  return isRecord(data) && Object.hasOwn(data, 'muntin');
}

export function isHere(data: unknown): data is Here {
  return isRecord(data) && data['muntin'] === 'here' && isText(data['nonce']) && isText(data['session']);
}

export function isTrouble(data: unknown): data is Trouble {
  return isRecord(data) && data['muntin'] === 'trouble' && (data['why'] === 'refused' || data['why'] === 'threw');
}

export function isHostSignal(data: unknown): data is HostSignal {
  return isRecord(data) && (data['muntin'] === 'knock' || (data['muntin'] === 'check' && isText(data['nonce'])));
}

function isIntroduction(data: Readonly<Record<string, unknown>>): boolean {
  const contract = data['contract'];
  return (
    isListOf(data['versions'], maxListed, Number.isSafeInteger) &&
    isRecord(contract) &&
    isText(contract['name']) &&
    isText(contract['version']) &&
    isListOf(data['serves'], maxServes, isText) &&
    isListOf(data['codecs'], maxListed, isText) &&
    typeof data['calls'] === 'number' &&
    data['calls'] >= 1
  );
}

/**
 * A plain object; what structured clone builds has own properties only, besides those of `Object.prototype`: of this page's, or of the
 * window's that the guest's frame is in.
 */
function isRecord(data: unknown): data is Readonly<Record<string, unknown>> {
  if (typeof data !== 'object' || data === null) return false;
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype !== null && Object.getPrototypeOf(prototype) === null;
}

function isText(data: unknown): data is string {
  return typeof data === 'string' && data.length <= 256;
}

function isListOf(data: unknown, most: number, is: (item: unknown) => boolean): boolean {
  // Copied, for `every` passes over holes; and without names: a list of the peer's can bring a `join` or `every` of its own.
  return Array.isArray(data) && data.length <= most && Object.keys(data).length === data.length && [...data].every(is);
}

/** Whether two lists say the same. */
export function isEqualList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** The highest version that both lists have. */
export function commonVersion(a: readonly number[], b: readonly number[]): number | undefined {
  const common = a.filter((version) => b.includes(version));
  return common.length > 0 ? Math.max(...common) : undefined;
}

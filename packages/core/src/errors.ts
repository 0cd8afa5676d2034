/**
 * Why something failed: a closed list. Applications branch on it; the documentation has a page for each.
 *
 * Written by an application:
 * - `INVALID_OPTION`: an option, contract, handler or call option is wrong. Thrown at once.
 *
 * Connecting:
 * - `NOT_IN_A_BROWSER`: it was called where there is no page, as on a server that renders one.
 * - `NOT_EMBEDDED`: the guest was opened on its own, not in a frame.
 * - `HOST_NOT_ALLOWED`: the page that embeds the guest is not in its `hosts`; guests in development with `debug` tell the host.
 * - `HANDSHAKE_TIMED_OUT`: the guest was not welcomed in time.
 * - `BLOCKED_BY_CSP`: the host's own Content-Security-Policy does not let the frame load.
 * - `SANDBOX_BLOCKS_SCRIPTS`: the policy of the mount does not let the guest run scripts.
 * - `GUEST_SANDBOXED`: a sandbox takes the guest's origin or its scripts away.
 * - `GUEST_NOT_LOADED`: the frame had no `load` event in time.
 * - `GUEST_UNREACHABLE`: nothing answers at the guest's address.
 * - `GUEST_ERROR_STATUS`: its server answers with an error status.
 * - `GUEST_FORBIDS_FRAMING`: its headers do not let this page frame it.
 * - `GUEST_SCRIPT_FAILED`: a script of it threw before it called `expose`.
 * - `GUEST_SILENT`: the frame loaded, but nothing in it said hello.
 * - `GUEST_ORIGIN_MISMATCH`: the document in the frame is on another origin than the pinned one.
 * - `POPUP_BLOCKED`: the browser did not let the host open the guest's window.
 * - `VERSION_MISMATCH`, `CONTRACT_MISMATCH`: the sides speak different protocols or contracts.
 *
 * One call or stream:
 * - `CALL_TIMED_OUT`: no answer within `timeoutMs`.
 * - `CALL_CANCELLED`: its `signal` fired.
 * - `LINK_CLOSED`: the session ended; `cause` says why, `mayHaveRun` whether the peer may have run it.
 * - `PROCEDURE_NOT_FOUND`: the peer does not serve it.
 * - `INPUT_INVALID`, `OUTPUT_INVALID`: the schema refused the value; `data` has the issues.
 * - `HANDLER_FAILED`: the handler threw something that its contract does not declare.
 * - `VALUE_NOT_CLONEABLE`: the value cannot cross a frame; the message has the path.
 * - `VALUE_TOO_LARGE`: the value is over the receiver's budget.
 * - `VALUE_UNSAFE`: the value has an own key `__proto__`, which code that copies it would turn into a prototype.
 * - `CHUNK_NOT_LOADED`: a part of Muntin that the value needs could not be loaded; the next value tries again.
 * - `OVERLOADED`: too much is queued or open.
 * - `REFERENCE_RELEASED`: the reference was given back, or its session is over.
 * - `STREAM_OVERFLOW`: the source outran its consumer and its buffer is full.
 *
 * A fetch through the other side (`@muntin/host/fetch`, `@muntin/guest/fetch`), and a manifest (`@muntin/host/manifest`):
 * - `DENIED`: no grant allows the request; `data` has the rule that is missing.
 * - `FETCH_FAILED`: it was allowed and failed on the way.
 * - `MANIFEST_NOT_LOADED`: the manifest could not be read; `data` says why.
 * - `MANIFEST_INVALID`: what was read is not a manifest.
 *
 * A JSONP endpoint (`@muntin/host/jsonp`):
 * - `JSONP_NOT_LOADED`: its script did not load.
 * - `JSONP_BAD_RESPONSE`: its script gave the callback no JSON, or did not call it.
 * - `JSONP_TOO_LARGE`: its answer is over `maxBytes`.
 * - `JSONP_TIMED_OUT`: it has not answered within `timeoutMs`.
 *
 * How a session ended (the `cause` of `LINK_CLOSED`, or of a mount that failed):
 * - `UNMOUNTED`, `PEER_CLOSED`, `PEER_RELOADED`, `PEER_NAVIGATED`, `FRAME_REMOVED`, `POPUP_CLOSED`, `RELOAD_LOOP`
 * - `PEER_UNRESPONSIVE`: the guest did not react for too long: to its welcome, or later, where the mount was to give up then.
 * - `PROTOCOL_VIOLATION`: the peer sent what an honest peer cannot.
 * - `LIMIT_EXCEEDED`: the peer went over a limit, which the message names.
 */
export type ErrorCode =
  | 'INVALID_OPTION'
  | 'NOT_IN_A_BROWSER'
  | 'NOT_EMBEDDED'
  | 'HOST_NOT_ALLOWED'
  | 'HANDSHAKE_TIMED_OUT'
  | 'BLOCKED_BY_CSP'
  | 'SANDBOX_BLOCKS_SCRIPTS'
  | 'GUEST_SANDBOXED'
  | 'GUEST_NOT_LOADED'
  | 'GUEST_UNREACHABLE'
  | 'GUEST_ERROR_STATUS'
  | 'GUEST_FORBIDS_FRAMING'
  | 'GUEST_SCRIPT_FAILED'
  | 'GUEST_SILENT'
  | 'GUEST_ORIGIN_MISMATCH'
  | 'POPUP_BLOCKED'
  | 'VERSION_MISMATCH'
  | 'CONTRACT_MISMATCH'
  | 'CALL_TIMED_OUT'
  | 'CALL_CANCELLED'
  | 'DENIED'
  | 'FETCH_FAILED'
  | 'MANIFEST_NOT_LOADED'
  | 'MANIFEST_INVALID'
  | 'JSONP_NOT_LOADED'
  | 'JSONP_BAD_RESPONSE'
  | 'JSONP_TOO_LARGE'
  | 'JSONP_TIMED_OUT'
  | 'LINK_CLOSED'
  | 'UNMOUNTED'
  | 'PEER_CLOSED'
  | 'PEER_RELOADED'
  | 'PEER_NAVIGATED'
  | 'FRAME_REMOVED'
  | 'POPUP_CLOSED'
  | 'RELOAD_LOOP'
  | 'PEER_UNRESPONSIVE'
  | 'PROTOCOL_VIOLATION'
  | 'LIMIT_EXCEEDED'
  | PeerCode;

/** The codes that a peer may answer a call or end a stream with, beside those its contract declares. */
export type PeerCode =
  | 'PROCEDURE_NOT_FOUND'
  | 'INPUT_INVALID'
  | 'OUTPUT_INVALID'
  | 'HANDLER_FAILED'
  | 'VALUE_NOT_CLONEABLE'
  | 'VALUE_TOO_LARGE'
  | 'VALUE_UNSAFE'
  | 'CHUNK_NOT_LOADED'
  | 'OVERLOADED'
  | 'STREAM_OVERFLOW'
  | 'REFERENCE_RELEASED';

const peerCodes: ReadonlySet<string> = new Set<PeerCode>([
  'PROCEDURE_NOT_FOUND',
  'INPUT_INVALID',
  'OUTPUT_INVALID',
  'HANDLER_FAILED',
  'VALUE_NOT_CLONEABLE',
  'VALUE_TOO_LARGE',
  'VALUE_UNSAFE',
  'CHUNK_NOT_LOADED',
  'OVERLOADED',
  'STREAM_OVERFLOW',
  'REFERENCE_RELEASED',
]);

/** Whether a peer may use this code. Everything else from a peer becomes `HANDLER_FAILED`. */
export function isPeerCode(code: string): code is PeerCode {
  return peerCodes.has(code);
}

/** What a {@link MuntinError} carries beside its code and message. */
export interface MuntinErrorOptions<Data> {
  /** What led to this error, on this side only: it never crosses to the peer. */
  readonly cause?: unknown;
  /** Data of the error: for a declared error what its schema says, for `INPUT_INVALID` the issues. It crosses to the peer. */
  readonly data?: Data;
  /** See {@link MuntinError.mayHaveRun}. */
  readonly mayHaveRun?: boolean;
  /** See {@link MuntinError.handlerErrorName}. */
  readonly handlerErrorName?: string | undefined;
  /** See {@link MuntinError.blame}. */
  readonly blame?: 'this side' | 'the peer';
}

/**
 * The one error class of Muntin. Branch on {@link MuntinError.code}; the message is for people and names the value and the remedy.
 *
 * Handlers throw it with a code that their contract declares: `throw new MuntinError('outOfStock', 'None left', { data: { left: 0 } })`.
 */
export class MuntinError<Code extends string = ErrorCode, Data = unknown> extends Error {
  /** One of {@link ErrorCode}, or a code that the contract declares for the procedure. */
  readonly code: Code;
  /** Declared data of the error, or the issues of `INPUT_INVALID` and `OUTPUT_INVALID`. */
  readonly data: Data;
  /**
   * Whether the call had been sent, in this session or an earlier one, so that the peer may have run it although no answer came: with
   * `LINK_CLOSED`, `CALL_TIMED_OUT` and `CALL_CANCELLED`. A mutation that was never sent has `false` and can be called again without harm.
   */
  readonly mayHaveRun: boolean;
  /**
   * With `HANDLER_FAILED`: the `name` of what the handler of the other side threw, such as `TypeError`, for whoever logs it. It is the
   * peer's word, and never becomes a class here.
   */
  readonly handlerErrorName: string | undefined;
  /**
   * With `INPUT_INVALID` and `OUTPUT_INVALID`: who sent the value that the schema refused, as seen from the side that has caught the error:
   * `this side` for an input that it passed, `the peer` for an output that it got.
   */
  readonly blame: 'this side' | 'the peer' | undefined;

  constructor(code: Code, message: string, options: MuntinErrorOptions<Data> = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.data = options.data as Data; // absent data is `undefined`, which is what a procedure without declared data has
    this.mayHaveRun = options.mayHaveRun ?? false;
    this.handlerErrorName = options.handlerErrorName;
    this.blame = options.blame;
  }

  /**
   * `instanceof MuntinError` holds for the errors of every copy of this package that a page has loaded. Without the predicate, the
   * compiler would take code and data for `any`.
   */
  static override [Symbol.hasInstance](value: unknown): value is MuntinError<string> {
    return this === MuntinError ? isMuntinError(value) : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

// An app may load two copies of core, each with its own class; a registered symbol is the same in all of them. Structured clone drops
// symbols and prototypes, so nothing that came from a peer has the brand.
const errorBrand = Symbol.for('muntin.error');
const thrownBrand = Symbol.for('muntin.thrown');

// On the prototype and not per instance, as for the built-in errors, so that consoles print "MuntinError: …" and no own `name`.
Object.defineProperties(MuntinError.prototype, {
  name: { value: 'MuntinError', configurable: true, writable: true },
  [errorBrand]: { value: true },
});

/** Makes the error for a wrong option; every message names the option, its value and the remedy. */
export function invalidOption(message: string): MuntinError<'INVALID_OPTION'> {
  return new MuntinError('INVALID_OPTION', message);
}

/** A value as an error message shows it: text quoted and cut, anything else by its type. */
export function inspect(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}…` : value);
  return value === null || typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value;
}

// What crosses about an error is bounded, however much the error is about.
const longestMessage = 1024;
const longestName = 128;
const mostErrors = 8;

/** The message of anything that was thrown, in bounds; it never throws itself, and calls no method of what was thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return readMessage(thrown).slice(0, longestMessage);
  } catch {
    return 'something that cannot be looked at was thrown';
  }
}

/** The name of an error that was thrown, such as `TypeError`, in bounds; `undefined` for what has none. */
export function nameOf(thrown: unknown): string | undefined {
  try {
    const name: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'name') : undefined;
    return typeof name === 'string' && name !== '' ? name.slice(0, longestName) : undefined;
  } catch {
    return undefined;
  }
}

function readMessage(thrown: unknown): string {
  if (typeof thrown === 'function') return 'a function was thrown';
  if (typeof thrown !== 'object' || thrown === null) return String(thrown);
  const message: unknown = Reflect.get(thrown, 'message');
  const errors: unknown = Reflect.get(thrown, 'errors');
  const parts = [
    ...(typeof message === 'number' || (typeof message === 'string' && message !== '') ? [String(message)] : []),
    ...(Array.isArray(errors) ? [listMessages(errors)] : []), // AggregateError
  ];
  if (parts.length > 0) return parts.join(': ');
  return nameOf(thrown) ?? 'an object without a message was thrown';
}

function listMessages(errors: readonly unknown[]): string {
  const first = errors.slice(0, mostErrors).map((error) => (Array.isArray(error) ? 'a list' : oneMessage(error)));
  return [...first, ...(errors.length > mostErrors ? [`and ${errors.length - mostErrors} more`] : [])].join('; ');
}

/** Of an error among others: without those in it, for they can be each other's. */
function oneMessage(error: unknown): string {
  const message: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : error;
  return typeof message === 'string' ? message.slice(0, longestMessage) : (nameOf(error) ?? typeof error);
}

/** Something that application code threw, as opposed to an error that we made: the peer learns its message only. */
export class HandlerError {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    this.thrown = thrown;
  }
}
Object.defineProperty(HandlerError.prototype, thrownBrand, { value: true });

/** Whether something is a MuntinError, with any code: one that we made, or one that a contract declares. */
export function isMuntinError(error: unknown): error is MuntinError<string> {
  return isBranded(error, errorBrand);
}

/** Whether application code threw it, also when a hook of another copy of core says so. */
export function isHandlerError(error: unknown): error is HandlerError {
  return isBranded(error, thrownBrand);
}

function isBranded(error: unknown, brand: symbol): boolean {
  try {
    return typeof error === 'object' && error !== null && Reflect.get(error, brand) === true;
  } catch {
    return false; // a proxy that throws when it is touched
  }
}

/** Runs one step of a clean-up. What it throws is reported like any uncaught error, and stops nothing. */
export function reportErrors(step: () => void): void {
  try {
    step();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

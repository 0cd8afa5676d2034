import { areIssues, describeIssues, validate } from '../contract/validate.ts';
import { type ErrorCode, isPeerCode, MuntinError } from '../errors.ts';
import type { ExceededLimit } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import { type Answer, type FAILURE, maxText } from '../link/messages.ts';
import { isPromiseLike } from '../stream/kinds.ts';
import type { PendingCall } from './pending.ts';

/** The session is over. `why`: what kept the call from being sent again. */
export function linkClosed(
  { path, hasRun }: Pick<PendingCall, 'path' | 'hasRun'>,
  cause: MuntinError,
  why?: string,
): MuntinError {
  const text = why === undefined ? cause.message : `${cause.message}; it was not sent again, since ${why}`;
  return new MuntinError('LINK_CLOSED', `"${path}" has ended: ${text}`, { cause, mayHaveRun: hasRun });
}

export function cancelled({ path, hasRun }: PendingCall, signal: AbortSignal): MuntinError {
  const options = { cause: signal.reason as unknown, mayHaveRun: hasRun };
  return new MuntinError('CALL_CANCELLED', `"${path}" was cancelled by its signal`, options);
}

export function timedOut({ path, hasRun, state }: PendingCall): MuntinError {
  const text = hasRun
    ? 'was not answered in time'
    : state.name === 'hooked'
      ? 'was not sent in time by the hooks around it'
      : 'could not be sent in time: no session, or no free place at the peer';
  return new MuntinError('CALL_TIMED_OUT', `"${path}" ${text}`, { mayHaveRun: hasRun });
}

/** What is answered to a peer, and needs no error here. */
export type Refusal = Pick<MuntinError<string>, 'code' | 'message'>;

/** Why a value of the peer may not be read: over the budget, unsafe, or in need of what could not be loaded. */
export function refusalOf(
  over: Exclude<ExceededLimit, undefined>,
  what: string,
  path: string,
  limits: Limits,
): Refusal & { readonly code: ErrorCode } {
  const [code, why]: readonly [ErrorCode, string] =
    over === 'unsafeKey'
      ? ['VALUE_UNSAFE', 'has an own key "__proto__": rename it']
      : over === 'notLoaded'
        ? ['CHUNK_NOT_LOADED', 'needs a part of Muntin that the receiving page could not load; try again']
        : ['VALUE_TOO_LARGE', `is over ${over}, ${limits[over]}`];
  return { code, message: `The ${what} of "${path}" ${why}` };
}

/** Throws for a value of the peer that may not be read. */
export function assertWithinBudget(over: ExceededLimit, what: string, path: string, limits: Limits): void {
  if (over === undefined) return;
  const { code, message } = refusalOf(over, what, path, limits);
  throw new MuntinError(code, message);
}

// With the sentence around them, no longer than other texts of a peer.
const maxIssuesText = maxText - 256;

type Failure = Extract<Answer, readonly [typeof FAILURE, ...unknown[]]>;

/** What a peer says of a failure becomes a MuntinError: with a declared code and checked data, or with one of the codes peers may use. */
export function readFailure(
  { path, procedure }: PendingCall,
  [, , code, message, data]: Failure,
  over: ExceededLimit,
  limits: Limits,
): unknown {
  try {
    assertWithinBudget(over, 'data of an error', path, limits);
    if (!Object.hasOwn(procedure.errors, code)) return readUndeclared(path, code, message, data);
    const make = (checked: unknown): Error => new MuntinError(code, message, { data: checked });
    const checked = validate(procedure.errors[code], data, 'OUTPUT_INVALID', path);
    return isPromiseLike(checked) ? checked.then((value) => Promise.reject(make(value))) : make(checked);
  } catch (error) {
    return error;
  }
}

function readUndeclared(path: string, code: string, message: string, data: unknown): MuntinError {
  if (code === 'INPUT_INVALID' && areIssues(data)) {
    const issues = describeIssues(data).slice(0, maxIssuesText);
    return new MuntinError(
      code,
      `This side passed "${path}" an input that the schema of the other side refuses: ${issues}`,
      { data, blame: 'this side' },
    );
  }
  if (isPeerCode(code) && code !== 'HANDLER_FAILED') return new MuntinError(code, message);
  return new MuntinError('HANDLER_FAILED', message, { handlerErrorName: readName(data) });
}

/** The name of what the handler threw; what else a peer lists beside it is not read. */
function readName(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, 'name')) return undefined;
  const name: unknown = Reflect.get(data, 'name');
  return typeof name === 'string' ? name.slice(0, 128) : undefined;
}

import { observable } from '../contract/observable.ts';
import type { Procedure, Schema } from '../contract/types.ts';
import { isMuntinError } from '../errors.ts';
import type { Remote } from '../reference/by-reference.ts';
import { referentOf } from '../reference/mark.ts';

/** A request, as it crosses to whoever may send it. */
export interface FetchCall {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body, piece by piece, each when it is asked for. */
  readonly body?: Remote<BodySource>;
}

/** A body that is read from the other side. */
export interface BodySource {
  /** The next piece; `undefined` at the end; `null` where there is none yet: a call has its time, and what a body waits for may take longer. */
  next(): Promise<Uint8Array<ArrayBuffer> | null | undefined>;
}

/** What comes first of an answer; its body follows in pieces. */
export interface FetchHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Which rule a request does not keep to, or which grant there would have to be. */
export type FetchRule =
  | 'url'
  | 'origin'
  | 'path'
  | 'method'
  | 'header'
  | 'request-bytes'
  | 'response-bytes'
  | 'calls-per-minute'
  | 'open-calls'
  | 'redirect';

/** The data of a refusal. */
export interface Denial {
  /** Which rule of the grants refused it. */
  readonly rule: FetchRule;
  /** What was asked for and is not granted, as text. */
  readonly value: string;
}

const rules: ReadonlySet<unknown> = new Set<FetchRule>([
  'url',
  'origin',
  'path',
  'method',
  'header',
  'request-bytes',
  'response-bytes',
  'calls-per-minute',
  'open-calls',
  'redirect',
]);

const maxText = 16_384;
const maxHeaders = 256;
/** All of them together. */
const maxHeaderText = 65_536;

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxText;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isReference(value: unknown): boolean {
  return isRecord(value) && referentOf(value) !== undefined;
}

function areHeaders(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > maxHeaders) return false;
  let length = 0;
  for (let at = 0; at < value.length; at++) {
    const pair: unknown = value[at];
    if (!Array.isArray(pair) || pair.length !== 2 || !isText(pair[0]) || !isText(pair[1])) return false;
    length += pair[0].length + pair[1].length;
  }
  return length <= maxHeaderText;
}

/** A schema that is one guard: the other side's word is looked at, and nothing is changed. */
function checked<T>(what: string, isValid: (value: unknown) => boolean): Schema<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'muntin',
      validate: (value) => (isValid(value) ? { value: value as T } : { issues: [{ message: `it is no ${what}` }] }),
    },
  };
}

const call = checked<FetchCall>(
  'request',
  (value) =>
    isRecord(value) &&
    isText(value['url']) &&
    isText(value['method']) &&
    areHeaders(value['headers']) &&
    (value['body'] === undefined || isReference(value['body'])),
);

/**
 * A piece of a body, as this side sends it. A view crosses with all of its buffer, so one that shows a part of it would hold what nobody
 * has counted.
 */
export function isPiece(value: unknown): value is Uint8Array<ArrayBuffer> {
  return (
    value instanceof Uint8Array &&
    value.buffer instanceof ArrayBuffer &&
    value.byteLength > 0 &&
    value.byteLength === value.buffer.byteLength
  );
}

/** Whether it is what an answer begins with. */
export function isHead(value: unknown): value is FetchHead {
  return (
    isRecord(value) &&
    Number.isInteger(value['status']) &&
    Number(value['status']) >= 200 &&
    Number(value['status']) <= 599 &&
    isText(value['statusText']) &&
    areHeaders(value['headers'])
  );
}

const part = checked<FetchHead | Uint8Array<ArrayBuffer>>(
  'part of an answer',
  (value) => isPiece(value) || isHead(value),
);

function isDenial(value: unknown): value is Denial {
  return isRecord(value) && rules.has(value['rule']) && isText(value['value']);
}

/** Which rule refused a fetch, and what was asked for; `undefined` for an error that is no refusal. */
export function denialOf(error: unknown): Denial | undefined {
  return isMuntinError(error) && error.code === 'DENIED' && isDenial(error.data) ? error.data : undefined;
}

const denial = checked<Denial>('refusal', isDenial);

const failure = checked<{ readonly why: string }>('failure', (value) => isRecord(value) && isText(value['why']));

type FetchErrors = {
  readonly DENIED: Schema<Denial>;
  readonly FETCH_FAILED: Schema<{ readonly why: string }>;
};

/** The one procedure of a brokered fetch: the head of the answer, then its body in pieces, each when it is asked for. */
export const fetchProcedure: Procedure<
  'observable',
  FetchCall,
  FetchCall,
  FetchHead | Uint8Array<ArrayBuffer>,
  FetchHead | Uint8Array<ArrayBuffer>,
  FetchErrors
> = observable({ input: call, output: part, errors: { DENIED: denial, FETCH_FAILED: failure } });

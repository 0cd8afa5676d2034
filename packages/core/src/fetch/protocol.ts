import { observable } from '../contract/observable.ts';
import type { Procedure, Schema } from '../contract/types.ts';
import { type Remote, referentOf } from '../reference/mark.ts';

/** A request, as it crosses to whoever may send it. */
export interface FetchCall {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body, piece by piece, each when it is asked for; `undefined` at its end. */
  readonly body?: Remote<BodySource>;
}

/** A body that is read from the other side. */
export interface BodySource {
  next(): Promise<Uint8Array<ArrayBuffer> | undefined>;
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
  for (let at = 0; at < value.length; at++) {
    const pair: unknown = value[at];
    if (!Array.isArray(pair) || pair.length !== 2 || !isText(pair[0]) || !isText(pair[1])) return false;
  }
  return true;
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

const part = checked<FetchHead | Uint8Array<ArrayBuffer>>(
  'part of an answer',
  (value) =>
    value instanceof Uint8Array ||
    (isRecord(value) &&
      Number.isInteger(value['status']) &&
      Number(value['status']) >= 200 &&
      Number(value['status']) <= 599 &&
      isText(value['statusText']) &&
      areHeaders(value['headers'])),
);

const denial = checked<Denial>(
  'refusal',
  (value) => isRecord(value) && rules.has(value['rule']) && isText(value['value']),
);

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

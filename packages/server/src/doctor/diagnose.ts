import { isOrigin } from '@muntin/core';
import { checkOptions, type OptionKinds } from '@muntin/core/internal';
import { checkPreflight } from '../rules/check.ts';
import { invalidOption } from '../rules/invalid.ts';
import { forbiddenMethods, isForbiddenHeader, normalizeMethod, token } from '../rules/names.ts';
import { type Header, isNonWildcard, unsafeNames } from '../rules/safelist.ts';
import { adviceFor, type Needed, type Recipes, recipesFor } from './advice.ts';
import type { CorsCause } from './causes.ts';
import { type EngineName, engines } from './engines.ts';
import { type Exchange, headerOf, type Outgoing, send } from './exchange.ts';
import { isPublicOrigin } from './network.ts';
import { play, type Question, type Verdict } from './play.ts';

/** Options of {@link diagnoseCors}. */
export interface DiagnoseOptions {
  /** What the page asks for. */
  readonly url: string | URL;
  /** The page's origin, as in `https://shell.example`; `null` (as text) for a page with an opaque origin, such as a sandboxed frame. */
  readonly origin: string;
  /** As it is given to `fetch`: `patch` is not `PATCH` there. @defaultValue 'GET' */
  readonly method?: string;
  /** The headers that the page sets. Those that a browser drops are dropped. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>> | readonly Header[];
  /** As `fetch` has it. No cookie is sent; what changes is what the server has to answer. @defaultValue 'same-origin' */
  readonly credentials?: 'omit' | 'same-origin' | 'include';
  /** The body of the request. A text without a `Content-Type` is sent as `text/plain;charset=UTF-8`. @defaultValue none */
  readonly body?: string;
  /**
   * Sends the preflight, where there is one, and not the request behind it: so that nothing is deleted or ordered only to find out.
   * @defaultValue false
   */
  readonly onlyPreflight?: boolean;
  /** Whether the page came from the public network. @defaultValue by the address that the origin's name resolves to */
  readonly isPublic?: boolean;
  /** Certificates to trust, as PEM. @defaultValue those of Node */
  readonly ca?: string;
  /** How long each answer may take, in milliseconds. @defaultValue 10_000 */
  readonly timeoutMs?: number;
  /** Ends the diagnosis; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const diagnoseKinds: OptionKinds<DiagnoseOptions> = {
  url: 'any',
  origin: 'any',
  method: 'string',
  headers: 'any',
  credentials: 'any',
  body: 'string',
  onlyPreflight: 'boolean',
  isPublic: 'boolean',
  ca: 'string',
  timeoutMs: 'number',
  signal: 'signal',
};

/** What one engine does. */
export interface EngineVerdict {
  readonly ok: boolean;
  readonly cause: CorsCause;
  /** Why, as a sentence; empty where the page gets its answer. */
  readonly why: string;
  /** What it sends, in order. */
  readonly exchanges: readonly Exchange[];
}

/** What {@link diagnoseCors} found. */
export interface CorsDiagnosis {
  /** Whether a page gets the answer in every engine. */
  readonly ok: boolean;
  /** That of the first engine in which it fails, in the order of {@link CorsDiagnosis.engines}; `OK` where it fails in none. */
  readonly cause: CorsCause;
  /** What happened and what to do, in plain words. */
  readonly advice: string;
  /** The headers to send, by server; empty texts where no header mends it. */
  readonly recipes: Recipes;
  /** What was sent and answered, in the engine that the cause is of. */
  readonly exchanges: readonly Exchange[];
  /** The verdict of each engine; they agree but in a few cases, which the advice names. */
  readonly engines: Readonly<Record<EngineName, EngineVerdict>>;
  /** What nobody can know outside the page. */
  readonly unknown: readonly string[];
}

const unknowable: readonly string[] = [
  'the Content-Security-Policy of the page (connect-src), and extensions of the browser',
  'an older preflight that the browser has kept, and answers in its HTTP cache that were made for another origin',
  'HSTS and upgrade-insecure-requests, which turn http into https before anything is sent',
  'cookies, and what the server answers to them',
  'listeners on an upload (XMLHttpRequest) and streams as bodies, which always need a preflight',
  'a body that breaks off behind its headers, and subresource integrity',
  'the permission of the page for the local network',
];

/**
 * Sends what a browser would send for `fetch(url, …)` on a page of this origin, and says what the browser would make of the answers.
 * The requests are real: a `DELETE` deletes (see `onlyPreflight`). No cookie is sent.
 *
 * @throws MuntinError `INVALID_OPTION` for what `fetch` itself refuses.
 */
export async function diagnoseCors(options: DiagnoseOptions): Promise<CorsDiagnosis> {
  checkOptions('diagnoseCors', options, diagnoseKinds);
  const { ca, timeoutMs = 10_000, signal } = options;
  if (!(timeoutMs >= 1 && timeoutMs < 2 ** 31))
    throw invalidOption('timeoutMs', timeoutMs, 'milliseconds from 1 to 2147483647');
  const question = await readQuestion(options);
  const sent = new Map<string, Promise<Exchange>>();
  const verdicts: Record<string, Verdict> = {};
  for (const engine of engines) {
    const times = new Map<string, number>();
    // What two engines do alike is sent once.
    const sendOnce = (outgoing: Outgoing): Promise<Exchange> => {
      const { url, body: _, ...rest } = outgoing;
      const key = JSON.stringify({ ...rest, url: url.href });
      const time = (times.get(key) ?? 0) + 1;
      times.set(key, time);
      const present = sent.get(`${time} ${key}`) ?? send(outgoing, { timeoutMs, signal, ca });
      sent.set(`${time} ${key}`, present);
      return present;
    };
    verdicts[engine.name] = await play(question, engine, sendOnce);
    signal?.throwIfAborted();
  }
  return conclude(question, verdicts as Record<EngineName, Verdict>);
}

function conclude(question: Question, verdicts: Readonly<Record<EngineName, Verdict>>): CorsDiagnosis {
  const found = {
    chromium: asEngineVerdict(verdicts.chromium),
    firefox: asEngineVerdict(verdicts.firefox),
    webkit: asEngineVerdict(verdicts.webkit),
  };
  const all = Object.values(found);
  const shown = all.find(({ ok }) => !ok) ?? found.chromium;
  const { ok, cause, why, exchanges } = shown;
  const needed: Needed = {
    origin: question.origin,
    method: question.method,
    names: unsafeNames(question.headers.filter(([name, value]) => !isForbiddenHeader(name, value))),
    withCredentials: question.withCredentials,
  };
  const sentences = [
    why === '' ? '' : `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    adviceFor(cause, needed),
    differences(found),
    ...notes(question, exchanges),
  ];
  return {
    ok,
    cause,
    advice: sentences.filter((one) => one !== '').join(' '),
    recipes: recipesFor(cause, needed),
    exchanges,
    engines: found,
    unknown: unknowable,
  };
}

function asEngineVerdict({ refusal, exchanges }: Verdict): EngineVerdict {
  return { ok: refusal === undefined, cause: refusal?.cause ?? 'OK', why: refusal?.why ?? '', exchanges };
}

function differences(found: CorsDiagnosis['engines']): string {
  const { chromium, firefox, webkit } = found;
  if (chromium.cause === firefox.cause && chromium.cause === webkit.cause) return '';
  return `Engines differ here: Chromium ${said(chromium)}, Firefox ${said(firefox)}, WebKit ${said(webkit)}.`;
}

function said({ ok, cause }: EngineVerdict): string {
  return ok ? 'lets the page read the answer' : `says ${cause}`;
}

/** What works today and need not work for ever, and what was left out. */
function notes(
  { headers, method, withCredentials, onlyPreflight }: Question,
  exchanges: readonly Exchange[],
): readonly string[] {
  const dropped = headers.filter(([name, value]) => isForbiddenHeader(name, value)).map(([name]) => name);
  const unsafe = unsafeNames(headers.filter(([name, value]) => !isForbiddenHeader(name, value)));
  const asked = exchanges.find(({ kind }) => kind === 'preflight');
  const get = (name: string): string | undefined => (asked === undefined ? undefined : headerOf(asked, name));
  const wanted = { method, unsafe, withCredentials };
  const isLenient =
    asked?.status !== undefined &&
    unsafe.some(isNonWildcard) &&
    checkPreflight(wanted, get) === undefined &&
    checkPreflight(wanted, get, true) !== undefined;
  return [
    ...(dropped.length > 0 ? [`Browsers drop ${dropped.join(', ')} of a script.`] : []),
    ...(isLenient
      ? ['The standard does not let "*" cover Authorization, though every engine does today: list it by name.']
      : []),
    ...(onlyPreflight && asked !== undefined
      ? ['The request itself was not sent, so what is said here ends with the preflight.']
      : []),
  ];
}

async function readQuestion(options: DiagnoseOptions): Promise<Question> {
  const { origin, credentials = 'same-origin', body, onlyPreflight = false } = options;
  const url = readAddress(options.url);
  const method = readMethod(options.method ?? 'GET');
  if (origin !== 'null' && !isOrigin(origin) && !isPlainOrigin(origin))
    throw invalidOption('origin', origin, 'an origin such as "https://shell.example", or "null" for an opaque one');
  if (!['omit', 'same-origin', 'include'].includes(credentials))
    throw invalidOption('credentials', credentials, '"omit", "same-origin" or "include"');
  if (body !== undefined && ['GET', 'HEAD'].includes(method))
    throw invalidOption('body', body, `none with ${method}: fetch throws`);
  const headers = readHeaders(options.headers === undefined ? [] : options.headers);
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    url,
    origin,
    method,
    headers: body === undefined || hasType ? headers : [...headers, ['Content-Type', 'text/plain;charset=UTF-8']],
    body,
    withCredentials: credentials === 'include',
    isPublic: options.isPublic ?? (await isPublicOrigin(origin)),
    onlyPreflight,
  };
}

/** Pages without TLS have origins, too. */
function isPlainOrigin(origin: string): boolean {
  return URL.canParse(origin) && /^https?:/.test(origin) && new URL(origin).origin === origin;
}

function readAddress(text: string | URL): URL {
  const url = URL.canParse(String(text)) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw invalidOption('url', String(text), 'a whole http or https address');
  if (url.username !== '' || url.password !== '')
    throw invalidOption('url', url.origin, 'an address without user info: fetch throws');
  return url;
}

function readMethod(method: string): string {
  if (typeof method !== 'string' || !token.test(method))
    throw invalidOption('method', method, 'a method such as "PUT"');
  if (forbiddenMethods.has(method.toUpperCase()))
    throw invalidOption('method', method, 'one that a browser sends: fetch throws');
  return normalizeMethod(method);
}

function readHeaders(headers: Readonly<Record<string, string>> | readonly Header[]): readonly Header[] {
  const remedy = 'an object as in { "X-Id": "1" }, or a list of pairs';
  if (typeof headers !== 'object' || headers === null) throw invalidOption('headers', headers, remedy);
  const list: readonly Header[] = Array.isArray(headers) ? headers : Object.entries(headers);
  return list.map((pair): Header => {
    if (!Array.isArray(pair) || pair.length !== 2) throw invalidOption('headers', pair, remedy);
    const [name, text] = pair;
    if (typeof text !== 'string') throw invalidOption('headers', name, 'each header with a text');
    const value = text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
    // oxlint-disable-next-line no-control-regex -- fetch refuses them
    if (!token.test(name) || /[\x00\n\r\u0100-\uffff]/.test(value))
      throw invalidOption('headers', `${name}: ${value}`, 'names and values that fetch takes');
    return [name, value];
  });
}

import { MuntinError } from '@muntin/core';
import { show } from '@muntin/core/internal';
import { frameFragment, frameText, type Job, says } from './source.ts';

/** One request, checked. */
export interface Request {
  /** The address of the endpoint, without the callback. */
  readonly url: URL;
  readonly callbackParam: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  /** Where the frame's page is, if the host's own policy forbids one that is given as text. */
  readonly frameUrl: URL | undefined;
}

// A frame whose script was stopped by a policy loads all the same; a message that it sent may be behind its `load` event.
const graceMs = 2000;

/** Runs the script in a frame of its own and answers with the text that it gave to the callback. The frame is gone when this settles. */
export function runInFrame(request: Request): Promise<string> {
  const { timeoutMs, signal } = request;
  return new Promise((resolve, reject) => {
    const job = makeJob(request);
    const frame = createFrame();
    let graceTimer: ReturnType<typeof setTimeout> | undefined;
    let isRunning = false;
    const timer = setTimeout(() => fail(timedOut(request)), timeoutMs);
    const end = (): void => {
      clearTimeout(timer);
      clearTimeout(graceTimer);
      removeEventListener('message', onMessage);
      signal?.removeEventListener('abort', onAbort);
      frame.remove();
    };
    const fail = (error: MuntinError): void => {
      end();
      reject(error);
    };
    const onAbort = (): void => fail(cancelled(request));
    const onMessage = ({ isTrusted, source, data }: MessageEvent<unknown>): void => {
      if (!isTrusted || source === null || source !== frame.contentWindow) return;
      if (typeof data !== 'string' || !data.startsWith(job.token)) return;
      const what = data.charAt(job.token.length);
      const text = data.slice(job.token.length + 1);
      if (what === says.running) isRunning = true;
      else if (what !== says.answer) fail(failureOf(what, text, request));
      else if (new Blob([text]).size > request.maxBytes) fail(tooLarge(request));
      else {
        end();
        resolve(text);
      }
    };
    frame.addEventListener('load', () => {
      clearTimeout(graceTimer);
      graceTimer = setTimeout(() => {
        if (!isRunning) fail(blocked(request));
      }, graceMs);
    });
    addEventListener('message', onMessage);
    signal?.addEventListener('abort', onAbort);
    try {
      fill(frame, job, request.frameUrl);
      (document.body ?? document.documentElement).append(frame);
    } catch (cause) {
      // A page that requires trusted types takes no text.
      fail(blocked(request, cause));
    }
  });
}

/** The endpoint without its query, which may hold secrets, as errors name it. */
export function nameOf({ origin, pathname }: URL): string {
  return origin + pathname;
}

function makeJob({ url, callbackParam, maxBytes }: Request): Job {
  const callback = `jsonp_${random()}`;
  const address = new URL(url);
  address.hash = '';
  // An address that the application wrote goes out as it was written: setting a parameter would encode the others anew.
  if (address.searchParams.has(callbackParam)) address.searchParams.set(callbackParam, callback);
  else address.search += `${address.search === '' ? '' : '&'}${encodeURIComponent(callbackParam)}=${callback}`;
  // `;` and `,` end a source expression, and a quote the attribute that it stands in (CSP Level 3, 2.3.1).
  const source = nameOf(address).replace(/[;,'"&<>]/g, (found) => `%${found.charCodeAt(0).toString(16)}`);
  return {
    token: random(),
    url: address.href,
    callback,
    maxChars: maxBytes,
    policy: `default-src 'none'; script-src ${source}; worker-src blob:; base-uri 'none'; form-action 'none'`,
  };
}

/** 24 characters that nobody guesses, also where the page is no secure context. */
function random(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A frame with every attribute that restricts it, and nothing that is seen or reached by key. */
function createFrame(): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.setAttribute('allow', '');
  frame.toggleAttribute('credentialless', 'credentialless' in frame);
  frame.referrerPolicy = 'no-referrer';
  frame.hidden = true;
  frame.title = 'JSONP';
  return frame;
}

function fill(frame: HTMLIFrameElement, job: Job, frameUrl: URL | undefined): void {
  if (frameUrl === undefined) frame.srcdoc = frameText(job, random());
  else frame.src = frameUrl.href + frameFragment(job);
}

function failureOf(what: string, reason: string, request: Request): MuntinError {
  const name = show(nameOf(request.url));
  switch (what) {
    case says.tooLarge:
      return tooLarge(request);
    case says.notLoaded:
      return new MuntinError(
        'JSONP_NOT_LOADED',
        `${name} did not load: no answer, an error status, a redirect to another origin, a wrong type, a policy of this page, or in Firefox a script that throws`,
      );
    case says.bad:
      return new MuntinError(
        'JSONP_BAD_RESPONSE',
        `${name} gave no answer: ${reason}; is callbackParam right, ${show(request.callbackParam)}?`,
      );
    default:
      return blocked(request);
  }
}

export function tooLarge({ url, maxBytes }: Request): MuntinError {
  return new MuntinError('JSONP_TOO_LARGE', `The answer of ${show(nameOf(url))} is over maxBytes, ${maxBytes}`);
}

export function timedOut({ url, timeoutMs }: Request): MuntinError {
  return new MuntinError('JSONP_TIMED_OUT', `${show(nameOf(url))} has not answered within ${timeoutMs} ms`);
}

export function cancelled({ url, signal }: Request): MuntinError {
  const message = `The call of ${show(nameOf(url))} was cancelled`;
  return new MuntinError('CALL_CANCELLED', message, { cause: signal?.reason });
}

function blocked({ frameUrl }: Request, cause?: unknown): MuntinError {
  const message =
    frameUrl === undefined
      ? "This page's Content-Security-Policy lets no frame run text of ours: serve the page of jsonpPage(), and give its address as frameUrl"
      : `Nothing runs at frameUrl, ${show(frameUrl.href)}: serve the page of jsonpPage() there with its headers, and allow it in frame-src`;
  return new MuntinError('BLOCKED_BY_CSP', message, { cause });
}

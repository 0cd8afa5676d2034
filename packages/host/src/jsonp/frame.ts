import { MuntinError } from '@muntin/core';
import { inspect, newId } from '@muntin/core/internal';
import { says } from './scripts.ts';
import { frameFragment, frameText, type Job } from './source.ts';

/** One request, checked. */
export interface Request {
  /** The address of the endpoint, without the callback. */
  readonly url: URL;
  /** The same without its query, which may hold secrets, as errors have it. */
  readonly name: string;
  readonly callbackParam: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  /** Where the frame's page is, if the host's own policy forbids one that is given as text. */
  readonly frameUrl: URL | undefined;
}

// A frame whose script was stopped by a policy loads all the same; a message that it sent may be behind its `load` event.
const graceMs = 2000;

const maxFrames = 6;
let frames = 0;
const waiting = new Set<() => void>();

/**
 * Runs the script in a frame of its own, once there is a place for it, and answers with the text that it gave to the callback. The frame is
 * gone when this settles. Each place is given back within the time that its call has, to whoever waits longest.
 */
export function ask(request: Request): Promise<string> {
  const { timeoutMs, signal, maxBytes } = request;
  return new Promise((resolve, reject) => {
    const job = makeJob(request);
    let frame: HTMLIFrameElement | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let graceTimer: ReturnType<typeof setTimeout> | undefined;
    let isRunning = false;
    const end = (): void => {
      clearTimeout(timer);
      clearTimeout(graceTimer);
      removeEventListener('message', onMessage);
      signal?.removeEventListener('abort', onAbort);
      waiting.delete(start);
      if (frame === undefined) return;
      frame.remove();
      frames--;
      const [next] = waiting;
      next?.();
    };
    const fail = (error: MuntinError): void => {
      end();
      reject(error);
    };
    const onAbort = (): void => fail(cancelled(request));
    const onMessage = ({ isTrusted, source, data }: MessageEvent<unknown>): void => {
      if (!isTrusted || source === null || source !== frame?.contentWindow) return;
      if (typeof data !== 'string' || !data.startsWith(job.token)) return;
      const what = data.charAt(job.token.length);
      const text = data.slice(job.token.length + 1);
      if (what === says.running) isRunning = true;
      else if (what !== says.answer) fail(failureOf(what, request));
      else if (new Blob([text]).size > maxBytes) fail(tooLarge(request));
      else {
        end();
        resolve(text);
      }
    };
    const start = (): void => {
      waiting.delete(start);
      frames++;
      frame = createFrame();
      timer = setTimeout(() => fail(timedOut(request)), timeoutMs);
      frame.addEventListener('load', () => {
        clearTimeout(graceTimer);
        graceTimer = setTimeout(() => {
          if (!isRunning) fail(blocked(request));
        }, graceMs);
      });
      addEventListener('message', onMessage);
      try {
        fill(frame, job, request.frameUrl);
        (document.body ?? document.documentElement).append(frame);
      } catch (cause) {
        // A page that requires trusted types takes no text.
        fail(blocked(request, cause));
      }
    };
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted === true) onAbort();
    else if (frames < maxFrames) start();
    else waiting.add(start);
  });
}

/** The endpoint without its query, which may hold secrets, as errors name it. */
export function nameOf({ origin, pathname }: URL): string {
  return origin + pathname;
}

function makeJob({ url, callbackParam, maxBytes }: Request): Job {
  const callback = `jsonp_${newId().replaceAll('-', '_')}`;
  const address = new URL(url);
  address.hash = '';
  // An address that the application wrote goes out as it was written: setting a parameter would encode the others anew.
  if (address.searchParams.has(callbackParam)) address.searchParams.set(callbackParam, callback);
  else address.search += `${address.search === '' ? '' : '&'}${encodeURIComponent(callbackParam)}=${callback}`;
  // `;` and `,` end a source expression, and a quote the attribute that it stands in (CSP Level 3, 2.3.1).
  const source = nameOf(address).replace(/[;,'"&<>]/g, (found) => `%${found.charCodeAt(0).toString(16)}`);
  return {
    token: newId(),
    url: address.href,
    callback,
    maxChars: maxBytes,
    policy: `default-src 'none'; script-src ${source}; worker-src blob:; base-uri 'none'; form-action 'none'`,
  };
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
  if (frameUrl === undefined) frame.srcdoc = frameText(job, newId());
  else frame.src = frameUrl.href + frameFragment(job);
}

function failureOf(what: string, request: Request): MuntinError {
  const name = inspect(request.name);
  switch (what) {
    case says.tooLarge:
      return tooLarge(request);
    case says.noWorker:
      return blocked(request);
    case says.notLoaded:
      return new MuntinError(
        'JSONP_NOT_LOADED',
        `${name} did not load: no answer, an error status, a redirect to another origin, a wrong type, a policy of this page, or in Firefox a script that throws`,
      );
    default:
      return new MuntinError(
        'JSONP_BAD_RESPONSE',
        `${name} gave no answer: ${reasonOf(what)}; is callbackParam right, ${inspect(request.callbackParam)}?`,
      );
  }
}

function reasonOf(what: string): string {
  switch (what) {
    case says.notJson:
      return 'it answered with what is not JSON';
    case says.nothing:
      return 'it answered with nothing';
    case says.notCalled:
      return 'it did not call its callback';
    default:
      return 'it threw, or is no script';
  }
}

export function tooLarge({ name, maxBytes }: Request): MuntinError {
  return new MuntinError('JSONP_TOO_LARGE', `The answer of ${inspect(name)} is over maxBytes, ${maxBytes}`);
}

export function timedOut({ name, timeoutMs }: Request): MuntinError {
  return new MuntinError('JSONP_TIMED_OUT', `${inspect(name)} has not answered within ${timeoutMs} ms`);
}

export function cancelled({ name, signal }: Request): MuntinError {
  const message = `The call of ${inspect(name)} was cancelled`;
  return new MuntinError('CALL_CANCELLED', message, { cause: signal?.reason });
}

function blocked({ frameUrl }: Request, cause?: unknown): MuntinError {
  const message =
    frameUrl === undefined
      ? "This page's Content-Security-Policy lets no frame run text of ours: serve the page of jsonpPage(), and give its address as frameUrl"
      : `Nothing runs at frameUrl, ${inspect(frameUrl.href)}: serve the page of jsonpPage() there with its headers, and allow it in frame-src`;
  return new MuntinError('BLOCKED_BY_CSP', message, { cause });
}

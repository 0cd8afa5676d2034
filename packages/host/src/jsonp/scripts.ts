/** What a frame says, as the character after the token; the answer itself may follow. */
export const says = {
  running: 'r',
  answer: 'a',
  tooLarge: 'l',
  notLoaded: 'n',
  noWorker: 'w',
  notJson: 'j',
  nothing: 'e',
  notCalled: 'c',
  threw: 't',
} as const;

// What is left of the worker's scope when the script runs: an endpoint has to call a function, and needs the language for it.
const language =
  'Array BigInt Boolean Date Error JSON Map Math Number Object Promise Reflect RegExp Set String Symbol TypeError decodeURIComponent encodeURIComponent globalThis isFinite isNaN parseFloat parseInt self unescape';

// Source text, not functions: what a bundler or a coverage tool puts into a function is not there in a worker of another page.
//
// The script runs in a worker of the frame. A worker has no document, so that there is no referrer and no base address to read, nothing
// to navigate, reload or focus, no link to preconnect and no WebRTC; and a loop without an end keeps no page from running. What the
// callback needs is taken from the scope first, so that built-ins that the script replaces are not used.
/** @public The production build makes it smaller. */
export const worker: string = `(job => {
  const { stringify } = JSON;
  const post = postMessage.bind(self);
  const load = importScripts.bind(self);
  const silence = Function.prototype.call.bind(Event.prototype.preventDefault);
  let isOver = false;
  const end = (what) => {
    if (isOver) return;
    isOver = true;
    post(what);
  };
  addEventListener('error', (event) => silence(event));
  addEventListener('unhandledrejection', (event) => silence(event));
  const kept = new Set('${language}'.split(' '));
  const root = Object.prototype;
  for (let scope = self; scope !== root; scope = Object.getPrototypeOf(scope))
    for (const name of Object.getOwnPropertyNames(scope)) if (!kept.has(name)) delete scope[name];
  const answer = (value) => {
    if (isOver) return;
    let text;
    try {
      text = stringify(value);
    } catch {
      return end('${says.notJson}');
    }
    if (typeof text !== 'string') return end('${says.nothing}');
    end(text.length > job.maxChars ? '${says.tooLarge}' : '${says.answer}' + text);
  };
  globalThis.window = globalThis;
  globalThis[job.callback] = (value) => answer(value);
  try {
    load(job.url);
  } catch {
    end('${says.notLoaded}');
  }
  end('${says.notCalled}');
})`;

// Runs in the frame, where no script of anybody else ever does. Where the script has failed, no browser says to a worker whether it was loaded:
// a preload of the same address, which runs nothing, tells. Firefox (the one with an InternalError) says of every preload that it was loaded.
/** @public The production build gives it the small one. */
export const bootWith = (inner: string): string => `((job) => {
  const tell = (what) => parent.postMessage(job.token + what, '*');
  if (self.origin !== 'null') return tell('${says.noWorker}');
  const add = (name, properties) => document.head.append(Object.assign(document.createElement(name), properties));
  add('meta', { httpEquiv: 'Content-Security-Policy', content: job.policy });
  let isHeard = false;
  const hear = ({ data }) => {
    if (isHeard || typeof data !== 'string' || data.length > job.maxChars + 1) return;
    isHeard = true;
    if (data !== '${says.notLoaded}' || typeof InternalError === 'function') return tell(data);
    add('link', {
      rel: 'preload',
      as: 'script',
      href: job.url,
      onload: () => tell('${says.threw}'),
      onerror: () => tell(data),
    });
  };
  try {
    const source = new Blob([${JSON.stringify(inner)} + '(' + JSON.stringify(job) + ')'], { type: 'text/javascript' });
    const worker = new Worker(URL.createObjectURL(source));
    worker.onmessage = hear;
    worker.onerror = (event) => {
      event.preventDefault();
      if (!isHeard) tell('${says.noWorker}');
    };
  } catch {
    return tell('${says.noWorker}');
  }
  tell('${says.running}');
})`;

/** The script of the frame: a function of a `Job`. */
export const boot: string = bootWith(worker);

import { pinnedTarget } from '@muntin/core/origins';
import * as v from 'valibot';
import { element } from './element.ts';
import { followTheme } from './theme.ts';
import { mark, type Tried } from './tried.ts';

// A page of the first address. It does to the second all that is claimed, for real: this page's own policy would stop some of it.
const silenceMs = 1500;
const Seen = v.object({ storage: v.nullable(v.string()), cookie: v.string() });

const other = new URL(decodeURIComponent(location.hash.slice(1))).origin;
followTheme();
document.body.classList.add('inside');
const frame = element('iframe', { title: `A page of ${other}`, src: `${other}/witness.html` });
document.body.append(element('p', {}, `${location.origin}, with a frame of`), frame);

const token = crypto.getRandomValues(new Uint32Array(2)).join('-');
localStorage.setItem(mark, token);
document.cookie = `${mark}=${token}; SameSite=Lax`;

const loaded = new Promise((resolve) => {
  frame.addEventListener('load', resolve);
});
await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, silenceMs))]);
const seen = await ask();
const tried: v.InferOutput<typeof Tried> = {
  other,
  could: {
    readDocument: frame.contentDocument?.title === 'A page that is tried',
    shareStorage: seen?.storage === token,
    shareCookies: seen?.cookie.includes(`${mark}=${token}`) === true,
    readResponse: await reads(),
    runScript: await runs(),
    frame: seen !== undefined,
    message: seen !== undefined,
  },
};
parent.postMessage(tried, location.origin);

/** The message reaches exactly the other origin, or nobody; its page answers with what it sees. */
function ask(): Promise<v.InferOutput<typeof Seen> | undefined> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.addEventListener('message', ({ data }: MessageEvent<unknown>) =>
      resolve(v.is(Seen, data) ? data : undefined),
    );
    port1.start();
    setTimeout(() => resolve(undefined), silenceMs);
    if (frame.contentWindow !== null) pinnedTarget(frame.contentWindow, other).post('what do you see?', [port2]);
  });
}

function reads(): Promise<boolean> {
  return fetch(`${other}/witness.html`, { cache: 'no-store' }).then(
    () => true,
    () => false,
  );
}

function runs(): Promise<boolean> {
  const script = element('script', { src: `${other}/witness.js` });
  return new Promise((resolve) => {
    script.addEventListener('load', () => resolve(Reflect.get(globalThis, 'witnessRan') === true));
    script.addEventListener('error', () => resolve(false));
    document.head.append(script);
  });
}

import { MuntinError } from '@muntin/core';
import { jsonp } from '@muntin/host/jsonp';
import * as v from 'valibot';
import { button, element } from './element.ts';
import { Pane, system } from './panes.ts';
import { books } from './places.ts';

const Answer = v.object({ title: v.string(), found: v.string() });

const naiveCode = `window.show = (answer) => { … };
const tag =
  document.createElement('script');
tag.src = books + '?callback=show';
document.head.append(tag);`;

const safeCode = `const answer = await jsonp(books, {
  schema: v.object({
    title: v.string(), …
  }),
});`;

/** The same script in a page, and in the jail. */
export function jsonpSystem(): HTMLElement {
  // Of this page, made up: something for the script to find.
  document.cookie = 'session=your-session-4711; SameSite=Strict';
  const naive = new Pane('naive-jsonp', 'naive', 'A script tag in the page', naiveCode, 'not asked yet');
  const safe = new Pane('safe-jsonp', 'safe', 'The same script, jailed', safeCode, 'not asked yet');
  const slot = element('div', { class: 'slot' });
  naive.root.append(slot);

  const askNaively = (): void => {
    const frame = element('iframe', {
      'data-testid': 'classic-frame',
      title: 'A page of this origin with classic JSONP',
    });
    const onMessage = ({ source, origin, data }: MessageEvent<unknown>): void => {
      if (source !== frame.contentWindow || origin !== location.origin || !v.is(Answer, data)) return;
      removeEventListener('message', onMessage);
      naive.show(data.title, `and the script has read: ${data.found}`, true);
    };
    addEventListener('message', onMessage);
    frame.src = '/classic.html';
    slot.replaceChildren(frame);
  };
  const askSafely = async (): Promise<void> => {
    try {
      const { title, found } = await jsonp(`${books}/book`, { schema: Answer, frameUrl: '/jsonp-frame' });
      safe.show(title, `and the script has read: ${found}`);
    } catch (error) {
      safe.note(error instanceof MuntinError ? error.message : String(error));
    }
  };
  return system(
    'jsonp',
    'JSONP',
    'Before CORS, a page read from another server by running its script. Whoever writes that script then is the page: it reads the cookie of the visitor, and can send it home. Here the script runs where there is no page to read.',
    [
      button('ask-naively', 'Run the script in a page', 'hostile', askNaively),
      button('ask-safely', 'Run it in the jail', 'plain', askSafely),
    ],
    naive.root,
    safe.root,
  );
}

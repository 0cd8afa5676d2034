import { listenTo, pinnedTarget } from '@muntin/core/origins';
import { button, element } from './element.ts';
import { Pane, system } from './panes.ts';
import { shop, stranger } from './places.ts';

const naiveCode = `const shop = 'http://shop.localhost';
addEventListener('message', (event) => {
  const { origin, data } = event;
  if (origin.indexOf(shop) === 0)
    show(data.price);
});`;

const safeCode = `listenTo(frame.contentWindow,
  'http://shop.localhost:${location.port}',
  (data) => show(data.price));`;

/** The example of the tutorial, attacked in front of the visitor, and the pinned one beside it. */
export function messages(): HTMLElement {
  const naive = new Pane('naive-message', 'naive', 'The check from the tutorial', naiveCode, 'no price yet');
  const safe = new Pane('safe-message', 'safe', 'One window, one exact origin', safeCode, 'no price yet');
  const frames = [
    sender('shop', shop, 'The shop that this page trusts'),
    sender('stranger', stranger, 'A stranger with a well-chosen name'),
  ] as const;

  addEventListener('message', ({ data, origin }: MessageEvent<unknown>) => {
    // The mistake is the exhibit: an address that only begins like the right one passes.
    if (origin.indexOf('http://shop.localhost') !== 0) return;
    const price = priceOf(data);
    if (price !== undefined) naive.show(price, `accepted from ${origin}`, origin !== shop);
  });
  addEventListener('message', ({ data, origin }: MessageEvent<unknown>) => {
    if (origin !== shop && priceOf(data) !== undefined) safe.note(`a message from ${origin} was not for this listener`);
  });
  frames[0].addEventListener('load', () => {
    if (frames[0].contentWindow === null) return;
    listenTo(frames[0].contentWindow, shop, (data) => {
      const price = priceOf(data);
      if (price !== undefined) safe.show(price, `accepted from ${shop}`);
    });
  });

  const tell = (frame: HTMLIFrameElement, origin: string, price: string) => () => {
    if (frame.contentWindow !== null) pinnedTarget(frame.contentWindow, origin).post({ say: price });
  };
  return system(
    'messages',
    'postMessage',
    'Any page can send a message to any window that it can reach. Who sent it is written on the message, and reading that carefully is up to the receiver. A tutorial says to look at how the address begins. A stranger can choose an address that begins just so.',
    [
      button('shop-sends', 'The shop sends its price', 'plain', tell(frames[0], shop, '20.00 €')),
      button('stranger-sends', 'The stranger sends another', 'hostile', tell(frames[1], stranger, '0.01 €')),
    ],
    naive.root,
    safe.root,
    element('div', { class: 'senders' }, ...frames.map((frame) => frame.parentElement ?? frame)),
  );
}

function sender(id: string, origin: string, title: string): HTMLIFrameElement {
  const frame = element('iframe', {
    sandbox: 'allow-scripts allow-same-origin',
    allow: '',
    referrerpolicy: 'strict-origin',
    'data-testid': `${id}-frame`,
    title,
    src: `${origin}/sender.html`,
  });
  element('figure', {}, frame, element('figcaption', {}, title));
  return frame;
}

function priceOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('price' in data)) return undefined;
  return typeof data.price === 'string' ? data.price : undefined;
}

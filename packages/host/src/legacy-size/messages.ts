// What the scripts of two resizers say in a page inside a frame, and what they wait for, as seen on the wire.

/** Asks both scripts for sizes: iframe-resizer 4 with its own defaults, open-iframe-resizer 2 with none. */
export const greetings: readonly unknown[] = [
  // id, margin, width wanted, log, interval, methods, automatic, margin, how to measure, background, padding, tolerance, links, from, width, mouse
  '[iFrameSizer]muntin:8:false:false:32:true:true:null:bodyOffset:null:null:0:false:parent:scroll:true',
  { type: 'iframe-child-init' },
];

/** What iframe-resizer says that is no size, although there is one in it. */
const others = new Set([
  'autoResize',
  'beforeUnload',
  'close',
  'inPageLink',
  'message',
  'mouseenter',
  'mouseleave',
  'pageInfo',
  'pageInfoStop',
  'reset',
  'scrollTo',
  'scrollToOffset',
]);

/** The height in a message, as it was said; `undefined` in one that says none. Whether it is a height is for whoever takes it. */
export function heightIn(data: unknown): number | undefined {
  if (typeof data === 'string') {
    const [, height, kind = ''] = /^\[iFrameSizer\]muntin:([^:]{1,32}):[^:]{1,32}:([^:]{1,64})/.exec(data) ?? [];
    return height === undefined || others.has(kind) ? undefined : Number(height);
  }
  if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== 'iframe-resized')
    return undefined;
  return 'height' in data && typeof data.height === 'number' ? data.height : undefined;
}

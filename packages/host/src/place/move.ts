import { MuntinError } from '@muntin/core';
import { checkOptions, inspect, invalidOption } from '@muntin/core/internal';
import { type Framed, requireFrame } from '../framed.ts';
import { leave } from './leaving.ts';

/** Where a guest is after {@link move}: its document has `moved` and lives on, or it was `reloaded`, and has its state back. */
export type Moved = 'moved' | 'reloaded';

/** Options of {@link move}. */
export interface MoveOptions {
  /** The child of the container that the frame comes before. @defaultValue none: it comes last */
  readonly before?: Node | null;
}

/** A frame that waits until its guest has been asked for its state; `marker` stands where it goes. */
interface Waiting {
  readonly marker: Comment;
  readonly done: Promise<Moved>;
}

const waiting = new WeakMap<Node, Waiting>();

/**
 * Moves the frame of a guest to another place in the page. Where the browser can (`Element.prototype.moveBefore`, within one document), this is done at
 * once, and the document lives on: `moved`. Elsewhere a frame that leaves its place loads anew: its guest is asked for its state first (`state` of
 * `@muntin/host/state`), for a second at most, and gets it back: `reloaded`, once it is there. Calls that wait then settle as after every reload. A frame that is
 * already there stays; of two moves of one frame at once the later one counts. Rejects with `INVALID_OPTION` for a place that is none,
 * with `UNMOUNTED` for a mount that is over, and as `ready` does where the guest does not come back.
 */
export async function move(widget: Framed, container: Element | ShadowRoot, options: MoveOptions = {}): Promise<Moved> {
  requireFrame('move', widget);
  checkOptions('move', options, { before: 'any' });
  const { frame } = widget;
  requireMounted(widget);
  const before = readBefore(frame, container, options.before ?? null);
  const under = waiting.get(frame);
  if (under !== undefined) {
    container.insertBefore(under.marker, before);
    return under.done;
  }
  if (frame.parentNode === container && frame.nextSibling === before) return 'moved';
  if (moveAlive(frame, container, before)) return 'moved';
  const marker = frame.ownerDocument.createComment('');
  container.insertBefore(marker, before);
  const done = reloadAt(widget, marker).finally(() => marker.remove());
  waiting.set(frame, { marker, done });
  return done;
}

/**
 * Loads a guest anew, as `widget.reload()` does, after its state was saved; fulfilled when it is there and has that back. Rejects with `UNMOUNTED` for a
 * mount that is over, and as `ready` does.
 */
export async function reload(widget: Framed): Promise<void> {
  requireFrame('reload', widget);
  requireMounted(widget);
  const arrive = await leave(widget);
  requireMounted(widget);
  widget.reload();
  await widget.ready;
  await arrive();
}

async function reloadAt(widget: Framed, marker: Comment): Promise<Moved> {
  const { frame } = widget;
  const arrive = await leave(widget);
  waiting.delete(frame);
  // It may have been unmounted meanwhile, or its new place taken away.
  requireMounted(widget);
  if (marker.parentNode === null)
    throw invalidOption('the place that the frame was to be moved to is gone: move it again');
  marker.replaceWith(frame);
  // The mount is told before the browser notices: what the guest's new document says is expected then.
  widget.reload();
  await widget.ready;
  await arrive();
  return 'reloaded';
}

function requireMounted({ state }: Framed): void {
  if (state.name === 'unmounted') throw new MuntinError('UNMOUNTED', 'The guest was unmounted');
}

/** The node that the frame comes before; for a frame that is about to come there, where it will be. */
function readBefore(frame: Node, container: unknown, before: Node | null): Node | null {
  if (!isPlace(container))
    throw invalidOption(`container is ${inspect(container)}: give the element that the frame is to be put into`);
  if (before === frame && frame.parentNode === container) return frame.nextSibling;
  const node = (before !== null && waiting.get(before)?.marker) || before;
  if (node === null || node.parentNode === container) return node;
  throw invalidOption(`before is ${inspect(node)}: give a child of the container, or nothing`);
}

/** An element or a shadow root, also of another window: `instanceof` knows those of this one only. */
function isPlace(container: unknown): container is Element | ShadowRoot {
  if (typeof container !== 'object' || container === null || !('nodeType' in container)) return false;
  return container.nodeType === 1 || (container.nodeType === 11 && 'host' in container);
}

/** Parents that can move a child without taking it out of the page; not in the DOM types yet. */
interface Mover {
  moveBefore(node: Node, child: Node | null): void;
}

function moveAlive(frame: Node, container: Element | ShadowRoot, before: Node | null): boolean {
  if (!isMover(container) || !frame.isConnected || !container.isConnected) return false;
  const page = frame.ownerDocument;
  if (page !== container.ownerDocument) return false;
  // Firefox (the one with `mozInnerScreenX`) loads frames in shadow trees anew all the same.
  const isInTree = (node: Node): boolean => node.getRootNode() !== page;
  if ('mozInnerScreenX' in globalThis && (isInTree(frame) || isInTree(container))) return false;
  container.moveBefore(frame, before);
  return true;
}

function isMover(container: object): container is Mover {
  return 'moveBefore' in container && typeof container.moveBefore === 'function';
}

import { type AddedBy, type HostPart, type Origin, type OriginOptions, parseOrigin, type Use } from '@muntin/core';
import { checkOptions, inspect, invalidOption, requirePage } from '@muntin/core/internal';
import { readForeignOrigin, readUrl } from './address.ts';
import { createFrame } from './container/create-frame.ts';
import { FoundFrame } from './container/found-frame.ts';
import { FrameContainer } from './container/frame.ts';
import { OwnFrame, type Page, type Placing } from './container/placing.ts';
import { mountIn } from './mount-in.ts';
import type { AnyContract, CommonOptions, Mounted, UnmountOptions } from './mounted.ts';
import { attachKinds, mountKinds } from './option-kinds.ts';
import type { Policy } from './policy/policy.ts';

interface FramedOptions {
  /** What the frame is appended to: an element or a shadow root, of this window or of another one of this origin, in the page or not yet. */
  readonly into: Element | ShadowRoot;
  /** The frame's accessible name: what assistive technology announces (WCAG 2.2, 4.1.2). */
  readonly title: string;
  /** What the guest may do in its frame. @defaultValue scripts on its own origin, nothing else */
  readonly policy?: Policy;
}

/** Options of {@link mount}. */
export type MountOptions<C extends AnyContract, List extends readonly Use[] = readonly Use[]> = CommonOptions<List> &
  HostPart<C, AddedBy<List>> &
  FramedOptions & {
    /** Where the guest is. Its origin is the pin: nobody else is ever talked to. Relative to the page where it is relative. */
    readonly url: string | URL;
    /**
     * Runs the guest without an origin of its own (`sandbox` without `allow-same-origin`): no cookies, no storage, nothing shared with
     * other pages of its server. An opaque origin pins nothing. Instead, each page that the host loads is given a secret, in the fragment
     * of its address, which opens sessions for one document in one window; send `Content-Security-Policy: frame-src`, too.
     * @defaultValue false
     */
    readonly opaque?: boolean;
  };

/** Options of {@link mount} for a guest whose page is given as text. */
export type SrcdocOptions<C extends AnyContract, List extends readonly Use[] = readonly Use[]> = CommonOptions<List> &
  HostPart<C, AddedBy<List>> &
  FramedOptions & {
    /** The page itself, as HTML. It inherits the Content-Security-Policy of the host. */
    readonly srcdoc: string;
    /** Its origin is opaque; see {@link MountOptions}. */
    readonly opaque: true;
  };

/** Options of {@link attach}. */
export type AttachOptions<C extends AnyContract, List extends readonly Use[] = readonly Use[]> = CommonOptions<List> &
  HostPart<C, AddedBy<List>> & {
    /** The frame, already in the page. It is left there by `unmount`. */
    readonly frame: HTMLIFrameElement;
    /** The guest's exact origin: the pin. */
    readonly origin: string;
  };

/** One mounted guest in a frame. */
export interface Mount<C extends AnyContract> extends Mounted<C> {
  /** The frame. Its style is yours; its attributes are not. */
  readonly frame: HTMLIFrameElement;
}

/**
 * Mounts a guest: makes its frame, closed except for scripts on its own origin, and connects with it over a port that is pinned to
 * the origin of `url`. Returns at once. Throws `INVALID_OPTION` for a wrong option, naming it, its value and the remedy.
 */
export function mount<C extends AnyContract, const List extends readonly Use[] = []>(
  contract: C,
  options: MountOptions<C, List> | SrcdocOptions<C, List>,
): Mount<C> {
  requirePage('mount()');
  checkOptions('mount', options, mountKinds);
  const { into, title, policy } = options;
  if (typeof title !== 'string' || title.trim() === '')
    throw invalidOption(`title is ${inspect(title)}: give the frame a name for assistive technology`);
  if (!canHold(into))
    throw invalidOption(`into is ${inspect(into)}: give the element that the frame is to be put into`);
  const isOpaque = readOpaque(options.opaque);
  const page = readPage(options, isOpaque);
  const frame = createFrame(into.ownerDocument, { title, policy, isOpaque });
  return mountFrame(contract, options, isOpaque ? 'null' : page.pin, frame, new OwnFrame(frame, page, into, isOpaque));
}

/** Also in production: what is taken for `false` gives a guest an origin. */
function readOpaque(opaque: unknown = false): boolean {
  if (typeof opaque === 'boolean') return opaque;
  throw invalidOption(`opaque is ${inspect(opaque)}: give true or false`);
}

/** An element or a shadow root, also of another window: `instanceof` knows those of this one only. */
function canHold(into: unknown): into is Element | ShadowRoot {
  if (typeof into !== 'object' || into === null || !('nodeType' in into)) return false;
  return into.nodeType === 1 || (into.nodeType === 11 && 'host' in into);
}

function mountFrame<C extends AnyContract>(
  contract: C,
  options: CommonOptions & { readonly handlers?: object; readonly context?: unknown },
  origin: Origin | 'null',
  frame: HTMLIFrameElement,
  placing: Placing,
): Mount<C> {
  const mounted = mountIn(
    contract,
    options,
    origin,
    (events) => new FrameContainer(frame, origin, placing, events),
    () => ({ frame }),
  );
  mountedFrames.set(frame, mounted);
  return mounted;
}

function readPage(
  options: OriginOptions & { readonly url?: unknown; readonly srcdoc?: unknown },
  isOpaque: boolean,
): Page {
  const { srcdoc } = options;
  if (srcdoc === undefined) {
    const url = readUrl(options.url);
    if (!isOpaque) return { address: url.href, pin: readForeignOrigin(url.origin, options) };
    if (url.hash !== '')
      throw invalidOption(`url has the fragment ${inspect(url.hash)}: that of an opaque guest is taken by its secret`);
    return { address: url.href, pin: parseOrigin(url.origin, options) };
  }
  if (options.url !== undefined) throw invalidOption('url and srcdoc are both given: leave one of them out');
  if (typeof srcdoc === 'string' && isOpaque) return { srcdoc, pin: 'null' };
  throw invalidOption(`srcdoc is ${inspect(srcdoc)}: give HTML, and opaque: true, for it has no origin of its own`);
}

/**
 * Connects with a guest in a frame that is already in the page, such as one that the server rendered. The order of loading does not
 * matter: the guest is asked to say hello. A frame has one such mount: the former one is unmounted. Throws `INVALID_OPTION` for a wrong
 * option.
 */
export function attach<C extends AnyContract, const List extends readonly Use[] = []>(
  contract: C,
  options: AttachOptions<C, List>,
): Mount<C> {
  requirePage('attach()');
  checkOptions('attach', options, attachKinds);
  const { frame } = options;
  if (!canHold(frame) || frame.localName !== 'iframe')
    throw invalidOption(`frame is ${inspect(frame)}: give an iframe element`);
  const origin = readForeignOrigin(options.origin, options);
  const former = mountedFrames.get(frame);
  if (former !== undefined && former.state.name !== 'unmounted' && !attached.has(former))
    throw invalidOption('frame was made by mount(): unmount that first');
  // When all is made: an option that is refused leaves the former mount as it was.
  const found = new FoundFrame(frame, origin, () => void former?.unmount());
  const mounted = mountFrame(contract, options, origin, frame, found);
  attached.add(mounted);
  return mounted;
}

// A guest talks to one mount; two would take it from each other.
const mountedFrames = new WeakMap<HTMLIFrameElement, FormerMount>();
// Who has lost a mount without unmounting it, as when a module is replaced, can attach again.
const attached = new WeakSet<FormerMount>();

interface FormerMount {
  readonly state: { readonly name: string };
  unmount(options?: UnmountOptions): Promise<void>;
}

import { type HostPart, MuntinError, type Origin, type OriginOptions, parseOrigin } from '@muntin/core';
import {
  checkOptions,
  type Gate,
  invalidOption,
  nanoid,
  requirePage,
  type Seen,
  show,
  windowGate,
} from '@muntin/core/internal';
import { readForeignOrigin, readUrl, tryUrl } from './address.ts';
import { diagnose } from './diagnose.ts';
import { createFrame } from './frame.ts';
import { type AnyContract, type CommonOptions, GuestMount, type Mounted } from './guest-mount.ts';
import { attachKinds, mountKinds } from './option-kinds.ts';
import type { Policy } from './policy/policy.ts';

interface FramedOptions {
  /** The element that the frame is appended to. */
  readonly into: Element;
  /** The frame's accessible name: what assistive technology announces (WCAG 2.2, 4.1.2). */
  readonly title: string;
  /** What the guest may do in its frame. @defaultValue scripts on its own origin, nothing else */
  readonly policy?: Policy;
}

/** Options of {@link mount}. */
export type MountOptions<C extends AnyContract> = CommonOptions &
  HostPart<C> &
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
export type SrcdocOptions<C extends AnyContract> = CommonOptions &
  HostPart<C> &
  FramedOptions & {
    /** The page itself, as HTML. It inherits the Content-Security-Policy of the host. */
    readonly srcdoc: string;
    /** Its origin is opaque; see {@link MountOptions}. */
    readonly opaque: true;
  };

/** Options of {@link attach}. */
export type AttachOptions<C extends AnyContract> = CommonOptions &
  HostPart<C> & {
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
export function mount<C extends AnyContract>(contract: C, options: MountOptions<C> | SrcdocOptions<C>): Mount<C> {
  requirePage('mount()');
  checkOptions('mount', options, mountKinds);
  const { into, title, policy } = options;
  if (typeof title !== 'string' || title.trim() === '')
    throw invalidOption(`title is ${show(title)}: give the frame a name for assistive technology`);
  if (!(into instanceof Element))
    throw invalidOption(`into is ${show(into)}: give the element that the frame is to be put into`);
  const isOpaque = options.opaque === true;
  const page = readPage(options, isOpaque);
  const frame = createFrame(document, { title, policy, isOpaque });
  const mounted = new FrameMount(contract, options, isOpaque ? 'null' : page.pin, frame, { ...page, into });
  mounted.begin();
  return mounted;
}

/** What the frame shows, and whose it is. */
interface Page {
  readonly address?: string;
  readonly srcdoc?: string;
  readonly pin: Origin | 'null';
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
      throw invalidOption(`url has the fragment ${show(url.hash)}: that of an opaque guest is taken by its secret`);
    return { address: url.href, pin: parseOrigin(url.origin, options) };
  }
  if (typeof srcdoc === 'string' && isOpaque) return { srcdoc, pin: 'null' };
  throw invalidOption(`srcdoc is ${show(srcdoc)}: give HTML, and opaque: true, for it has no origin of its own`);
}

/**
 * Connects with a guest in a frame that is already in the page, such as one that the server rendered. The order of loading does not
 * matter: the guest is asked to say hello. A frame has one such mount: the former one is unmounted. Throws `INVALID_OPTION` for a wrong
 * option.
 */
export function attach<C extends AnyContract>(contract: C, options: AttachOptions<C>): Mount<C> {
  requirePage('attach()');
  checkOptions('attach', options, attachKinds);
  const { frame } = options;
  if (!(frame instanceof HTMLIFrameElement)) throw invalidOption(`frame is ${show(frame)}: give an iframe element`);
  const mounted = new FrameMount(contract, options, readForeignOrigin(options.origin, options), frame, undefined);
  void attached.get(frame)?.unmount();
  if (mountedFrames.has(frame)) throw invalidOption('frame was made by mount(): unmount that first');
  attached.set(frame, mounted);
  mounted.begin();
  return mounted;
}

// Who has lost a mount without unmounting it, as when a module is replaced, can attach again.
const attached = new WeakMap<HTMLIFrameElement, { unmount(): Promise<void> }>();
const knockPauseMs = 1000;

// A guest talks to one mount; two would take it from each other.
const mountedFrames = new WeakSet<HTMLIFrameElement>();

function frameRemoved(): MuntinError {
  return new MuntinError('FRAME_REMOVED', 'The frame is no longer in the page: mount the guest again');
}

/** What a mount puts into the page. */
interface FramePlace extends Page {
  readonly into: Element;
}

class FrameMount<C extends AnyContract> extends GuestMount<C> implements Mount<C> {
  readonly frame: HTMLIFrameElement;
  // None where the frame was there before.
  readonly #place: FramePlace | undefined;
  readonly #onLoad: () => void = () => {
    this.loaded();
    this.#knock();
  };
  readonly #onCsp: (event: SecurityPolicyViolationEvent) => void = (event) => this.#blocked(event);
  #knockTimer: ReturnType<typeof setTimeout> | undefined;
  #isPlaced = false;
  #secret = '';

  constructor(
    contract: C,
    options: CommonOptions & { readonly handlers?: object; readonly context?: unknown },
    origin: Origin | 'null',
    frame: HTMLIFrameElement,
    place: FramePlace | undefined,
  ) {
    super(contract, options, origin);
    this.frame = frame;
    this.#place = place;
  }

  protected gate(): Gate {
    mountedFrames.add(this.frame);
    this.frame.addEventListener('load', this.#onLoad);
    document.addEventListener('securitypolicyviolation', this.#onCsp);
    const secret = this.#isOpaque ? () => this.#secret : undefined;
    return windowGate(window, () => this.frame.contentWindow, this.origin, secret);
  }

  protected override place(): void {
    if (this.#place !== undefined) this.#insert(this.#place);
  }

  protected load(): void {
    const { frame } = this;
    if (frame.hasAttribute('sandbox') && !/(^|\s)allow-scripts(\s|$)/i.test(frame.getAttribute('sandbox') ?? '')) {
      const text = 'The sandbox of the frame has no "allow-scripts": no guest can run in it';
      this.giveUp(new MuntinError('SANDBOX_BLOCKS_SCRIPTS', text));
    }
    const place = this.#place;
    if (this.#isPlaced) {
      if (place === undefined) frame.src = frame.getAttribute('src') ?? '';
      else if (this.#isOpaque || frame.src.includes('#')) this.#insert(place);
      else frame.src = place.address ?? '';
    }
    this.#isPlaced = true;
    this.#knock();
  }

  get #isOpaque(): boolean {
    return this.origin === 'null';
  }

  /**
   * Puts the frame into the page, once more where it is there already: with a window of its own. Whoever has a hand on the one before, and
   * whatever is on its way from there, is nobody then; and an address with a fragment, which alone would load nothing, is loaded.
   */
  #insert({ address = '', srcdoc, into }: FramePlace): void {
    const { frame } = this;
    const { parentNode, nextSibling } = this.#isPlaced ? frame : { parentNode: into, nextSibling: null };
    frame.remove();
    this.#secret = nanoid();
    // What is in front of a doctype hides it, but the text of a frame needs none to be in standards mode (HTML Standard, "initial").
    if (srcdoc !== undefined) frame.srcdoc = `<meta name="muntin" content="${this.#secret}">${srcdoc}`;
    else frame.src = this.#isOpaque ? `${address}#muntin=${this.#secret}` : address;
    parentNode?.insertBefore(frame, nextSibling);
  }

  /** An opaque guest has one document for each secret. */
  protected override left(): void {
    if (this.#isOpaque && this.isWaiting) this.load();
  }

  protected stop(): void {
    clearTimeout(this.#knockTimer);
    this.frame.removeEventListener('load', this.#onLoad);
    document.removeEventListener('securitypolicyviolation', this.#onCsp);
    mountedFrames.delete(this.frame);
    if (this.#place !== undefined) this.frame.remove();
  }

  protected diagnose(seen: Seen, timeoutMs: number, wasReady: boolean): MuntinError {
    return this.frame.isConnected ? diagnose(seen, this.#name, timeoutMs, wasReady) : frameRemoved();
  }

  /** The origin that the guest comes from, which it does not have where it is opaque. */
  get #name(): string {
    return tryUrl(this.#place?.address ?? '')?.origin ?? this.origin;
  }

  /** A frame that somebody else has taken out of the page will not connect again; one that was only moved is in it. */
  protected checkPlace(): void {
    if (this.frame.isConnected || this.state.name === 'unmounted') return;
    this.giveUp(frameRemoved());
  }

  /**
   * Asks the guest in a frame that we did not make for a hello, until it says one: a knock is lost where nobody listens yet, or where the
   * goodbye of an earlier mount is still on its way. A frame whose document we can read still shows the blank page it began with.
   */
  #knock(): void {
    clearTimeout(this.#knockTimer);
    if (this.#place !== undefined || !this.isWaiting) return;
    if (this.frame.contentDocument === null) this.knock();
    this.#knockTimer = setTimeout(() => this.#knock(), knockPauseMs);
  }

  #blocked({ blockedURI, effectiveDirective, disposition }: SecurityPolicyViolationEvent): void {
    if (disposition !== 'enforce' || !/^(frame|child|default)-src/.test(effectiveDirective)) return;
    if (tryUrl(blockedURI)?.origin !== this.#name) return;
    const text = `This page's Content-Security-Policy (${effectiveDirective}) does not let ${show(this.#name)} load: add it to frame-src`;
    this.giveUp(new MuntinError('BLOCKED_BY_CSP', text));
  }
}

import { type HostPart, MuntinError, type Origin } from '@muntin/core';
import { type Gate, invalidOption, type Seen, show, windowGate } from '@muntin/core/internal';
import { readForeignOrigin, readUrl, tryUrl } from './address.ts';
import { diagnose } from './diagnose.ts';
import { createFrame } from './frame.ts';
import { type AnyContract, type CommonOptions, GuestMount, type Mounted } from './guest-mount.ts';
import type { Policy } from './policy/policy.ts';

/** Options of {@link mount}. */
export type MountOptions<C extends AnyContract> = CommonOptions &
  HostPart<C> & {
    /** Where the guest is. Its origin is the pin: nobody else is ever talked to. Relative to the page where it is relative. */
    readonly url: string | URL;
    /** The element that the frame is appended to. */
    readonly into: Element;
    /** The frame's accessible name: what assistive technology announces (WCAG 2.2, 4.1.2). */
    readonly title: string;
    /** What the guest may do in its frame. @defaultValue scripts on its own origin, nothing else */
    readonly policy?: Policy;
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
export function mount<C extends AnyContract>(contract: C, options: MountOptions<C>): Mount<C> {
  const { into, title, policy } = options;
  if (typeof title !== 'string' || title.trim() === '')
    throw invalidOption(`title is ${show(title)}: give the frame a name for assistive technology`);
  if (!(into instanceof Element))
    throw invalidOption(`into is ${show(into)}: give the element that the frame is to be put into`);
  const url = readUrl(options.url);
  const origin = readForeignOrigin(url.origin, options);
  const frame = createFrame(document, { url: url.href, title, policy });
  const mounted = new FrameMount(contract, options, origin, frame, { url: url.href, into });
  mounted.begin();
  return mounted;
}

/**
 * Connects with a guest in a frame that is already in the page, such as one that the server rendered. The order of loading does not
 * matter: the guest is asked to say hello. Throws `INVALID_OPTION` for a wrong option.
 */
export function attach<C extends AnyContract>(contract: C, options: AttachOptions<C>): Mount<C> {
  const { frame } = options;
  if (!(frame instanceof HTMLIFrameElement)) throw invalidOption(`frame is ${show(frame)}: give an iframe element`);
  const mounted = new FrameMount(contract, options, readForeignOrigin(options.origin, options), frame, undefined);
  mounted.begin();
  return mounted;
}

const knockPauseMs = 1000;

/** Where the frame of a mount is put, and what it shows. */
interface FramePlace {
  readonly url: string;
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

  constructor(
    contract: C,
    options: CommonOptions & { readonly handlers?: object; readonly context?: unknown },
    origin: Origin,
    frame: HTMLIFrameElement,
    place: FramePlace | undefined,
  ) {
    super(contract, options, origin);
    this.frame = frame;
    this.#place = place;
  }

  protected gate(): Gate {
    this.frame.addEventListener('load', this.#onLoad);
    document.addEventListener('securitypolicyviolation', this.#onCsp);
    return windowGate(window, () => this.frame.contentWindow, this.origin);
  }

  protected load(): void {
    if (this.frame.hasAttribute('sandbox') && !this.frame.sandbox.contains('allow-scripts')) {
      const text = 'The sandbox of the frame has no "allow-scripts": no guest can run in it';
      this.giveUp(new MuntinError('SANDBOX_BLOCKS_SCRIPTS', text));
    }
    if (this.#place !== undefined) this.frame.src = this.#place.url;
    else if (this.#isPlaced) this.frame.src = this.frame.getAttribute('src') ?? '';
    if (!this.#isPlaced) this.#place?.into.append(this.frame);
    this.#isPlaced = true;
    this.#knock();
  }

  protected stop(): void {
    clearTimeout(this.#knockTimer);
    this.frame.removeEventListener('load', this.#onLoad);
    document.removeEventListener('securitypolicyviolation', this.#onCsp);
    if (this.#place !== undefined) this.frame.remove();
  }

  protected diagnose(seen: Seen, timeoutMs: number, wasReady: boolean): MuntinError {
    return diagnose(seen, this.origin, timeoutMs, wasReady);
  }

  /** A frame that somebody else has taken out of the page will not connect again; one that was only moved is in it. */
  protected checkPlace(): void {
    if (this.frame.isConnected || this.state.name === 'unmounted') return;
    this.giveUp(new MuntinError('FRAME_REMOVED', 'The frame is no longer in the page: mount the guest again'));
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
    if (tryUrl(blockedURI)?.origin !== this.origin) return;
    const text = `This page's Content-Security-Policy (${effectiveDirective}) does not let ${show(this.origin)} load: add it to frame-src`;
    this.giveUp(new MuntinError('BLOCKED_BY_CSP', text));
  }
}

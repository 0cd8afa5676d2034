import { MuntinError, type Origin } from '@muntin/core';
import { type GuestEndpoint, inspect, newId, windowEndpoint } from '@muntin/core/internal';
import { tryUrl } from '../address.ts';
import type { Container, ContainerEvents } from './container.ts';
import type { Case } from './diagnosis/evidence.ts';
import { inquire } from './diagnosis/inquire.ts';
import { unwatchIsolation, watchIsolation } from './isolation.ts';

/** What a frame shows, and whose it is. */
export interface Page {
  readonly address?: string;
  readonly srcdoc?: string;
  readonly pin: Origin | 'null';
}

/** What a mount puts into the page. */
export interface FramePlace extends Page {
  readonly into: Node;
}

const knockPauseMs = 1000;

/** A guest in a frame: one that we made, for a place, or one that somebody else has made. */
export class FrameContainer implements Container {
  // Those whose frame has shown nothing yet.
  static readonly #loading = new Set<FrameContainer>();
  readonly endpoint: GuestEndpoint;
  readonly isWatched = false;
  readonly #frame: HTMLIFrameElement;
  readonly #origin: Origin | 'null';
  readonly #place: FramePlace | undefined;
  readonly #events: ContainerEvents;
  readonly #begin: () => void;
  readonly #onLoad: () => void = () => this.#loaded();
  readonly #onCsp: (event: SecurityPolicyViolationEvent) => void = (event) => this.#blocked(event);
  #receive: ((event: MessageEvent) => void) | undefined;
  #stopListening: () => void = () => undefined;
  #document: Document | undefined;
  #knockTimer: ReturnType<typeof setTimeout> | undefined;
  #isPlaced = false;
  #hasLoaded = false;
  #refusedBy: { readonly directive: string; readonly isOurs: boolean } | undefined;
  #wasConnected = false;
  #since = 0;
  #secret = '';

  /** `place`: none where the frame was there before. `begin` is called before it is loaded for the first time. */
  constructor(
    frame: HTMLIFrameElement,
    origin: Origin | 'null',
    place: FramePlace | undefined,
    events: ContainerEvents,
    begin: () => void = () => undefined,
  ) {
    this.#frame = frame;
    this.#origin = origin;
    this.#place = place;
    this.#events = events;
    this.#begin = begin;
    if (place !== undefined) {
      this.#since = performance.now();
      // WebKit tells at once, before anybody could listen, that a frame is over which this page's policy has blocked.
      const onOver = (): void => {
        this.#hasLoaded = true;
      };
      frame.addEventListener('load', onOver);
      this.#insert(place);
      frame.removeEventListener('load', onOver);
    }
    watchIsolation(this, frame, origin, place);
    frame.addEventListener('load', this.#onLoad);
    frame.addEventListener('error', this.#onLoad); // Firefox: instead, where there is an error page
    const inWindow = windowEndpoint(window, () => frame.contentWindow, origin, {
      secret: this.#isOpaque ? () => this.#secret : undefined,
      whyGone: (from) => this.#whyGone(from),
      isPersonThere: () => isPersonIn(frame),
      adopt: ownPort,
    });
    this.endpoint = {
      ...inWindow,
      listen: (receive) => {
        this.#receive = receive;
        this.#followDocument();
        return () => {
          this.#receive = undefined;
          this.#stopListening();
        };
      },
    };
  }

  load(isReady: boolean): void {
    const frame = this.#frame;
    FrameContainer.#loading.add(this);
    this.#wasConnected ||= isInPage(frame);
    if (frame.hasAttribute('sandbox') && !/(^|\s)allow-scripts(\s|$)/i.test(frame.getAttribute('sandbox') ?? '')) {
      const text =
        'The sandbox of the frame has no "allow-scripts": no guest can run in it; add the token, or leave the attribute out';
      this.#events.giveUp(new MuntinError('SANDBOX_BLOCKS_SCRIPTS', text));
    }
    if (this.#isPlaced) {
      this.#since = performance.now();
      this.#hasLoaded = false;
      this.#refusedBy = undefined;
      this.#loadAgain(isReady);
    } else this.#begin();
    this.#isPlaced = true;
    this.#followDocument();
    this.#knock();
  }

  remove(): void {
    clearTimeout(this.#knockTimer);
    unwatchIsolation(this);
    FrameContainer.#loading.delete(this);
    this.#frame.removeEventListener('load', this.#onLoad);
    this.#frame.removeEventListener('error', this.#onLoad);
    this.#document?.removeEventListener('securitypolicyviolation', this.#onCsp);
    if (this.#place !== undefined) this.#frame.remove();
  }

  diagnose(facts: Case): MuntinError | Promise<MuntinError> {
    const frame = this.#frame;
    const address = this.#place === undefined ? frame.src : this.#place.address;
    // Of a frame that somebody else has made, another page than the guest's may be named there.
    const isGuests = address !== undefined && tryUrl(address)?.origin === this.#name;
    const scene = {
      what: 'frame',
      origin: this.#name,
      address: isGuests ? address : undefined,
      since: this.#since,
    } as const;
    return this.missing() ?? inquire(scene, facts);
  }

  /** A frame that somebody has taken out of the page cannot connect until it is back; one that was only moved is in it. */
  missing(): MuntinError | undefined {
    if (isInPage(this.#frame) || !this.#wasConnected) return undefined;
    return new MuntinError(
      'FRAME_REMOVED',
      'The frame is no longer in the page: put it back, or mount the guest again',
    );
  }

  /** It is still to be put into a page. */
  isDormant(): boolean {
    this.#wasConnected ||= isInPage(this.#frame);
    return !this.#wasConnected;
  }

  opened(): void {
    this.#wasConnected = true;
  }

  /** An opaque guest has one document for each secret. */
  left(): boolean {
    if (!this.#isOpaque || this.#place === undefined || !this.#events.isWaiting()) return false;
    this.#insert(this.#place);
    return true;
  }

  get #isOpaque(): boolean {
    return this.#origin === 'null';
  }

  /** The origin that the guest comes from, which it does not have where it is opaque. */
  get #name(): string {
    const address = this.#place?.address;
    return address === undefined ? this.#origin : new URL(address).origin;
  }

  /** Only its container moves a frame into another window, and no guest's document can be read from here. */
  #whyGone(from: unknown): MuntinError | undefined {
    const missing = this.missing();
    if (missing !== undefined) return missing;
    const { contentWindow } = this.#frame;
    if (contentWindow !== from)
      return new MuntinError('PEER_RELOADED', 'The frame was moved, which loads its guest anew');
    if (!canRead(this.#frame)) return undefined;
    return new MuntinError('PEER_NAVIGATED', 'The frame shows another page, which is not the guest');
  }

  #loaded(): void {
    this.#hasLoaded = true;
    FrameContainer.#loading.delete(this);
    this.#checkBlocked();
    this.#wasConnected = true;
    this.#followDocument();
    this.#events.loaded();
    this.#knock();
  }

  /** A guest speaks to the window that its frame is in, which changes when the frame is moved into another one. */
  #followDocument(): void {
    const { ownerDocument } = this.#frame;
    if (this.#document === ownerDocument || this.#receive === undefined) return;
    this.#document?.removeEventListener('securitypolicyviolation', this.#onCsp);
    this.#document = ownerDocument;
    ownerDocument.addEventListener('securitypolicyviolation', this.#onCsp);
    this.#stopListening();
    const here = ownerDocument.defaultView ?? window;
    const frame = this.#frame;
    this.#stopListening = windowEndpoint(here, () => frame.contentWindow, this.#origin).listen(this.#receive);
  }

  /**
   * Loads what is there once more, without an entry in the history of the tab: a guest that is ready in its window, so that it can save what
   * it has, and keeps what a person has allowed it. Any other in a window of its own: until the server answers, its document would live on, its
   * hello be welcomed, and what waits for the next one be lost with it.
   */
  #loadAgain(isReady: boolean): void {
    const frame = this.#frame;
    const place = this.#place;
    const address = place?.address ?? frame.getAttribute('src') ?? '';
    // An address of nothing is that of this page.
    if (place === undefined && address === '') {
      const text =
        "The frame has no src that its guest could be loaded from: set it to the guest's address, and reload() the mount";
      return this.#events.giveUp(new MuntinError('GUEST_NOT_LOADED', text));
    }
    const isKept = isReady && !address.includes('#') && (place === undefined || !this.#isOpaque);
    // It is allowed across origins (HTML Standard, Location), unlike everything else.
    if (isKept && frame.contentWindow !== null)
      frame.contentWindow.location.replace(new URL(address, frame.baseURI).href);
    else if (place === undefined) putBack(frame);
    else this.#insert(place);
  }

  /**
   * Puts the frame into the page, once more where it is there already: with a window of its own. Whoever has a hand on the one before, and
   * whatever is on its way from there, is nobody then; and an address with a fragment, which alone would load nothing, is loaded.
   */
  #insert({ address = '', srcdoc, into }: FramePlace): void {
    const frame = this.#frame;
    const { parentNode, nextSibling } = frame.parentNode === null ? { parentNode: into, nextSibling: null } : frame;
    frame.remove();
    this.#secret = newId();
    // What is in front of a doctype hides it, but the text of a frame needs none to be in standards mode (HTML Standard, "initial").
    if (srcdoc !== undefined) frame.srcdoc = `<meta name="muntin" content="${this.#secret}">${srcdoc}`;
    else frame.src = this.#isOpaque ? `${address}#muntin=${this.#secret}` : address;
    parentNode?.insertBefore(frame, nextSibling);
    this.#wasConnected ||= isInPage(frame);
  }

  /**
   * Asks the guest in a frame that we did not make for a hello, until it says one: a knock is lost where nobody listens yet, or where the
   * goodbye of an earlier mount is still on its way. A frame whose document we can read still shows the blank page it began with.
   */
  #knock(): void {
    clearTimeout(this.#knockTimer);
    if (this.#place !== undefined || !this.#events.isWaiting()) return;
    if (!canRead(this.#frame)) this.#events.knock();
    this.#knockTimer = setTimeout(() => this.#knock(), knockPauseMs);
  }

  /**
   * A guest can make this page's policy refuse a navigation of its own frame to the origin of another guest, and the event does not name the
   * frame. So it counts only before this frame has shown anything, together with what this frame shows then: a blank page that can be
   * read (Firefox, WebKit), or, where an error page cannot (Chromium), that a script of this page has begun it, and for no other guest.
   */
  #blocked({ blockedURI, effectiveDirective, disposition, sourceFile }: SecurityPolicyViolationEvent): void {
    if (disposition !== 'enforce' || !/^(frame|child|default)-src/.test(effectiveDirective)) return;
    if (tryUrl(blockedURI)?.origin !== this.#name || !this.#events.isWaiting()) return;
    const isOurs = sourceFile !== '' && !FrameContainer.#hasOtherOf(this);
    if (!this.#hasLoaded || canRead(this.#frame)) this.#refusedBy ??= { directive: effectiveDirective, isOurs };
    this.#checkBlocked();
  }

  #checkBlocked(): void {
    if (this.#refusedBy === undefined || !this.#hasLoaded || !this.#events.isWaiting()) return;
    const { directive, isOurs } = this.#refusedBy;
    if (!canRead(this.#frame) && !isOurs) return;
    const text = `This page's Content-Security-Policy (${directive}) does not let ${inspect(this.#name)} load: add it to frame-src`;
    this.#events.giveUp(new MuntinError('BLOCKED_BY_CSP', text));
  }

  /** Whether another guest of the same origin is about to load. */
  static #hasOtherOf(one: FrameContainer): boolean {
    return [...FrameContainer.#loading].some((other) => other !== one && other.#name === one.#name);
  }
}

/** Puts a frame of somebody else once more where it is: its guest is loaded anew. */
function putBack(frame: HTMLIFrameElement): void {
  const { parentNode, nextSibling } = frame;
  frame.remove();
  parentNode?.insertBefore(frame, nextSibling);
}

/**
 * A port that has come in another window, which the frame was put into: there it would build everything that comes from the prototypes of that
 * window, and end with it.
 */
function ownPort(port: MessagePort): MessagePort {
  return port instanceof MessagePort ? port : structuredClone(port, { transfer: [port] });
}

/** Whether it can show anything: the document that it is in may itself have been in a window that was closed, or in a frame that was removed. */
function isInPage({ isConnected, ownerDocument }: HTMLIFrameElement): boolean {
  return isConnected && ownerDocument.defaultView !== null;
}

/** Whether a document in a frame can be read from here: no guest's can. */
function canRead(frame: HTMLIFrameElement): boolean {
  try {
    return frame.contentDocument !== null;
  } catch {
    return false;
  }
}

/** Whether a person has just acted in a frame: activation reaches the pages around it (HTML Standard, user activation). */
function isPersonIn(frame: HTMLIFrameElement): boolean {
  const root = frame.getRootNode();
  const focused = 'activeElement' in root ? root.activeElement : null;
  return focused === frame && frame.ownerDocument.defaultView?.navigator.userActivation?.isActive !== false;
}

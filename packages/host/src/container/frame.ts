import { MuntinError, type Origin } from '@muntin/core';
import { type GuestEndpoint, windowEndpoint } from '@muntin/core/internal';
import { tryUrl } from '../address.ts';
import { BlockedByPolicy } from './blocked.ts';
import type { Container, ContainerEvents } from './container.ts';
import type { Case } from './diagnosis/evidence.ts';
import { inquire } from './diagnosis/inquire.ts';
import { unwatchIsolation, watchIsolation } from './isolation.ts';
import type { Placing } from './placing.ts';
import { canRead, isInPage } from './reach.ts';

/** A guest in a frame: one that we made, or one that somebody else has made. */
export class FrameContainer implements Container {
  readonly endpoint: GuestEndpoint;
  readonly isWatched = false;
  readonly #frame: HTMLIFrameElement;
  readonly #origin: Origin | 'null';
  readonly #placing: Placing;
  readonly #events: ContainerEvents;
  readonly #policy: BlockedByPolicy;
  readonly #onLoad: () => void = () => this.#loaded();
  #receive: ((event: MessageEvent) => void) | undefined;
  #stopListening: () => void = () => undefined;
  #document: Document | undefined;
  #hasBegun = false;
  #wasConnected = false;
  #since = 0;

  constructor(frame: HTMLIFrameElement, origin: Origin | 'null', placing: Placing, events: ContainerEvents) {
    this.#frame = frame;
    this.#origin = origin;
    this.#placing = placing;
    this.#events = events;
    this.#policy = new BlockedByPolicy(frame, placing.origin, events);
    if (placing.insert !== undefined) {
      this.#since = performance.now();
      // WebKit tells at once, before anybody could listen, that a frame is over which this page's policy has blocked.
      const onOver = (): void => this.#policy.loaded();
      frame.addEventListener('load', onOver);
      this.#insert(() => placing.insert?.());
      frame.removeEventListener('load', onOver);
    }
    watchIsolation(this, frame, placing.origin);
    frame.addEventListener('load', this.#onLoad);
    frame.addEventListener('error', this.#onLoad); // Firefox: instead, where there is an error page
    const inWindow = windowEndpoint(window, () => frame.contentWindow, origin, {
      secret: placing.secret,
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
    const placing = this.#placing;
    this.#policy.begin(this.#hasBegun);
    this.#wasConnected ||= isInPage(frame);
    if (frame.hasAttribute('sandbox') && !/(^|\s)allow-scripts(\s|$)/i.test(frame.getAttribute('sandbox') ?? '')) {
      const text =
        'The sandbox of the frame has no "allow-scripts": no guest can run in it; add the token, or leave the attribute out';
      this.#events.giveUp(new MuntinError('SANDBOX_BLOCKS_SCRIPTS', text));
    }
    if (this.#hasBegun) {
      this.#since = performance.now();
      const why = this.#insert(() => placing.again(isReady));
      if (why !== undefined) this.#events.giveUp(why);
    } else placing.begin?.();
    this.#hasBegun = true;
    this.#followDocument();
    placing.knock?.(this.#events);
  }

  remove(): void {
    unwatchIsolation(this);
    this.#policy.follow();
    this.#frame.removeEventListener('load', this.#onLoad);
    this.#frame.removeEventListener('error', this.#onLoad);
    this.#placing.end();
  }

  diagnose(facts: Case): MuntinError | Promise<MuntinError> {
    const { address, origin } = this.#placing;
    // Of a frame that somebody else has made, another page than the guest's may be named there.
    const isGuests = address !== undefined && tryUrl(address)?.origin === origin;
    const scene = { what: 'frame', origin, address: isGuests ? address : undefined, since: this.#since } as const;
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
    return this.#events.isWaiting() && this.#insert(() => this.#placing.renew?.()) === true;
  }

  #insert<T>(put: () => T): T {
    const answer = put();
    this.#wasConnected ||= isInPage(this.#frame);
    return answer;
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
    this.#policy.loaded();
    this.#wasConnected = true;
    this.#followDocument();
    this.#events.loaded();
    this.#placing.knock?.(this.#events);
  }

  /** A guest speaks to the window that its frame is in, which changes when the frame is moved into another one. */
  #followDocument(): void {
    const frame = this.#frame;
    const { ownerDocument } = frame;
    if (this.#document === ownerDocument || this.#receive === undefined) return;
    this.#document = ownerDocument;
    this.#policy.follow(ownerDocument);
    this.#stopListening();
    const here = ownerDocument.defaultView ?? window;
    this.#stopListening = windowEndpoint(here, () => frame.contentWindow, this.#origin).listen(this.#receive);
  }
}

/**
 * A port that has come in another window, which the frame was put into: there it would build everything that comes from the prototypes of that
 * window, and end with it.
 */
function ownPort(port: MessagePort): MessagePort {
  return port instanceof MessagePort ? port : structuredClone(port, { transfer: [port] });
}

/** Whether a person has just acted in a frame: activation reaches the pages around it (HTML Standard, user activation). */
function isPersonIn(frame: HTMLIFrameElement): boolean {
  const root = frame.getRootNode();
  const focused = 'activeElement' in root ? root.activeElement : null;
  return focused === frame && frame.ownerDocument.defaultView?.navigator.userActivation?.isActive !== false;
}

import { MuntinError } from '@muntin/core';
import { inspect } from '@muntin/core/internal';
import { tryUrl } from '../address.ts';
import type { ContainerEvents } from './container.ts';
import { canRead } from './reach.ts';

/**
 * Hears that this page's Content-Security-Policy does not let a frame load.
 *
 * A guest can make this page's policy refuse a navigation of its own frame to the origin of another guest, and the event does not name the
 * frame. So it counts only before this frame has shown anything, together with what this frame shows then: a blank page that can be
 * read (Firefox, WebKit), or, where an error page cannot (Chromium), that a script of this page has begun it, and for no other guest.
 */
export class BlockedByPolicy {
  // Those whose frame has shown nothing yet.
  static readonly #loading = new Set<BlockedByPolicy>();
  readonly #frame: HTMLIFrameElement;
  readonly #origin: string;
  readonly #events: Pick<ContainerEvents, 'giveUp' | 'isWaiting'>;
  readonly #onCsp: (event: SecurityPolicyViolationEvent) => void = (event) => this.#refused(event);
  #document: Document | undefined;
  #hasLoaded = false;
  #refusedBy: { readonly directive: string; readonly isOurs: boolean } | undefined;

  /** `origin`: where the guest is loaded from. */
  constructor(frame: HTMLIFrameElement, origin: string, events: Pick<ContainerEvents, 'giveUp' | 'isWaiting'>) {
    this.#frame = frame;
    this.#origin = origin;
    this.#events = events;
  }

  /** The frame loads; `isAgain`: what it has shown before says nothing any more. */
  begin(isAgain: boolean): void {
    BlockedByPolicy.#loading.add(this);
    if (!isAgain) return;
    this.#hasLoaded = false;
    this.#refusedBy = undefined;
  }

  /** The frame has loaded something. */
  loaded(): void {
    this.#hasLoaded = true;
    BlockedByPolicy.#loading.delete(this);
    this.#check();
  }

  /** The document that the frame is in; none: it is over. */
  follow(document?: Document): void {
    this.#document?.removeEventListener('securitypolicyviolation', this.#onCsp);
    this.#document = document;
    document?.addEventListener('securitypolicyviolation', this.#onCsp);
    if (document === undefined) BlockedByPolicy.#loading.delete(this);
  }

  #refused({ blockedURI, effectiveDirective, disposition, sourceFile }: SecurityPolicyViolationEvent): void {
    if (disposition !== 'enforce' || !/^(frame|child|default)-src/.test(effectiveDirective)) return;
    if (tryUrl(blockedURI)?.origin !== this.#origin || !this.#events.isWaiting()) return;
    const isOurs = sourceFile !== '' && !this.#hasOther;
    if (!this.#hasLoaded || canRead(this.#frame)) this.#refusedBy ??= { directive: effectiveDirective, isOurs };
    this.#check();
  }

  #check(): void {
    if (this.#refusedBy === undefined || !this.#hasLoaded || !this.#events.isWaiting()) return;
    const { directive, isOurs } = this.#refusedBy;
    if (!canRead(this.#frame) && !isOurs) return;
    const text = `This page's Content-Security-Policy (${directive}) does not let ${inspect(this.#origin)} load: add it to frame-src`;
    this.#events.giveUp(new MuntinError('BLOCKED_BY_CSP', text));
  }

  /** Whether another guest of the same origin is about to load. */
  get #hasOther(): boolean {
    return [...BlockedByPolicy.#loading].some((other) => other !== this && other.#origin === this.#origin);
  }
}

import type { ContextOf, Contract, HostPart, MuntinError, Use } from '@muntin/core';
import type { CommonOptions, Mount, MountState, Policy } from '@muntin/host';
import { Guest } from './guest.ts';

/** What a `<muntin-frame>` tells: the type of `detail` of each of its events. They do not bubble. */
export interface MuntinFrameEvents<C extends Contract = Contract> {
  /** The guest is connected, for the first time or again: its mount. */
  ready: CustomEvent<Mount<C>>;
  /** The guest has failed, or an attribute or property is wrong (`INVALID_OPTION`): why. */
  failed: CustomEvent<MuntinError>;
  /** Each state of the mount. */
  statechange: CustomEvent<MountState>;
}

// On a server the module can be imported, and the class not be used.
const Base: typeof HTMLElement =
  typeof HTMLElement === 'undefined' ? (Object as unknown as typeof HTMLElement) : HTMLElement;

const guests = new WeakMap<HTMLElement, Guest>();

/** @returns what belongs to an element; every one has one from its constructor on. */
function guestOf(element: HTMLElement): Guest {
  const guest = guests.get(element);
  if (guest === undefined) throw new TypeError('not a <muntin-frame>');
  return guest;
}

/**
 * `<muntin-frame src title>`: a guest page from another origin, mounted for as long as the element is in the page and has `src`, `title` and a contract.
 *
 * Another `src`, `contract` or `opaque` is another guest; so is another `size`, `use`, `policy` or `options`, which are compared by what is in them.
 * `title`, `handlers` and `context` may change at any time: the guest stays.
 *
 * @tagname muntin-frame
 * @attr {string} src - Where the guest is. Its origin is the pin: nobody else is ever talked to.
 * @attr {string} title - The accessible name of the frame: what assistive technology announces.
 * @attr {string} contract - Name and version, as in `acme/news@1.0.0`, of a guest that is only shown: without calls. Otherwise set the property.
 * @attr {"content"} size - The frame is as high as its content; needs `size()` in the guest. Loads that part of Muntin.
 * @attr {number} min-px - With `size`: the least height in CSS pixels. Default: 0.
 * @attr {number} max-px - With `size`: the greatest height in CSS pixels. Default: 20000.
 * @attr {"eager" | "lazy"} loading - `lazy`: the guest is mounted when it is about to be scrolled into view.
 * @attr {boolean} opaque - Runs the guest without an origin of its own.
 * @attr {string} data-state - Set by the element: the name of the mount's state.
 * @slot loading - Shown until the guest is there.
 * @slot failed - Shown in place of a guest that has failed. An element in it with `data-retry` tries again when it is clicked. Default: a text, what may help, and a button.
 * @csspart guest - Around the frame.
 * @csspart frame - The frame.
 * @csspart failed - Around what is shown of a failure, announced as an alert.
 * @csspart retry - The button that tries again.
 * @fires {CustomEvent<Mount>} ready - The guest is connected, for the first time or again.
 * @fires {CustomEvent<MuntinError>} failed - The guest has failed, or an attribute or property is wrong.
 * @fires {CustomEvent<MountState>} statechange - Each state of the mount.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- see the interface below
export class MuntinFrameElement<C extends Contract = Contract> extends Base {
  static readonly observedAttributes: readonly string[] = [
    'src',
    'title',
    'contract',
    'size',
    'min-px',
    'max-px',
    'loading',
    'opaque',
  ];

  constructor() {
    super();
    guests.set(this, new Guest(this, this.attachShadow({ mode: 'open' })));
    // What was set before the class was there hides the properties of the class.
    for (const name of Object.keys(this)) {
      if (!(name in MuntinFrameElement.prototype)) continue;
      const value: unknown = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      // Only what is upgraded has any: there a constructor may set attributes, and what is set after it stays.
      Reflect.set(this, name, value);
    }
  }

  /** What both sides share. @defaultValue none: nothing is mounted until it is there, or the attribute `contract` */
  get contract(): C | undefined {
    return guestOf(this).given.contract as C | undefined; // as it was set
  }
  set contract(contract: C | undefined) {
    guestOf(this).give({ contract });
  }

  /** One function for each procedure that the host serves. Others may be set at any time. */
  get handlers(): HostPart<C>['handlers'] {
    return guestOf(this).given.handlers as HostPart<C>['handlers']; // as it was set
  }
  set handlers(handlers: HostPart<C>['handlers']) {
    guestOf(this).give({ handlers });
  }

  /** The values of the live context. What has changed when another one is set is sent to the guest. */
  get context(): ContextOf<C> | undefined {
    return guestOf(this).given.context as ContextOf<C> | undefined; // as it was set
  }
  set context(context: ContextOf<C> | undefined) {
    guestOf(this).give({ context });
  }

  /** Extensions, and hooks around calls, the outermost first. @defaultValue none */
  get use(): readonly Use[] | undefined {
    return guestOf(this).given.use;
  }
  set use(use: readonly Use[] | undefined) {
    guestOf(this).give({ use });
  }

  /** What the guest may do in its frame. @defaultValue scripts on its own origin, nothing else */
  get policy(): Policy | undefined {
    return guestOf(this).given.policy;
  }
  set policy(policy: Policy | undefined) {
    guestOf(this).give({ policy });
  }

  /** The other options of `mount`, such as `reconnect`. @defaultValue none */
  get options(): Omit<CommonOptions, 'use'> | undefined {
    return guestOf(this).given.options;
  }
  set options(options: Omit<CommonOptions, 'use'> | undefined) {
    guestOf(this).give({ options });
  }

  /** Where the guest is: the attribute. */
  get src(): string {
    return this.getAttribute('src') ?? '';
  }
  set src(src: string | null | undefined) {
    reflect(this, 'src', src);
  }

  /** The attribute: `content`, or empty. */
  get size(): string {
    return this.getAttribute('size') ?? '';
  }
  set size(size: string | null | undefined) {
    reflect(this, 'size', size);
  }

  /** The attribute: whether the guest runs without an origin of its own. */
  get opaque(): boolean {
    return this.hasAttribute('opaque');
  }
  set opaque(opaque: boolean) {
    this.toggleAttribute('opaque', opaque);
  }

  /** The attribute: `eager` or `lazy`. */
  get loading(): 'eager' | 'lazy' {
    return this.getAttribute('loading') === 'lazy' ? 'lazy' : 'eager';
  }
  set loading(loading: 'eager' | 'lazy' | null | undefined) {
    reflect(this, 'loading', loading);
  }

  /** The mount; `undefined` until there is one. Its calls wait until the guest is connected. */
  get mount(): Mount<C> | undefined {
    return guestOf(this).widget; // of the contract that was set
  }

  /** Loads the guest anew. Also brings a failed one back. */
  reload(): void {
    guestOf(this).reload();
  }

  /** @internal */
  connectedCallback(): void {
    guestOf(this).change();
  }

  /** @internal */
  disconnectedCallback(): void {
    guestOf(this).change();
  }

  /** Moved by `moveBefore`: the guest lives on. Where a browser has no such thing, it is loaded again. @internal */
  connectedMoveCallback(): void {}

  /** @internal */
  attributeChangedCallback(): void {
    guestOf(this).change();
  }
}

/** What its events are, for those who listen. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- overloads of an inherited method, without a method of its own
export interface MuntinFrameElement<C extends Contract = Contract> {
  addEventListener<K extends keyof MuntinFrameEvents>(
    type: K,
    listener: (this: MuntinFrameElement<C>, event: MuntinFrameEvents<C>[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (this: HTMLElement, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

function reflect(element: HTMLElement, name: string, value: string | null | undefined): void {
  if (value === null || value === undefined || value === '') element.removeAttribute(name);
  else element.setAttribute(name, value);
}

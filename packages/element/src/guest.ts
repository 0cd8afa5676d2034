import { type Contract, contract, MuntinError, type Use } from '@muntin/core';
import { changeOf, delegate } from '@muntin/core/adapter';
import { type CommonOptions, type Mount, type MountOptions, type MountState, mount, type Policy } from '@muntin/host';
import type { size as Size } from '@muntin/host/size';
import { isSame } from './same.ts';
import { View } from './view.ts';

/** What is set as properties. */
export interface Given {
  readonly contract?: Contract | undefined;
  readonly handlers?: object | undefined;
  readonly context?: unknown;
  readonly use?: readonly Use[] | undefined;
  readonly policy?: Policy | undefined;
  readonly options?: Omit<CommonOptions, 'use'> | undefined;
}

/** What a guest is mounted from: where one of it is another, the guest is another. */
interface Wish {
  readonly contract: Contract | undefined;
  readonly rest: {
    readonly contract: string | null;
    readonly src: string | null;
    readonly size: string | null;
    readonly minPx: string | null;
    readonly maxPx: string | null;
    readonly opaque: boolean;
    readonly use: readonly Use[];
    readonly policy: Policy;
    readonly options: Omit<CommonOptions, 'use'>;
  };
  /** What can be changed later, and may be what a mount could not be made without. */
  readonly missing: { readonly title: string; readonly handlers: readonly string[] };
}

// How far from being seen a guest is mounted, with `loading="lazy"`.
const nearby = '400px';

let size: typeof Size | undefined;

/** The guest of one element: mounted while the element is in a page and says what to mount. */
export class Guest {
  given: Given = {};
  widget: Mount<Contract> | undefined;
  readonly #element: HTMLElement;
  readonly #view: View;
  #isDue = false;
  #isNear = false;
  #nearness: IntersectionObserver | undefined;
  // What is mounted, or could not be.
  #wish: Wish | undefined;
  #context: unknown;
  #named: { readonly text: string; readonly contract: Contract } | undefined;

  constructor(element: HTMLElement, root: ShadowRoot) {
    this.#element = element;
    this.#view = new View(root, () => this.reload());
    this.#view.show('idle', '');
  }

  give(given: Given): void {
    this.given = { ...this.given, ...given };
    this.change();
  }

  /** Something is another: looked at once, when the turn is over. Who moves an element takes it out and puts it in. */
  change(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#update();
    });
  }

  reload(): void {
    if (this.widget !== undefined) return this.widget.reload();
    this.#wish = undefined;
    this.change();
  }

  #update(): void {
    const element = this.#element;
    const wish = this.#read();
    if (!element.isConnected || !wish.rest.src || (wish.contract ?? wish.rest.contract) === null) return this.#end();
    if (this.#isAsBefore(wish)) return this.#follow();
    this.#end();
    if (element.getAttribute('loading') === 'lazy' && !this.#isNear) return this.#await();
    if (wish.rest.size === 'content' && size === undefined) return this.#loadSizing();
    this.#wish = wish;
    try {
      this.#mount(wish);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #read(): Wish {
    const element = this.#element;
    const { contract: shared, use, policy, options, handlers } = this.given;
    return {
      contract: shared ?? undefined,
      rest: {
        contract: element.getAttribute('contract'),
        src: element.getAttribute('src'),
        size: element.getAttribute('size'),
        minPx: element.getAttribute('min-px'),
        maxPx: element.getAttribute('max-px'),
        opaque: element.hasAttribute('opaque'),
        use: use ?? [],
        policy: policy ?? {},
        options: options ?? {},
      },
      missing: { title: element.title, handlers: Object.keys(handlers ?? {}) },
    };
  }

  #isAsBefore({ contract: shared, rest, missing }: Wish): boolean {
    const before = this.#wish;
    if (before === undefined || before.contract !== shared || !isSame(before.rest, rest)) return false;
    return this.widget !== undefined || isSame(before.missing, missing);
  }

  #mount({ contract: shared = this.#readContract(), rest }: Wish): void {
    const { src, minPx, maxPx, opaque, use, policy, options } = rest;
    const { handlers, context } = this.given;
    const sized = rest.size !== 'content' || size === undefined ? [] : [size(boundsOf(minPx, maxPx))];
    this.#context = context;
    // As the types of the element have it: the options of a mount, in other places.
    const widget = mount<Contract, readonly Use[]>(shared, {
      ...options,
      url: src,
      into: this.#view.guest,
      title: this.#element.title,
      policy,
      opaque,
      use: [...use, ...sized],
      handlers: handlers && delegate(shared.host, () => this.given.handlers),
      context,
    } as unknown as MountOptions<Contract>);
    this.widget = widget;
    widget.frame.setAttribute('part', 'frame');
    let wasReady = false;
    widget.state$.subscribe((state) => {
      if (state.name === 'unmounted') {
        // By somebody else: `reload()` mounts it anew.
        if (this.widget === widget) {
          this.widget = undefined;
          this.#show({ name: 'idle' });
        }
        return;
      }
      this.#show(state);
      if (state.name === 'ready' && !wasReady) this.#tell('ready', widget);
      if (state.name !== 'unresponsive') wasReady = state.name === 'ready';
      if (state.name === 'failed') this.#tell('failed', state.cause);
    });
  }

  /** From the attribute: of a guest that is only shown. */
  #readContract(): Contract {
    const text = this.#element.getAttribute('contract') ?? '';
    if (this.#named?.text !== text) {
      const [, name = text, version = ''] = /^(.*)@(.*?)$/.exec(text) ?? [];
      this.#named = { text, contract: contract({ name, version }) };
    }
    return this.#named.contract;
  }

  /** What the guest need not be another for. */
  #follow(): void {
    const { widget } = this;
    if (widget === undefined) return;
    if (this.#element.title.trim() !== '') widget.frame.title = this.#element.title;
    const { context } = this.given;
    const change = changeOf(this.#context, context);
    if (change !== undefined) widget.setContext(change);
    // What was refused has not been sent: the next one is compared with what has.
    this.#context = context;
  }

  /** Until it is about to be seen. `near` of `@muntin/host/place` is made for applications: it would bring some 0.2 kB more. */
  #await(): void {
    this.#nearness = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        this.#isNear = true;
        this.change();
      },
      { rootMargin: nearby },
    );
    this.#nearness.observe(this.#element);
  }

  #loadSizing(): void {
    import('@muntin/host/size').then(
      (loaded) => {
        ({ size } = loaded);
        this.change();
      },
      (cause: unknown) => {
        this.#wish = this.#read();
        this.#refuse(new MuntinError('CHUNK_NOT_LOADED', 'The part for size="content" could not be loaded', { cause }));
      },
    );
  }

  /** Nothing could be mounted. */
  #refuse(thrown: unknown): void {
    // Production builds do not look at what they are given: it fails where it is used.
    const error = isOurs(thrown)
      ? thrown
      : new MuntinError('INVALID_OPTION', 'The guest cannot be mounted with what it is given', { cause: thrown });
    this.#show({ name: 'failed', cause: error });
    this.#tell('failed', error);
    reportError(error);
  }

  #end(): void {
    this.#nearness?.disconnect();
    this.#nearness = undefined;
    // Where it is put next, it may be far from being seen.
    if (!this.#element.isConnected) this.#isNear = false;
    this.#wish = undefined;
    const { widget } = this;
    this.widget = undefined;
    void widget?.unmount();
    if ((this.#element.dataset['state'] ?? 'idle') !== 'idle') this.#show({ name: 'idle' });
  }

  #show(state: MountState): void {
    const { name, cause } = state;
    this.#element.dataset['state'] = name;
    this.#view.show(name, this.#element.title, name === 'failed' ? cause : undefined);
    this.#tell('statechange', state);
  }

  #tell(type: string, detail: unknown): void {
    this.#element.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function isOurs(error: unknown): error is MuntinError {
  return error instanceof MuntinError;
}

function boundsOf(minPx: string | null, maxPx: string | null): { height: 'content'; minPx?: number; maxPx?: number } {
  return {
    height: 'content',
    ...(isBlank(minPx) ? {} : { minPx: Number(minPx) }),
    ...(isBlank(maxPx) ? {} : { maxPx: Number(maxPx) }),
  };
}

/** As HTML reads the numbers of its own elements: a blank one is none, and not 0. */
function isBlank(text: string | null): boolean {
  return (text ?? '').trim() === '';
}

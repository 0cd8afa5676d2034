// Runs in the guest's page while it is developed: keeps what `expose` has made when the module that called it is replaced.

/** What of `import.meta.hot` is used. */
interface Hot {
  readonly data: Record<string, unknown>;
}

interface Ending {
  unsubscribe(): void;
}

interface Streamed {
  subscribe(...observer: readonly unknown[]): Ending;
}

type Tree = Readonly<Record<string, unknown>>;
type Options = Tree;

/** What of a contract is used. */
interface Agreed {
  readonly guest: Tree;
  readonly host: Tree;
}

/** What of a shell is used. */
interface Shown {
  readonly host: object;
  readonly state$: Streamed;
  readonly context$: Streamed;
  close(): void;
}

type Expose = (contract: Agreed, options: Options) => Shown;

/** Options that are called, and so may be replaced like handlers. */
const called = ['onHandlerError', 'beforeClose'];

/** Begins a version of a module. */
export function follow(hot: Hot): Version {
  return new Version(hot);
}

/** One version of a module that calls `expose`. */
export class Version {
  readonly #hot: Hot;
  readonly #before: readonly Kept[];
  readonly #now: Kept[] = [];
  #isEvaluated = false;

  constructor(hot: Hot) {
    this.#hot = hot;
    this.#before = this.#newest();
    hot.data['muntin'] = this.#now;
  }

  /** Gives an `expose` that goes on with what the version before this one had made, where it still fits. */
  follow(expose: Expose): Expose {
    return (contract, options) => {
      const last = this.#before[this.#now.length];
      const fits = last?.expose === expose && last.fits(contract, options);
      if (!fits) last?.close();
      const kept = fits ? last : new Kept(expose, contract, options);
      this.#now.push(kept);
      return kept.show(options, () => !this.#isEvaluated);
    };
  }

  /** Called when the module has been evaluated: what is subscribed to from now on is others' who import the shell, and they stay. */
  evaluated(): void {
    this.#isEvaluated = true;
  }

  /** For `import.meta.hot.accept`: called with the version that comes after this one, or with nothing where that one is broken. */
  readonly replaced = (next: unknown): void => {
    if (next === undefined) this.#hot.data['muntin'] = this.#now;
    for (const kept of this.#now) if (!this.#newest().includes(kept)) kept.close();
  };

  #newest(): readonly Kept[] {
    const list = this.#hot.data['muntin'];
    return Array.isArray(list) ? list.filter((one) => one instanceof Kept) : [];
  }
}

/** One call of `expose`, over all versions of its module. */
class Kept {
  readonly expose: Expose;
  readonly shell: Shown;
  readonly #contract: Agreed;
  #options: Options;
  /** What the present version has subscribed to, while it was evaluated. */
  readonly #live = new Set<Ending>();
  #isTracking = (): boolean => false;

  constructor(expose: Expose, contract: Agreed, options: Options) {
    this.expose = expose;
    this.#contract = contract;
    this.#options = options;
    const late: (readonly [string, unknown])[] = called.flatMap((name) =>
      typeof options[name] === 'function' ? [[name, this.#late(name)]] : [],
    );
    const handlers = delegate(contract.guest, () => this.#options['handlers']);
    this.shell = expose(contract, { ...options, ...Object.fromEntries<unknown>(late), handlers });
  }

  /** Whether nothing has changed but what is looked up when it is called. */
  fits(contract: Agreed, options: Options): boolean {
    if (contract !== this.#contract) return false;
    const unseen = self.parent === self ? ['handlers'] : ['handlers', 'standalone'];
    const names = new Set([...Object.keys(options), ...Object.keys(this.#options)]);
    return (
      [...names].every((name) => unseen.includes(name) || isSame(name, this.#options[name], options[name])) &&
      listServed(contract.guest, this.#options['handlers']) === listServed(contract.guest, options['handlers'])
    );
  }

  /** Ends it. What the version had subscribed to is let go of first: nobody is told of an end that an edit has caused. */
  close(): void {
    this.#release();
    this.shell.close();
  }

  #release(): void {
    for (const ending of this.#live) ending.unsubscribe();
    this.#live.clear();
  }

  /** The shell for a new version: what the one before had subscribed to has ended. */
  show(options: Options, isTracking: () => boolean): Shown {
    this.#release();
    this.#isTracking = isTracking;
    this.#options = options;
    const own: Tree = {
      host: this.#client(this.shell.host, this.#contract.host),
      state$: this.#track(this.shell.state$),
      context$: this.#track(this.shell.context$),
    };
    return new Proxy(this.shell, {
      get: (shell, name): unknown =>
        typeof name === 'string' && Object.hasOwn(own, name) ? own[name] : Reflect.get(shell, name),
    });
  }

  #late(name: string): (...given: readonly unknown[]) => unknown {
    return (...given) => apply(this.#options[name], undefined, given);
  }

  /** The procedures of the host, with streams that end with the version that subscribes to them. */
  #client(client: object, procedures: Tree): object {
    const entries = Object.entries(procedures).map(([name, entry]): readonly [string, unknown] => {
      const one: unknown = Reflect.get(client, name);
      if (isGroup(entry)) return [name, isObject(one) ? this.#client(one, entry) : one];
      if (typeof one !== 'function' || kindOf(entry) !== 'observable') return [name, one];
      return [name, new Proxy(one, { apply: (...call) => this.#trackIf(Reflect.apply(...call)) })];
    });
    return Object.fromEntries<unknown>(entries);
  }

  #trackIf(value: unknown): unknown {
    return isStreamed(value) ? this.#track(value) : value;
  }

  #track<S extends Streamed>(stream: S): S {
    const tracked: S = new Proxy(stream, {
      get: (target, name) => {
        if (name === 'subscribe') return (...observer: readonly unknown[]) => this.#keep(target.subscribe(...observer));
        // How RxJS asks for what it subscribes to.
        if (name === '@@observable' || (typeof name === 'symbol' && name.description === 'observable'))
          return () => tracked;
        const value: unknown = Reflect.get(target, name);
        if (name !== Symbol.asyncIterator || typeof value !== 'function') return value;
        return () => this.#keepIterator(Reflect.apply(value, target, []));
      },
    });
    return tracked;
  }

  #keep(ending: Ending): Ending {
    if (this.#isTracking()) this.#live.add(ending);
    return ending;
  }

  #keepIterator(iterator: unknown): unknown {
    if (isObject(iterator))
      this.#keep({ unsubscribe: () => void apply(Reflect.get(iterator, 'return'), iterator, []) });
    return iterator;
  }
}

/**
 * Handlers that look up the newest version of each handler when they are called. Those of no procedure stay, for `expose` to name. Bindings to frameworks
 * share one that is like it (`@muntin/core/adapter`); this module imports nothing, because a server that finds a dependency late loads the page again.
 */
function delegate(procedures: Tree, read: () => unknown): object {
  const group = read();
  if (!isObject(group)) return {};
  const unknownOnes = Object.fromEntries(Object.entries(group).filter(([name]) => !Object.hasOwn(procedures, name)));
  const known = Object.entries(procedures).flatMap(([name, entry]): (readonly [string, unknown])[] => {
    const find = (): unknown => {
      const found = fieldOf(read(), name);
      return found === Reflect.get(Object.prototype, name) ? undefined : found; // not what every object inherits
    };
    const handler = find();
    if (isGroup(entry)) return [[name, delegate(entry, find)]];
    if (typeof handler !== 'function') return handler === undefined ? [] : [[name, handler]];
    return [[name, (...given: readonly unknown[]) => apply(find(), read(), given)]];
  });
  return { ...unknownOnes, ...Object.fromEntries(known) };
}

/** The paths that have a handler, as one text. */
function listServed(procedures: Tree, handlers: unknown): string {
  return Object.entries(procedures)
    .map(([name, entry]) => {
      const handler = fieldOf(handlers, name);
      return isGroup(entry) ? `${name}(${listServed(entry, handler)})` : `${name}:${typeof handler}`;
    })
    .join();
}

function isSame(name: string, one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (called.includes(name)) return typeof one === typeof other;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((part, index) => isSame('', part, other[index]));
  // Ceilings are the only options that are plain objects.
  return name === 'limits' && JSON.stringify(one) === JSON.stringify(other);
}

function apply(handler: unknown, self: unknown, given: readonly unknown[]): unknown {
  return typeof handler === 'function' ? Reflect.apply(handler, self, given) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}

const kindOf = (entry: unknown): unknown => fieldOf(entry, 'kind');

/** Whether an entry of a contract is a group of procedures. */
function isGroup(entry: unknown): entry is Tree {
  return isObject(entry) && typeof kindOf(entry) !== 'string';
}

function isStreamed(value: unknown): value is Streamed {
  return isObject(value) && typeof fieldOf(value, 'subscribe') === 'function';
}

/** So many live parts of one turn are made at once, which is all that most pages ever pass. */
const atOnce = 64;

/** Live parts of the peer that a value has brought and nobody has read. */
interface Waiting {
  /** How often it came. */
  count: number;
  /** Of a signal that has fired meanwhile. */
  fired: Fired | undefined;
}

/** What a signal has fired with. */
export interface Fired {
  /** The one that was made of it: who is passed twice is one. */
  signal?: AbortSignal;
  readonly reason: unknown;
}

/** Puts something in a place of an object that is there already; it is made when the place is read. */
export type PutLater = (node: object, key: string, index: number, make: (fired: Fired | undefined) => unknown) => void;

/**
 * What came and is not made yet. A stream or a signal takes a hundred times what its place in a message does: of a thousand in one, only
 * those are made that somebody reads. Until then there is an accessor in the place, which becomes a plain property at once.
 */
export class Unread {
  readonly #waiting = new Map<number, Waiting>();
  readonly #collected: FinalizationRegistry<ReadonlyMap<number, number>>;
  #left = atOnce;
  #ended: Fired | undefined;

  /** `giveBack` is told of what was collected and never read. */
  constructor(giveBack: (index: number, count: number) => void) {
    this.#collected = new FinalizationRegistry((rest) => {
      for (const [index, count] of rest) {
        this.#take(index, count);
        giveBack(index, count);
      }
    });
  }

  get size(): number {
    return this.#waiting.size;
  }

  has(index: number): boolean {
    return this.#waiting.has(index);
  }

  /** Whether one more is made at once in this turn. */
  takeNow(): boolean {
    if (this.#left === atOnce)
      queueMicrotask(() => {
        this.#left = atOnce;
      });
    return this.#left-- > 0;
  }

  /** A signal has fired, though nobody has read it. */
  fire(index: number, reason: unknown): void {
    const waiting = this.#waiting.get(index);
    if (waiting !== undefined) waiting.fired ??= { reason };
  }

  /** The session is over: what is read from now on has fired. */
  end(cause: unknown): void {
    this.#ended = { reason: cause };
  }

  /** For one value: when it is collected, what nobody has read of it is given back. */
  open(): PutLater {
    const rest = new Map<number, number>();
    const held = { rest };
    this.#collected.register(held, rest);
    return (node, key, index, make) => {
      rest.set(index, (rest.get(index) ?? 0) + 1);
      const waiting = this.#waiting.get(index);
      if (waiting === undefined) this.#waiting.set(index, { count: 1, fired: undefined });
      else waiting.count++;
      let made: { readonly part: unknown } | undefined;
      const read = (): unknown => {
        if (made !== undefined) return made.part; // of an object that was frozen
        lower(held.rest, index);
        made = { part: make(this.#take(index, 1)) };
        put(node, key, made.part);
        return made.part;
      };
      const write = (value: unknown): void => put(node, key, value);
      const enumerable = Object.prototype.propertyIsEnumerable.call(node, key);
      Object.defineProperty(node, key, { get: read, set: write, enumerable, configurable: true });
    };
  }

  #take(index: number, count: number): Fired | undefined {
    const waiting = this.#waiting.get(index);
    if (waiting === undefined) return this.#ended;
    waiting.count -= count;
    if (waiting.count <= 0) this.#waiting.delete(index);
    return waiting.fired ?? this.#ended;
  }
}

function lower(counts: Map<number, number>, index: number): void {
  const left = (counts.get(index) ?? 1) - 1;
  if (left > 0) counts.set(index, left);
  else counts.delete(index);
}

function put(node: object, key: string, value: unknown): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(node, key);
  Reflect.defineProperty(node, key, { value, enumerable, configurable: true, writable: true });
}

import type { Codec } from '../codec/codec.ts';
import type { Served } from '../contract/types.ts';
import { MuntinError } from '../errors.ts';
import { type ExceededLimit, Scales } from '../link/budget.ts';
import { PORT } from '../link/messages.ts';
import { walk } from '../link/walk.ts';
import {
  type Attachment,
  type Entries,
  indexesOf,
  isAttachment,
  maxMethods,
  maxPath,
  place,
  refill,
} from './attachments.ts';
import { Exports } from './exports.ts';
import { Imports, type ImportsOptions } from './imports.ts';
import { lift, type Place, pathOf, refusedAt, refuseThere } from './lift.ts';
import { referentOf } from './mark.ts';
import type { Fired, PutLater } from './unread.ts';

/** A value as it crosses. */
export interface Packed {
  readonly value: unknown;
  readonly attachments: readonly Attachment[];
  readonly transfer: readonly Transferable[];
  /** By index, the reasons of signals in it that have fired: the other side is told before it gets the value, so that they have fired there, too. */
  readonly fired?: ReadonlyMap<number, unknown>;
}

/** How a table calls what the other side has. */
export interface ReferenceTableOptions extends ImportsOptions {
  readonly codec: Codec | undefined;
  /** Tells the other side that the signal of this index has fired. */
  readonly abort: (index: number, reason: unknown) => void;
}

// The receiver ends the session over more: see `isOwnList` in link/messages.ts.
const maxSegments = 65_536;
const none: readonly [] = [];

/**
 * Passes what is live by reference: functions and objects that are marked, streams, promises and abort signals. Live parts travel beside
 * the value, so that nothing in the value itself can turn into one. It lives as long as its session.
 */
export class ReferenceTable {
  readonly #options: ReferenceTableOptions;
  readonly #exports: Exports;
  readonly #imports: Imports;

  constructor(options: ReferenceTableOptions) {
    this.#options = options;
    this.#exports = new Exports(options.limits.references, options.abort);
    this.#imports = new Imports(options);
  }

  /** How many of our things the other side holds. */
  get size(): number {
    return this.#exports.size;
  }

  /**
   * What has to be sent instead of a value; `undefined` where the value crosses as it is, unless it is to be copied all the same. Throws what
   * its getters throw.
   */
  pack(value: unknown, isCopied = false): Packed | undefined {
    const { codec } = this.#options;
    if (codec !== undefined && (value === null || (typeof value !== 'object' && typeof value !== 'function')))
      return { value: codec.encode(value), attachments: none, transfer: none };
    const packing: Packing = { attachments: [], transfer: new Set(), copies: new Map(), fired: new Map() };
    try {
      const plain = this.#lift(value, packing);
      const transfer = [...packing.transfer];
      if (codec === undefined && !isCopied && transfer.length + packing.attachments.length === 0) return undefined;
      // Where nothing live was taken out, the value itself: a codec keeps more of what is one and the same than a copy does.
      const whole = packing.attachments.length === 0 ? value : plain;
      // The receiver expects the ports of a message: wherever in the value they are, and where they are nowhere in it.
      for (const given of transfer) if (given instanceof MessagePort) packing.attachments.push([[], PORT, 0, []]);
      const { attachments, fired } = packing;
      return { value: codec === undefined ? plain : codec.encode(whole), attachments, transfer, fired };
    } catch (error) {
      this.takeBack(packing.attachments);
      throw error;
    }
  }

  /** Throws for something live in what takes copies only. */
  refuseLive(value: unknown): void {
    const replace = (live: object, _kind: number, at: Place | undefined): never => {
      throw refusedAt(at, live, 'here only copies cross; send it as an input, a result or a stream value');
    };
    lift(value, { codec: undefined, replace, transfer: new Set(), copies: new Map() });
  }

  /** What was packed is not sent after all: it stays as it is. */
  takeBack(attachments: readonly unknown[] | undefined): void {
    for (const index of indexesOf(attachments)) this.#exports.takeBack(index);
  }

  /** Nobody here takes what came: it is given back. */
  discard(attachments: readonly unknown[] | undefined): void {
    for (const index of indexesOf(attachments)) this.#imports.release(index, 1);
  }

  /** Puts what is live in its places. Throws for what no honest peer packs. */
  unpack(data: unknown, attachments: readonly unknown[] | undefined): unknown {
    const { codec } = this.#options;
    let value = codec === undefined ? data : this.#decode(codec, data);
    if (attachments === undefined) return value;
    const entries: Entries = new Map();
    let later: PutLater | undefined;
    for (let at = 0; at < attachments.length; at++) {
      const attachment = attachments[at];
      if (!isAttachment(attachment))
        throw new MuntinError('PROTOCOL_VIOLATION', 'The peer attached something malformed');
      const [path, kind, index, methods] = attachment;
      if (kind === PORT) continue;
      this.#imports.admit(index);
      later ??= this.#imports.open();
      const make = (fired?: Fired): unknown => this.#imports.take(kind, index, methods, fired);
      // What is held already costs nothing to put there, and is counted once.
      const isHeld = this.#imports.has(index);
      value = place(value, path, make, entries, later === undefined || isHeld ? undefined : { put: later, index });
    }
    refill(entries);
    return value;
  }

  /** What a codec makes can be larger than what came: equal parts are shared again. */
  #decode(codec: Codec, data: unknown): unknown {
    let value: unknown;
    try {
      value = codec.decode(data);
    } catch (error) {
      throw new MuntinError('PROTOCOL_VIOLATION', `The peer sent what ${codec.name} cannot decode`, { cause: error });
    }
    if (Array.isArray(data) && data.length === 1 && data[0] === value) return value; // nothing was made: it is what was weighed
    const over = new Scales(this.#options.limits, () => walk).weigh(value);
    if (over !== undefined) throw new MuntinError('VALUE_TOO_LARGE', `A decoded value is over ${over}`);
    return value;
  }

  /** What the other side means by an index. */
  find(index: number): Served | undefined {
    return this.#exports.find(index);
  }

  /** The other side gives back what it got `count` times. It may have got it again meanwhile. */
  released(index: number, count: number): void {
    this.#exports.released(index, count);
  }

  /** A signal of the other side has fired. `weighed`: what its reason keeps, or why that may not be read. */
  aborted(index: number, reason: unknown, weighed: number | Exclude<ExceededLimit, undefined> = 0): void {
    this.#imports.aborted(index, reason, weighed);
  }

  /** The session is over: nothing of ours is held any more, and the signals of the other side fire: it wants nothing any more. */
  close(cause: MuntinError): void {
    this.#exports.close();
    this.#imports.close(cause);
  }

  /** A copy without what is live, which is listed in the packing. */
  #lift(root: unknown, { attachments, transfer, copies, fired }: Packing): unknown {
    let segments = 0;
    const replace = (value: object, kind: number, at: Place | undefined): unknown => {
      refuseThere(value, at);
      const path = pathOf(at);
      const methods = [...(referentOf(value)?.methods ?? [])]; // a list of its own, as each of them has to be
      segments += path.length + methods.length + 1;
      const over =
        path.length > maxPath
          ? `it is more than ${maxPath} levels deep`
          : methods.length > maxMethods
            ? `it has ${methods.length} methods, which is over ${maxMethods}`
            : segments > maxSegments
              ? `the paths and methods of what is live in the value are over ${maxSegments} together`
              : undefined;
      if (over !== undefined) throw refusedAt(at, value, `${over}; send fewer`);
      const index = this.#exports.add(value);
      attachments.push([path, kind, index, methods]);
      // Every time, because the other side may just be giving it back.
      if (value instanceof AbortSignal && value.aborted) fired.set(index, value.reason);
      // Of nulls a set has one only, and a map as a key.
      return isUniqueIn(at) ? {} : null;
    };
    return lift(root, { codec: this.#options.codec, replace, transfer, copies });
  }
}

interface Packing {
  readonly attachments: Attachment[];
  readonly transfer: Set<Transferable>;
  readonly copies: Map<object, unknown>;
  readonly fired: Map<number, unknown>;
}

/** Whether a place is that of a key of a map, or of an item of a set. */
function isUniqueIn(at: Place | undefined): boolean {
  return at?.side === 0 || (typeof at?.key === 'number' && at.side === undefined);
}

import { inspect, invalidOption } from '../errors.ts';
import { checkOptions, type OptionKind } from '../options.ts';

/**
 * Every ceiling that one side sets for its peer. All are counts unless the name has a unit; each can be set per mount and per
 * expose. Honest peers queue (calls) or wait for credit (streams); a value of theirs that is over one fails its call or stream, with `VALUE_TOO_LARGE` or
 * `OVERLOADED`. What no honest peer does ends the session with `LIMIT_EXCEEDED` and the name of the limit.
 */
export interface Limits {
  /**
   * Calls of the peer that run here at once; announced to it, and its side queues beyond that. A call that was cancelled keeps its place
   * until its handler has settled; who finds no place waits for five seconds, and is then answered with `OVERLOADED`. @defaultValue 1_024
   */
  readonly calls: number;
  /** Streams that the peer has open here at once. Their places are kept like those of calls, until the source has stopped. @defaultValue 1_024 */
  readonly streams: number;
  /**
   * Calls and streams of the peer that begin here per second, by a token bucket that holds one second's worth. More wait, as for a
   * place. @defaultValue 100_000
   */
  readonly callsPerSecond: number;
  /** References (callbacks and objects passed by reference) the peer holds here at once. @defaultValue 10_000 */
  readonly references: number;
  /** References, streams, promises and signals of the peer that are held here at once. @defaultValue 16_384 */
  readonly imports: number;
  /** Lanes open at once, counting references. @defaultValue 256 */
  readonly lanes: number;
  /** Messages in one batch, which is one `postMessage`. Honest peers send 2,048 at most: not fewer. @defaultValue 4_096 */
  readonly messagesPerBatch: number;
  /**
   * What is attached to the value of one message: callbacks, objects, streams, promises, signals and ports in it; offered to several
   * stream values, each counts once for each of them. @defaultValue 1_024
   */
  readonly attachments: number;
  /**
   * Bytes of the batches that wait because they cannot be read yet: a part of this library is being loaded, or it is being checked whether
   * the peer's document is still there. As many the inputs of calls may keep that wait for a free place. Estimated: 8 for each node, 2 for each character, and all buffers. @defaultValue 134_217_728 (128 MiB)
   */
  readonly waitingBytes: number;
  /** Batches per second, by a token bucket that holds one second's worth. @defaultValue Infinity (off) */
  readonly batchesPerSecond: number;
  /**
   * Bytes of the values that the producers of all streams keep while their consumers have no credit left, under the policy `buffer` without
   * a number of its own. Estimated, 64 for each value at least. @defaultValue 134_217_728 (128 MiB)
   */
  readonly producerBytes: number;
  /**
   * Bytes of the stream values that came from the peer and were not taken yet, of all streams together: a window counts values, whatever
   * they keep. Messages whose values keep 1 KiB on average, or less, are not counted. Over it the stream that brought the last one ends with
   * `OVERLOADED`. @defaultValue 536_870_912 (512 MiB)
   */
  readonly windowBytes: number;
  /** Own calls that wait for the session to open or for a free place at the peer. @defaultValue 1_000 before the session is open, 65_536 after */
  readonly queue: number;
  /** Nodes of one value: every object, entry and primitive counts once per way that leads to it. @defaultValue 500_000 */
  readonly valueNodes: number;
  /** How deep one value nests. @defaultValue 20_000 */
  readonly valueDepth: number;
  /** Characters of all texts and keys of one value, in UTF-16 code units. @defaultValue 33_554_432 */
  readonly valueChars: number;
  /** Bytes of all buffers of one value; a view counts its whole buffer. @defaultValue 67_108_864 (64 MiB) */
  readonly valueBytes: number;
}

/** A burst is cut here, so that the receiver starts while the sender still works. */
export const messagesPerPost = 2048;

export const defaultLimits: Limits = {
  calls: 1024,
  streams: 1024,
  callsPerSecond: 100_000,
  references: 10_000,
  imports: 16_384,
  lanes: 256,
  messagesPerBatch: 4096,
  attachments: 1024,
  waitingBytes: 2 ** 27,
  batchesPerSecond: Infinity,
  producerBytes: 2 ** 27,
  windowBytes: 2 ** 29,
  queue: 1000,
  valueNodes: 500_000,
  valueDepth: 20_000,
  valueChars: 2 ** 25,
  valueBytes: 2 ** 26,
};

const kinds: Readonly<Record<string, OptionKind>> = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ Object.keys(defaultLimits).map((name) => [name, 'any']),
);

/** Fills in the defaults and refuses what is not a limit. Throws `INVALID_OPTION`. */
export function readLimits(given: Partial<Limits> = {}): Limits {
  checkOptions('limits', given, kinds, 'limits.');
  for (const [name, value] of Object.entries(given)) {
    const least = name === 'messagesPerBatch' ? messagesPerPost : 1;
    if (!((Number.isInteger(value) || value === Infinity) && value >= least))
      throw invalidOption(`limits.${name} is ${inspect(value)}: give a whole number from ${least}, or Infinity`);
  }
  return { ...defaultLimits, ...given };
}

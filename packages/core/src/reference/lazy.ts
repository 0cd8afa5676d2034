import { MuntinError } from '../errors.ts';
import type { BatchSender, Link, Post } from '../link/link.ts';
import { ABORT, type Batch, CALL, FAILURE, LANE, type Message, NEXT, RESULT } from '../link/messages.ts';
import { importAgain } from './import-again.ts';
import type { Lanes } from './lanes.ts';
import type * as Loaded from './loaded.ts';

let loaded: typeof Loaded | undefined;
let failed: unknown;
let attempts = 0;

/** What packs, unpacks and explains values, once {@link loadLazyPart} is done. */
export function lazyPart(): typeof Loaded | undefined {
  return loaded;
}

/**
 * Loads what is needed by values that do not cross as they are, and seldom else: who has none of them does not pay for it. Rejects with
 * `CHUNK_NOT_LOADED` when it cannot be loaded; the next call tries again.
 */
export async function loadLazyPart(): Promise<typeof Loaded> {
  try {
    return (loaded ??= await (attempts === 0
      ? import('./loaded.ts')
      : importAgain(() => import('./loaded.ts'), failed, attempts)));
  } catch (cause) {
    attempts++;
    failed = cause;
    const text = 'A part of Muntin is needed that this page could not load; try again';
    throw new MuntinError('CHUNK_NOT_LOADED', text, { cause });
  }
}

/** Those who are told that a message of theirs was not sent. */
export interface Senders {
  readonly link: Pick<Link, 'post'>;
  readonly caller: { unsendable(id: number, error: MuntinError<string>): void };
  readonly dispatcher: { unsendable(id: number, error: MuntinError<string>): void };
  readonly lanes: Pick<Lanes, 'handler'>;
}

/** Tells whoever sent a message that it does not cross. False where nobody can be told: it is the session's own. */
export function refuse(message: Message, error: MuntinError<string>, senders: Senders): boolean {
  const { caller, dispatcher, lanes, link } = senders;
  switch (message[0]) {
    case CALL:
      caller.unsendable(message[1], error);
      return true;
    case RESULT:
    case NEXT:
    case FAILURE:
      dispatcher.unsendable(message[1], error);
      return true;
    case ABORT:
      link.post([ABORT, message[1], undefined]);
      return true;
    case LANE:
      lanes.handler?.unsendable(message[1], message[2], message[3], error);
      return true;
    default:
      return false;
  }
}

/** By what a message is refused together with others: the stream or call that it answers; else itself. */
export function streamOf(message: Message): unknown {
  return message[0] === RESULT || message[0] === FAILURE || message[0] === NEXT ? message[1] : message;
}

/** Sends what crosses without the part that could not be loaded; the rest fails, each for itself. */
export class WithoutPart implements BatchSender {
  readonly #senders: Senders;
  readonly #error: MuntinError;

  constructor(senders: Senders, error: MuntinError) {
    this.#senders = senders;
    this.#error = error;
  }

  send(batch: Batch, live: ReadonlyMap<Message, readonly Transferable[] | undefined>, post: Post): void {
    const refused = new Map<unknown, Message>();
    for (const message of batch) {
      const key = streamOf(message);
      // Nothing comes behind the gap of a stream.
      if (refused.has(key)) continue;
      const isMarked = live.get(message) !== undefined;
      if (isMarked || post([message], []) !== undefined) refused.set(key, message);
    }
    for (const message of refused.values()) refuse(message, this.#error, this.#senders);
  }
}

import { MuntinError } from '../errors.ts';
import { Bucket } from './bucket.ts';
import type { ExceededLimit, Scales, Walk } from './budget.ts';
import { copyPlain } from './copy.ts';
import { Inbox } from './inbox.ts';
import type { Limits } from './limits.ts';
import { type Batch, claimPorts, type Message, UNREAD, valueOf, withoutValue } from './messages.ts';
import { Outbox } from './outbox.ts';

/** Sees what travels on a link. It is told of a batch before it goes, and calls what it gets when the batch has gone. */
export interface Tap {
  see(of: Tapped, isSent: boolean, batch: Batch): () => void;
}

/** A session, for whoever watches it. */
export interface Tapped {
  readonly peerServes: readonly string[];
  /** Whose tap may come and go. */
  readonly tapped?: { readonly tap: Tap | undefined } | undefined;
}

/** What a link tells its session. */
export interface LinkEvents {
  /** A batch has come, and nothing of it is read yet: the link may be closed in here. */
  readonly batch: (() => void) | undefined;
  /** An empty batch has come. */
  readonly nudged?: (() => void) | undefined;
  /**
   * One message from the peer, its shape checked, and why its value may not be read; `unknown` where that takes {@link walk}, which is not
   * there; `scales` has just weighed it. False: it cannot be read yet; it is told again after {@link Link.resume}.
   */
  message(message: Message, over: ExceededLimit | 'unknown', scales?: Scales): boolean;
  /** What counts values that are not counted quickly. `undefined`: it is on its way, and {@link Link.resume} follows. */
  readonly walk: () => Walk | undefined;
  /** What sends values that do not cross as they are. `undefined`: it is on its way, and {@link Link.resume} follows. */
  batchSender(): BatchSender | undefined;
  /** What is kept of a value that has to be packed, and has to wait for that: it is what it was when it was passed. */
  keep(value: unknown): unknown;
  /** Who watches. */
  readonly session?: Tapped;
  /** The peer did what an honest peer cannot, or went over a limit. The session has to end. */
  broken(error: MuntinError): void;
}

/**
 * Sends a batch of which something has to be packed; `live` says what, and what it is known to give away: `undefined` where nothing is known,
 * but that the batch could not be cloned.
 */
export interface BatchSender {
  send(batch: Batch, live: ReadonlyMap<Message, readonly Transferable[] | undefined>, post: Post): void;
}

/** Posts a batch as it is. Answers why it could not be sent; nothing when it was. */
export type Post = (
  batch: Batch,
  transfer: readonly Transferable[],
  isPlain?: boolean,
) => { readonly error: unknown } | undefined;

// So many batches are remembered that the peer may say it could not read.
const maxUnread = 4096;

/**
 * One MessagePort: what one turn of the event loop posts leaves as one batch, and what comes in is checked. The only place that touches the
 * port.
 */
export class Link {
  readonly #port: MessagePort;
  readonly #events: LinkEvents;
  readonly #limits: Limits;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #bucket: Bucket;
  #closed = false;
  /** What was sent alone, by the number of its batch, without its value: only the peer may notice that it cannot read it. */
  readonly alone: Map<number, Message> = new Map();
  /** Messages and batches so far, for the application's own display. */
  readonly stats = { sent: 0, received: 0, batchesSent: 0, batchesReceived: 0 };

  constructor(port: MessagePort, events: LinkEvents, limits: Limits) {
    this.#port = port;
    this.#events = events;
    this.#limits = limits;
    this.#bucket = new Bucket(limits.batchesPerSecond);
    this.#outbox = new Outbox(
      this.#post,
      () => events.batchSender(),
      (value) => events.keep(value),
    );
    this.#inbox = new Inbox(
      {
        message: (message, over, scales) => events.message(message, over, scales),
        walk: () => events.walk(),
        see: (batch) => this.#see(false, batch)?.(),
        read: (count) => (this.stats.received += count),
        break: (code, message) => this.#break(code, message),
      },
      limits,
    );
    // The only trace of a message that could not be deserialised here (HTML Standard, message ports) is an event without data; where
    // something nests too deep, Chromium sends an ordinary one.
    port.onmessage = port.onmessageerror = (event) => this.#receive(event);
  }

  /** The batch that is being collected, and only until it is sent: lets a stream add a value to its last message. */
  get outbox(): readonly Message[] {
    return this.#outbox.messages;
  }

  /**
   * Sends a message with the others of this turn. Its value is what it is now: a small plain one is copied; with anything else the batch is
   * posted at once, and the browser's clone is the copy. With a list of what it gives away, which may be empty, it is packed first.
   */
  post(message: Message, transfer?: readonly Transferable[]): void {
    if (!this.#closed) this.#outbox.add(message, transfer);
  }

  /** What was posted last is no copy of plain data: the peer may not be able to read it. */
  unusual(): void {
    this.#outbox.unusual();
  }

  /** More is to be expected in this turn: the next value of a stream may be some microtasks away. */
  linger(): void {
    this.#outbox.linger();
  }

  /** Resolves when a long-running producer may go on; `undefined` when it may at once. Asked now and then by whoever could run for ever. */
  get slice(): Promise<void> | undefined {
    return this.#outbox.slice;
  }

  /** Sends what was collected, now. What has to be packed waits until that is possible, and all that is behind it. */
  flush(): void {
    this.#outbox.flush();
  }

  readonly #post: Post = (batch, transfer, isPlain) => {
    const gone = this.#see(true, batch);
    try {
      this.#port.postMessage(batch, [...transfer]);
    } catch (error) {
      return { error };
    }
    this.stats.sent += batch.length;
    const number = ++this.stats.batchesSent;
    gone?.();
    this.alone.delete(number - maxUnread);
    if (isPlain) return undefined; // every page can read it
    const [only] = batch;
    const value = only !== undefined && batch.length === 1 && valueOf(only);
    // What is small and plain, every page can read.
    if (only !== undefined && value && typeof value === 'object' && copyPlain(value) === undefined)
      this.alone.set(number, withoutValue(only));
    return undefined;
  };

  #see(isSent: boolean, batch: Batch): (() => void) | undefined {
    const { session } = this.#events;
    return session?.tapped?.tap?.see(session, isSent, batch);
  }

  #receive(event: MessageEvent): void {
    const { ports } = event;
    this.#events.batch?.();
    // Before `event.data` is touched: reading it is what deserialises.
    const isAdmitted = !this.#closed && this.#bucket.take();
    if (isAdmitted && (ports.length === 0 || claimPorts(event.data, ports, this.#limits.messagesPerBatch)))
      return this.receive(event.data);
    for (const port of ports) port.close();
    if (!isAdmitted) this.#break('LIMIT_EXCEEDED', 'batchesPerSecond: the peer sends too often');
    else if (event.data === null) this.receive(null);
    else this.#break('PROTOCOL_VIOLATION', 'A message of the peer brought ports that it does not name');
  }

  /**
   * Takes a batch: from the port, or the rest of the first one, which the handshake has read. `isRead` is called when all of it is dispatched, which
   * may wait for a part that is being loaded.
   */
  receive(batch: unknown, isRead?: () => void): void {
    if (this.#closed) return;
    // Who has sent it knows what was in it. The first has to be read: it says who the peer is.
    if (batch === null && this.stats.batchesReceived++ > 0) return this.post([UNREAD, this.stats.batchesReceived]);
    if (!Array.isArray(batch)) return this.#break('PROTOCOL_VIOLATION', 'A message of the peer is not a batch');
    if (batch.length === 0) return isRead === undefined ? this.#events.nudged?.() : isRead();
    this.stats.batchesReceived++;
    this.#inbox.add(batch, isRead);
  }

  /** Keeps what comes in undispatched until {@link release}: it is not known whether the peer's document is still there. */
  hold(): void {
    this.#inbox.hold();
  }

  release(): void {
    this.#inbox.release();
  }

  /** An empty batch: whoever reads it is there, and looks after its listeners. */
  nudge(): void {
    if (!this.#closed) this.#port.postMessage([]);
  }

  /** What packing and unpacking need is there: sends what waited for it, and reads on. */
  resume(): void {
    this.flush();
    this.#inbox.resume();
  }

  #break(code: 'PROTOCOL_VIOLATION' | 'LIMIT_EXCEEDED', message: string): void {
    if (!this.#closed) this.#events.broken(new MuntinError(code, message));
  }

  /** Sends what was collected, and a last word, and closes the port. Nothing is dispatched any more. */
  close(reason?: string): void {
    this.#outbox.close(reason);
    this.#closed = true;
    this.#inbox.close();
    this.#port.onmessage = null;
    this.#port.onmessageerror = null;
    this.#port.close();
  }
}

import { bytesOf, type ExceededLimit, Scales } from './budget.ts';
import type { Limits } from './limits.ts';
import type { LinkEvents } from './link.ts';
import {
  attachmentsOf,
  type Batch,
  closePorts,
  GOODBYE,
  incomingValueOf,
  isMessage,
  isOwnList,
  type Message,
  NEXT,
} from './messages.ts';

// How long one turn may keep the event loop before what is left waits for the next.
const sliceMs = 8;
// Transferred batches of honest peers hold their windows (calls, stream values), never this many messages at once.
const maxInbox = 65_536;

/** What an inbox needs from its link. */
export interface InboxEvents extends Pick<LinkEvents, 'message' | 'walk'> {
  /** One message is about to be told. */
  see(batch: Batch): void;
  /** So many messages were told. */
  read(count: number): void;
  break(code: 'PROTOCOL_VIOLATION' | 'LIMIT_EXCEEDED', message: string): void;
}

/** A batch that has come. */
interface Arrived {
  readonly messages: readonly unknown[];
  /** Bytes, where it had to wait. */
  readonly bytes: number;
  readonly isRead: (() => void) | undefined;
}

/** Checks what has come, message by message, and tells it in order: at once, or when it may be told, or can be read. */
export class Inbox {
  readonly #events: InboxEvents;
  readonly #limits: Limits;
  readonly #arrived: Arrived[] = [];
  // Of the first batch: how many messages were looked at, and how many of them are read; the last one may have to wait.
  #checked = 0;
  #read = 0;
  readonly #scales: Scales;
  // Lists of attachments in it: each may be there once.
  readonly #lists = new Set<object>();
  #waiting = 0;
  #waitingBytes = 0;
  #isHeld = false;
  #isStalled = false;
  #isDraining = false;
  #isClosed = false;
  #resuming: ReturnType<typeof setTimeout> | undefined;

  constructor(events: InboxEvents, limits: Limits) {
    this.#events = events;
    this.#limits = limits;
    this.#scales = new Scales(limits, events.walk);
  }

  /** Takes a batch. `isRead` is called when all of it is told. */
  add(batch: readonly unknown[], isRead: (() => void) | undefined): void {
    const { waitingBytes, messagesPerBatch } = this.#limits;
    if (batch.length > messagesPerBatch)
      return this.#events.break('LIMIT_EXCEEDED', `messagesPerBatch: ${batch.length} messages came in one batch`);
    if ((this.#waiting += batch.length) > maxInbox)
      return this.#events.break('LIMIT_EXCEEDED', 'messagesPerBatch: too much is waiting');
    const bytes = this.#isHeld || this.#isStalled ? bytesOf(batch, waitingBytes - this.#waitingBytes) : 0;
    if ((this.#waitingBytes += bytes) > waitingBytes)
      return this.#events.break(
        'LIMIT_EXCEEDED',
        `waitingBytes: more than ${waitingBytes} bytes of the peer wait to be read`,
      );
    this.#arrived.push({ messages: batch, bytes, isRead });
    if (this.#isHeld) this.#heedGoodbye(batch);
    if (this.#resuming === undefined) this.#drain();
  }

  /** Keeps what comes in untold until {@link release}. */
  hold(): void {
    this.#isHeld = true;
    for (const { messages } of [...this.#arrived]) this.#heedGoodbye(messages);
  }

  release(): void {
    this.#isHeld = false;
    if (this.#resuming === undefined) this.#drain();
  }

  /** What could not be read, can be. */
  resume(): void {
    this.#isStalled = false;
    if (this.#resuming === undefined) this.#drain();
  }

  /** Nothing is told any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#resuming);
    for (const { messages } of this.#arrived) {
      for (let at = this.#read; at < messages.length; at++) closePorts(attachmentsOf(messages[at]));
      this.#read = 0;
    }
    this.#arrived.length = 0;
  }

  /** Nothing is told of a peer that may be gone; but when it says so itself, that is the end. */
  #heedGoodbye(batch: readonly unknown[]): void {
    for (let index = 0; index < batch.length; index++) {
      const message = batch[index];
      if (Array.isArray(message) && message[0] === GOODBYE && isMessage(message)) {
        this.#events.see([message]);
        return void this.#events.message(message, undefined);
      }
    }
  }

  /** Who is told a message may release or resume this inbox: what is behind that message is read when it has been told. */
  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      this.#readAll();
    } finally {
      this.#isDraining = false;
    }
  }

  #readAll(): void {
    const scales = this.#scales;
    let sliceEnd = 0;
    let { since } = scales;
    for (let arrived = this.#arrived[0]; arrived !== undefined; arrived = this.#arrived[0]) {
      const { messages } = arrived;
      while (this.#read < messages.length) {
        if (this.#isHeld || this.#isStalled || this.#isClosed) return;
        // One large value may take all of a slice.
        if (this.#read % 64 === 63 || scales.since > since) {
          const now = performance.now();
          if (sliceEnd === 0) sliceEnd = (scales.since > since ? scales.since : now) + sliceMs;
          if (now > sliceEnd) return this.#resumeLater();
          since = Math.max(since, scales.since);
        }
        this.#tell(messages[this.#read]);
      }
      if (this.#isClosed) return;
      this.#waitingBytes -= arrived.bytes;
      this.#waiting -= messages.length;
      this.#events.read(messages.length);
      this.#arrived.shift();
      this.#read = this.#checked = 0;
      scales.begin();
      if (this.#lists.size > 0) this.#lists.clear();
      arrived.isRead?.();
    }
  }

  /** Reads one message, or leaves it where it is. */
  #tell(message: unknown): void {
    if (!isMessage(message)) return this.#events.break('PROTOCOL_VIOLATION', 'A message of the peer has a wrong shape');
    const attachments = attachmentsOf(message);
    const isNew = this.#checked === this.#read; // not told again after waiting
    if (isNew) this.#checked++;
    if (isNew && !isOwnList(attachments, this.#lists))
      return this.#events.break(
        'PROTOCOL_VIOLATION',
        'A list of the peer is attached to more than one value, or too long',
      );
    if (isNew) this.#events.see([message]);
    if (this.#isClosed) return;
    // Before it is told: whoever hears it may close this inbox, which closes the ports of all that is not read.
    this.#read++;
    if (!this.#events.message(message, this.#weigh(message, attachments), this.#scales)) {
      this.#isStalled = true;
      this.#read--;
    }
  }

  #weigh(message: Message, attachments: readonly unknown[]): ExceededLimit | 'unknown' {
    const offered = message[0] === NEXT ? message[2].length : 1;
    if (attachments.length * offered > this.#limits.attachments) return 'attachments';
    return this.#scales.weigh(incomingValueOf(message));
  }

  #resumeLater(): void {
    this.#resuming = setTimeout(() => {
      this.#resuming = undefined;
      this.#drain();
    });
  }
}

import { MuntinError } from '../errors.ts';
import { bytesOf, type ExceededLimit, Scales, type Walk } from './budget.ts';
import { copyPlain, keep } from './copy.ts';
import { type Limits, messagesPerPost } from './limits.ts';
import {
  attachmentsOf,
  type Batch,
  claimPorts,
  closePorts,
  GOODBYE,
  incomingValueOf,
  isMessage,
  isOwnList,
  type Message,
  NEXT,
  putValue,
  UNREAD,
  valueOf,
  withoutValue,
} from './messages.ts';

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
export type Post = (batch: Batch, transfer: readonly Transferable[]) => { readonly error: unknown } | undefined;

// An asynchronous generator needs three rounds of microtasks from one value to the next.
const lingerRounds = 6;
// How long one turn may keep the event loop before what is left waits for the next.
const sliceMs = 8;
// Transferred batches of honest peers hold their windows (calls, stream values), never this many messages at once.
const maxInbox = 65_536;
// So many batches are remembered that the peer may say it could not read.
const maxUnread = 4096;

const settled = Promise.resolve();

/** A batch that has come. */
interface Arrived {
  readonly messages: readonly unknown[];
  /** Bytes, where it had to wait. */
  readonly bytes: number;
  readonly isRead: (() => void) | undefined;
}

/**
 * One MessagePort: collects what one turn of the event loop posts, sends it as one batch, and checks what comes in. The only
 * place that touches the port.
 */
export class Link {
  readonly #port: MessagePort;
  readonly #events: LinkEvents;
  readonly #limits: Limits;
  #outbox: Message[] = [];
  // Those of the outbox that have to be packed before they are sent, and what they are known to give away.
  #live = new Map<Message, readonly Transferable[] | undefined>();
  #isTurn = false;
  #rounds = 0;
  #sliceEnd = 0;
  #nextSlice: Promise<void> | undefined;
  readonly #inbox: Arrived[] = [];
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
  #resuming: ReturnType<typeof setTimeout> | undefined;
  #tokens: number;
  #refilledAt = 0;
  #closed = false;
  /** What was sent alone, by the number of its batch, without its value: only the peer may notice that it cannot read it. */
  readonly alone: Map<number, Message> = new Map();
  /** Messages and batches so far, for the application's own display. */
  readonly stats = { sent: 0, received: 0, batchesSent: 0, batchesReceived: 0 };

  constructor(port: MessagePort, events: LinkEvents, limits: Limits) {
    this.#port = port;
    this.#events = events;
    this.#limits = limits;
    this.#scales = new Scales(limits, events.walk);
    this.#tokens = limits.batchesPerSecond;
    // The only trace of a message that could not be deserialised here (HTML Standard, message ports) is an event without data; where
    // something nests too deep, Chromium sends an ordinary one.
    port.onmessage = port.onmessageerror = (event) => this.#receive(event);
  }

  /** The batch that is being collected, and only until it is sent: lets a stream add a value to its last message. */
  get outbox(): readonly Message[] {
    return this.#outbox;
  }

  /**
   * Sends a message with the others of this turn. Its value is what it is now: a small plain one is copied; with anything else the batch is
   * posted at once, and the browser's clone is the copy. With a list of what it gives away, which may be empty, it is packed first.
   */
  post(message: Message, transfer?: readonly Transferable[]): void {
    if (this.#closed) return;
    const value = message[0] === NEXT ? undefined : valueOf(message); // a stream copies its own
    const isPlain = typeof value !== 'object' || value === null;
    const copy = isPlain || transfer !== undefined ? undefined : copyPlain(value);
    if (copy !== undefined) putValue(message, copy);
    const isUnusual = !isPlain && copy === undefined;
    const isAlone = isUnusual && transfer === undefined;
    // What the peer cannot read is lost with all that is in its batch.
    if (isAlone) this.flush();
    this.#outbox.push(message);
    if (transfer !== undefined) this.#live.set(message, transfer);
    if (!this.#isTurn) {
      this.#isTurn = true;
      void settled.then(this.#onRound);
    }
    if (isUnusual || this.#outbox.length >= messagesPerPost) this.flush();
    if (isAlone) this.#keep(message, value);
  }

  /** What could not be posted at once, because something before it has to wait, is cloned. What cannot be cloned is told when it is sent. */
  #keep(message: Message, value: unknown): void {
    if (this.#outbox.includes(message)) putValue(message, keep(value));
  }

  /** More is to be expected in this turn: the next value of a stream may be some microtasks away. */
  linger(): void {
    this.#rounds = lingerRounds;
  }

  readonly #onRound = (): void => {
    if (this.#rounds-- > 0) return void settled.then(this.#onRound);
    this.#isTurn = false;
    this.#rounds = 0;
    this.#sliceEnd = 0;
    this.flush();
  };

  /** Resolves when a long-running producer may go on; `undefined` when it may at once. Asked now and then by whoever could run for ever. */
  get slice(): Promise<void> | undefined {
    const now = performance.now();
    if (this.#sliceEnd === 0) this.#sliceEnd = now + sliceMs;
    if (this.#nextSlice === undefined && now > this.#sliceEnd)
      this.#nextSlice = new Promise((resolve) => {
        setTimeout(() => {
          this.#nextSlice = undefined;
          this.#sliceEnd = 0;
          resolve();
        });
      });
    return this.#nextSlice;
  }

  /** Sends what was collected, now. What has to be packed waits until that is possible, and all that is behind it. */
  flush(): void {
    if (this.#outbox.length === 0 || this.#closed) return;
    if (this.#live.size === 0) {
      const batch = this.#outbox;
      this.#outbox = [];
      if (this.#post(batch, []) === undefined) return;
      // Something in it cannot be cloned as it is: it may have something live deep inside, where nobody has looked.
      this.#outbox = [...batch, ...this.#outbox];
      for (const message of batch) this.#live.set(message, undefined);
    }
    const sender = this.#events.batchSender();
    if (sender === undefined) return;
    const [batch, live] = [this.#outbox, this.#live];
    this.#outbox = [];
    this.#live = new Map();
    sender.send(batch, live, this.#post);
  }

  readonly #post: Post = (batch, transfer) => {
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
    const isAdmitted = !this.#closed && this.#admit();
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
    const { waitingBytes, messagesPerBatch } = this.#limits;
    const isLong = batch.length > messagesPerBatch;
    if (isLong || (this.#waiting += batch.length) > maxInbox)
      return this.#break(
        'LIMIT_EXCEEDED',
        isLong
          ? `messagesPerBatch: ${batch.length} messages came in one batch`
          : 'messagesPerBatch: too much is waiting',
      );
    const bytes = this.#isHeld || this.#isStalled ? bytesOf(batch, waitingBytes - this.#waitingBytes) : 0;
    if ((this.#waitingBytes += bytes) > waitingBytes)
      return this.#break('LIMIT_EXCEEDED', `waitingBytes: more than ${waitingBytes} bytes of the peer wait to be read`);
    this.#inbox.push({ messages: batch, bytes, isRead });
    if (this.#isHeld) this.#heedGoodbye(batch);
    if (this.#resuming === undefined) this.#drain();
  }

  /** Keeps what comes in undispatched until {@link release}: it is not known whether the peer's document is still there. */
  hold(): void {
    this.#isHeld = true;
    for (const { messages } of [...this.#inbox]) this.#heedGoodbye(messages);
  }

  release(): void {
    this.#isHeld = false;
    if (this.#resuming === undefined) this.#drain();
  }

  /** An empty batch: whoever reads it is there, and looks after its listeners. */
  nudge(): void {
    if (!this.#closed) this.#port.postMessage([]);
  }

  /** Nothing is dispatched of a peer that may be gone; but when it says so itself, that is the end. */
  #heedGoodbye(batch: readonly unknown[]): void {
    for (let index = 0; index < batch.length; index++) {
      const message = batch[index];
      if (Array.isArray(message) && message[0] === GOODBYE && isMessage(message)) {
        this.#see(false, [message])?.();
        return void this.#events.message(message, undefined);
      }
    }
  }

  /** What packing and unpacking need is there: sends what waited for it, and reads on. */
  resume(): void {
    this.#isStalled = false;
    this.flush();
    if (this.#resuming === undefined) this.#drain();
  }

  /** Who is told a message may release or resume this link: what is behind that message is read when it has been told. */
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
    for (let arrived = this.#inbox[0]; arrived !== undefined; arrived = this.#inbox[0]) {
      const { messages } = arrived;
      while (this.#read < messages.length) {
        if (this.#isHeld || this.#isStalled || this.#closed) return;
        // One large value may take all of a slice.
        if (this.#read % 64 === 63 || scales.since > since) {
          const now = performance.now();
          if (sliceEnd === 0) sliceEnd = (scales.since > since ? scales.since : now) + sliceMs;
          if (now > sliceEnd) return this.#resumeLater();
          since = Math.max(since, scales.since);
        }
        this.#dispatch(messages[this.#read]);
      }
      if (this.#closed) return;
      this.#waitingBytes -= arrived.bytes;
      this.#waiting -= messages.length;
      this.stats.received += messages.length;
      this.#inbox.shift();
      this.#read = this.#checked = 0;
      scales.begin();
      if (this.#lists.size > 0) this.#lists.clear();
      arrived.isRead?.();
    }
  }

  /** Reads one message, or leaves it where it is. */
  #dispatch(message: unknown): void {
    if (!isMessage(message)) return this.#break('PROTOCOL_VIOLATION', 'A message of the peer has a wrong shape');
    const attachments = attachmentsOf(message);
    const isNew = this.#checked === this.#read; // not told again after waiting
    if (isNew) this.#checked++;
    if (isNew && !isOwnList(attachments, this.#lists))
      return this.#break('PROTOCOL_VIOLATION', 'A list of the peer is attached to more than one value, or too long');
    if (isNew) this.#see(false, [message])?.();
    if (this.#closed) return;
    // Before it is told: whoever hears it may close this link, which closes the ports of all that is not read.
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

  #admit(): boolean {
    const perSecond = this.#limits.batchesPerSecond;
    if (perSecond === Infinity) return true;
    const now = performance.now();
    this.#tokens = Math.min(perSecond, this.#tokens + ((now - this.#refilledAt) / 1000) * perSecond);
    this.#refilledAt = now;
    return this.#tokens-- >= 1;
  }

  #break(code: 'PROTOCOL_VIOLATION' | 'LIMIT_EXCEEDED', message: string): void {
    if (!this.#closed) this.#events.broken(new MuntinError(code, message));
  }

  /** Sends what was collected, and a last word, and closes the port. Nothing is dispatched any more. */
  close(reason?: string): void {
    // What cannot be packed yet is not sent any more, nor anything behind it: that would come without what it follows.
    const ready = this.#outbox.findIndex((message) => this.#live.has(message));
    if (ready >= 0 && this.#events.batchSender() === undefined) this.#outbox.length = ready;
    if (reason !== undefined) this.#outbox.push([GOODBYE, reason]);
    this.flush();
    this.#closed = true;
    clearTimeout(this.#resuming);
    for (const { messages } of this.#inbox) {
      for (let at = this.#read; at < messages.length; at++) closePorts(attachmentsOf(messages[at]));
      this.#read = 0;
    }
    this.#inbox.length = 0;
    this.#live.clear();
    this.#port.onmessage = null;
    this.#port.onmessageerror = null;
    this.#port.close();
  }
}

import { MuntinError } from '../errors.ts';
import { bytesOf, type Over, Scales, type Walk } from './budget.ts';
import { copyPlain, keep } from './copy.ts';
import type { Limits } from './limits.ts';
import {
  attachmentsOf,
  type Batch,
  claimPorts,
  closePorts,
  GOODBYE,
  isMessage,
  isOwnList,
  type Message,
  NEXT,
  valueOf,
  withValue,
} from './messages.ts';

/** What a link tells its session. */
export interface LinkEvents {
  /** A batch has come, and nothing of it is read yet: the link may be closed in here. */
  readonly batch: (() => void) | undefined;
  /** An empty batch has come. */
  readonly nudged?: (() => void) | undefined;
  /**
   * One message from the peer, its shape checked, and why its value may not be read; `unknown` where that takes {@link walk}, which is not
   * there. False: it cannot be read yet; it is told again after {@link Link.resume}.
   */
  message(message: Message, over: Over | 'unknown'): boolean;
  /** What counts values that are not counted quickly. `undefined`: it is on its way, and {@link Link.resume} follows. */
  readonly walk: () => Walk | undefined;
  /** What sends values that do not cross as they are. `undefined`: it is on its way, and {@link Link.resume} follows. */
  parcels(): Parcels | undefined;
  /** The peer did what an honest peer cannot, or went over a limit. The session has to end. */
  broken(error: MuntinError): void;
}

/**
 * Sends a batch of which something has to be packed; `live` says what, and what it is known to give away: `undefined` where nothing is known,
 * but that the batch could not be cloned.
 */
export interface Parcels {
  send(batch: Batch, live: ReadonlyMap<Message, readonly Transferable[] | undefined>, post: Post): void;
}

/** Posts a batch as it is. Answers why it could not be sent; nothing when it was. */
export type Post = (batch: Batch, transfer: readonly Transferable[]) => { readonly error: unknown } | undefined;

// A burst is cut here, so that the receiver starts while the sender still works.
const messagesPerPost = 2048;
// An asynchronous generator needs three rounds of microtasks from one value to the next.
const lingerRounds = 6;
// How long one turn may keep the event loop before what is left waits for the next.
const sliceMs = 8;
// Transferred batches of honest peers hold their windows (calls, stream values), never this many messages at once.
const maxInbox = 65_536;
// For so long each value that is too large counts against the limit `oversized`.
const oversizedMs = 2000;

const settled = Promise.resolve();

/** A batch that has come, and how far it is read. */
interface Arrived {
  readonly messages: readonly unknown[];
  readonly scales: Scales;
  /** Lists of attachments in it: each may be there once. */
  readonly lists: Set<object>;
  /** Bytes, where it had to wait. */
  readonly bytes: number;
  /** How many messages were looked at, and how many of them are read: the last one may have to wait. */
  checked: number;
  read: number;
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
  #waiting = 0;
  #waitingBytes = 0;
  #isHeld = false;
  #isStalled = false;
  #resuming: ReturnType<typeof setTimeout> | undefined;
  #tokens: number;
  #refilledAt = 0;
  #forgivenAt = 0;
  #closed = false;
  /** Messages and batches so far, for the application's own display. */
  readonly stats = { sent: 0, received: 0, batchesSent: 0, batchesReceived: 0 };

  constructor(port: MessagePort, events: LinkEvents, limits: Limits) {
    this.#port = port;
    this.#events = events;
    this.#limits = limits;
    this.#tokens = limits.batchesPerSecond;
    port.onmessage = (event) => this.#receive(event);
    // The only trace of a message that could not be deserialised here (HTML Standard, message ports).
    port.onmessageerror = () => this.#break('PROTOCOL_VIOLATION', 'A message of the peer could not be deserialised');
  }

  /** The batch that is being collected, and only until it is sent: lets a stream add a value to its last message. */
  get outbox(): readonly Message[] {
    return this.#outbox;
  }

  /**
   * Sends a message with the others of this turn. Its value is what it is now: a small plain one is copied; with anything else the batch is
   * posted at once, and the browser's clone is the copy. With a list of what it gives away, which may be empty, it is packed first.
   */
  post(given: Message, transfer?: readonly Transferable[]): void {
    if (this.#closed) return;
    const value = given[0] === NEXT ? undefined : valueOf(given); // a stream copies its own
    const isPlain = typeof value !== 'object' || value === null;
    const copy = isPlain || transfer !== undefined ? undefined : copyPlain(value);
    const message = copy === undefined ? given : withValue(given, copy);
    this.#outbox.push(message);
    if (transfer !== undefined) this.#live.set(message, transfer);
    if (!this.#isTurn) {
      this.#isTurn = true;
      void settled.then(this.#onRound);
    }
    const isWhole = isPlain || copy !== undefined;
    if (!isWhole || this.#outbox.length >= messagesPerPost) this.flush();
    if (!isWhole && transfer === undefined) this.#keep(message, value);
  }

  /** What could not be posted at once, because something before it has to wait, is cloned. What cannot be cloned is told when it is sent. */
  #keep(message: Message, value: unknown): void {
    const at = this.#outbox.lastIndexOf(message);
    if (at < 0) return;
    const kept = withValue(message, keep(value));
    this.#outbox[at] = kept;
    if (this.#live.delete(message)) this.#live.set(kept, undefined);
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
    const parcels = this.#events.parcels();
    if (parcels === undefined) return;
    const [batch, live] = [this.#outbox, this.#live];
    this.#outbox = [];
    this.#live = new Map();
    parcels.send(batch, live, this.#post);
  }

  readonly #post: Post = (batch, transfer) => {
    try {
      this.#port.postMessage(batch, [...transfer]);
    } catch (error) {
      return { error };
    }
    this.stats.sent += batch.length;
    this.stats.batchesSent++;
    return undefined;
  };

  #receive(event: MessageEvent): void {
    const { ports } = event;
    this.#events.batch?.();
    // Before `event.data` is touched: reading it is what deserialises.
    const isAdmitted = !this.#closed && this.#admit();
    if (isAdmitted && (ports.length === 0 || claimPorts(event.data, ports, this.#limits.messagesPerBatch)))
      return this.receive(event.data);
    for (const port of ports) port.close();
    if (isAdmitted) this.#break('PROTOCOL_VIOLATION', 'A message of the peer brought ports that it does not name');
    else this.#break('LIMIT_EXCEEDED', 'batchesPerSecond: the peer sends too often');
  }

  /** Takes a batch: from the port, or the rest of the first one, which the handshake has read. */
  receive(batch: unknown): void {
    if (this.#closed) return;
    if (!Array.isArray(batch)) return this.#break('PROTOCOL_VIOLATION', 'A message of the peer is not a batch');
    if (batch.length > this.#limits.messagesPerBatch)
      return this.#break('LIMIT_EXCEEDED', `messagesPerBatch: ${batch.length} messages came in one batch`);
    this.stats.batchesReceived++;
    if (batch.length === 0) return this.#events.nudged?.();
    this.#waiting += batch.length;
    if (this.#waiting > maxInbox) return this.#break('LIMIT_EXCEEDED', 'messagesPerBatch: too much is waiting');
    const { waitingBytes } = this.#limits;
    const bytes = this.#isHeld || this.#isStalled ? bytesOf(batch, waitingBytes - this.#waitingBytes) : 0;
    if ((this.#waitingBytes += bytes) > waitingBytes)
      return this.#break('LIMIT_EXCEEDED', `waitingBytes: more than ${waitingBytes} bytes of the peer wait to be read`);
    this.#inbox.push({
      messages: batch,
      scales: new Scales(this.#limits, this.#events.walk),
      lists: new Set(),
      bytes,
      checked: 0,
      read: 0,
    });
    if (this.#isHeld) this.#heedGoodbye(batch);
    if (this.#resuming === undefined) this.#drain();
  }

  /** Keeps what comes in undispatched until {@link release}: it is not known whether the peer's document is still there. */
  hold(): void {
    this.#isHeld = true;
    for (const { messages, read } of [...this.#inbox]) this.#heedGoodbye(messages.slice(read));
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
      if (Array.isArray(message) && message[0] === GOODBYE && isMessage(message))
        return void this.#events.message(message, undefined);
    }
  }

  /** What packing and unpacking need is there: sends what waited for it, and reads on. */
  resume(): void {
    this.#isStalled = false;
    this.flush();
    if (this.#resuming === undefined) this.#drain();
  }

  #drain(): void {
    let sliceEnd = 0;
    let since = this.#inbox[0]?.scales.since ?? 0;
    for (let arrived = this.#inbox[0]; arrived !== undefined; arrived = this.#inbox[0]) {
      const { messages, scales } = arrived;
      while (arrived.read < messages.length) {
        if (this.#isHeld || this.#isStalled || this.#closed) return;
        // One large value may take all of a slice.
        if (arrived.read % 64 === 63 || scales.since > since) {
          const now = performance.now();
          if (sliceEnd === 0) sliceEnd = (scales.since > since ? scales.since : now) + sliceMs;
          if (now > sliceEnd) return this.#resumeLater();
          since = Math.max(since, scales.since);
        }
        this.#dispatch(arrived, messages[arrived.read]);
      }
      if (this.#closed) return;
      this.#waitingBytes -= arrived.bytes;
      this.#inbox.shift();
    }
  }

  /** Reads one message, or leaves it where it is. */
  #dispatch(arrived: Arrived, message: unknown): void {
    const { scales } = arrived;
    if (!isMessage(message)) return this.#break('PROTOCOL_VIOLATION', 'A message of the peer has a wrong shape');
    const refused = scales.refused;
    const attachments = attachmentsOf(message);
    const isNew = arrived.checked === arrived.read; // not told again after waiting
    if (isNew) arrived.checked++;
    if (isNew && !isOwnList(attachments, arrived.lists))
      return this.#break('PROTOCOL_VIOLATION', 'A list of the peer is attached to more than one value, or too long');
    // Before it is told: whoever hears it may close this link, which closes the ports of all that is not read.
    arrived.read++;
    this.#waiting--;
    this.stats.received++;
    if (!this.#events.message(message, this.#weigh(scales, message, attachments))) {
      this.#isStalled = true;
      arrived.read--;
      this.#waiting++;
      this.stats.received--;
    } else if (scales.refused > refused) this.#isOversized();
  }

  #weigh(scales: Scales, message: Message, attachments: readonly unknown[]): Over | 'unknown' {
    const offered = message[0] === NEXT ? message[2].length : 1;
    if (attachments.length * offered > this.#limits.attachments) return 'attachments';
    return scales.weigh(valueOf(message));
  }

  /** Each refusal costs time that the peer has not paid for: 27 objects can have 2^26 ways, and a batch holds thousands of them. */
  #isOversized(): void {
    const { oversized } = this.#limits;
    const now = performance.now();
    this.#forgivenAt = Math.max(this.#forgivenAt, now) + oversizedMs;
    if (this.#forgivenAt > now + oversized * oversizedMs)
      this.#break('LIMIT_EXCEEDED', `oversized: more than ${oversized} values of the peer were too large`);
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
    if (ready >= 0 && this.#events.parcels() === undefined) this.#outbox.length = ready;
    if (reason !== undefined) this.#outbox.push([GOODBYE, reason]);
    this.flush();
    this.#closed = true;
    clearTimeout(this.#resuming);
    for (const { messages, read } of this.#inbox)
      for (let at = read; at < messages.length; at++) closePorts(attachmentsOf(messages[at]));
    this.#inbox.length = 0;
    this.#live.clear();
    this.#port.onmessage = null;
    this.#port.onmessageerror = null;
    this.#port.close();
  }
}

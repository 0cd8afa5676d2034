import { MuntinError } from '../errors.ts';
import { work } from './budget.ts';
import type { Limits } from './limits.ts';
import {
  type Answer,
  attachmentsOf,
  type Batch,
  claimPorts,
  closePorts,
  FAILURE,
  GOODBYE,
  isMessage,
  type Message,
  NEXT,
  RESULT,
} from './messages.ts';

/** A message as it is sent, and what it gives away. */
export interface Parcel {
  readonly message: Message;
  readonly transfer: readonly Transferable[];
}

/** What a link tells its session. */
export interface LinkEvents {
  /** One message from the peer, its shape checked. False: it cannot be read yet; it is told again after {@link Link.resume}. */
  message(message: Message): boolean;
  /** Whether {@link pack} can be called. When not, what it needs is on its way, and {@link Link.resume} follows. */
  canPack(): boolean;
  /** What to send in place of a message that has something live in it, or is to be encoded. Throws what its values throw. */
  pack(message: Message, transfer: readonly Transferable[]): Parcel;
  /** A message of ours that cannot be sent. Everything else of its batch was; `packed` is what became of it, if anything. */
  unsendable(message: Message, cause: unknown, packed: Parcel | undefined): void;
  /** The peer did what an honest peer cannot, or went over a limit. The session has to end. */
  broken(error: MuntinError): void;
}

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
  #live = new Map<Message, readonly Transferable[]>();
  #isTurn = false;
  #rounds = 0;
  #sliceEnd = 0;
  #nextSlice: Promise<void> | undefined;
  #inbox: unknown[] = [];
  #read = 0;
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

  /** Sends a message with the others of this turn. With a list of what it gives away, which may be empty, it is packed first. */
  post(message: Message, transfer?: readonly Transferable[]): void {
    if (this.#closed) return;
    this.#outbox.push(message);
    if (transfer !== undefined) this.#live.set(message, transfer);
    if (!this.#isTurn) {
      this.#isTurn = true;
      void settled.then(this.#onRound);
    }
    if (this.#outbox.length >= messagesPerPost) this.flush();
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
    const batch = this.#outbox;
    const live = this.#live;
    if (batch.length === 0 || this.#closed || (live.size > 0 && !this.#events.canPack())) return;
    this.#outbox = [];
    if (live.size > 0) this.#live = new Map();
    else if (this.#send({ message: batch, transfer: [] }) === undefined) return;
    else if (!this.#events.canPack()) {
      // Something in it cannot be cloned as it is.
      this.#outbox = [...batch, ...this.#outbox];
      for (const message of batch) this.#live.set(message, []);
      return;
    }
    this.#sendParcels(batch, live);
  }

  /**
   * Packs what is live. A value that cannot be cloned may have something live deep inside, where nobody has looked: it is packed, too.
   * If that does not help, all others are sent, in order, and the session hears which was not.
   */
  #sendParcels(batch: Batch, live: ReadonlyMap<Message, readonly Transferable[]>): void {
    // What comes behind the part of a stream that failed is not sent either: nobody is to take a stream with a gap for a whole one.
    const refused = new Map<unknown, () => void>();
    const parcels: { readonly part: Message; readonly isPacked: boolean; parcel: Parcel }[] = [];
    const refuse = (part: Message, cause: unknown, parcel?: Parcel): void => {
      const key = streamOf(part);
      if (!refused.has(key)) refused.set(key, () => this.#events.unsendable(part, cause, parcel));
    };
    for (const message of batch)
      for (const part of split(message))
        try {
          const transfer = live.get(message);
          const isPacked = transfer !== undefined;
          const parcel = isPacked ? this.#events.pack(part, transfer) : { message: part, transfer: [] };
          if (!refused.has(streamOf(part))) parcels.push({ part, isPacked, parcel });
        } catch (error) {
          refuse(part, error);
        }
    const whole = {
      message: parcels.map(({ parcel }) => parcel.message),
      transfer: parcels.flatMap(({ parcel }) => parcel.transfer),
    };
    if (live.size === 0 || this.#send(whole) !== undefined)
      for (const each of parcels) {
        const { part, isPacked, parcel } = each;
        const key = streamOf(part);
        const cause = refused.has(key) ? undefined : this.#send({ ...parcel, message: [parcel.message] });
        if (cause === undefined) continue;
        try {
          if (!isPacked) each.parcel = this.#events.pack(part, []);
        } catch {} // then what made cloning fail is told
        if (isPacked || this.#send({ ...each.parcel, message: [each.parcel.message] }) !== undefined)
          refuse(part, cause.error, each.parcel);
      }
    // When all of the batch is sent: what is posted now, such as calls with higher ids, must not overtake it.
    for (const tell of refused.values()) tell();
  }

  /** Why it could not be sent; `undefined` when it was. */
  #send({
    message,
    transfer,
  }: {
    readonly message: Batch;
    readonly transfer: readonly Transferable[];
  }): { readonly error: unknown } | undefined {
    try {
      this.#port.postMessage(message, [...transfer]);
    } catch (error) {
      return { error };
    }
    this.stats.sent += message.length;
    this.stats.batchesSent++;
    return undefined;
  }

  #receive(event: MessageEvent): void {
    const { ports } = event;
    // Before `event.data` is touched: reading it is what deserialises.
    const isAdmitted = this.#admit();
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
    if (this.#inbox.length === 0) this.#inbox = batch;
    else for (const message of batch) this.#inbox.push(message);
    if (this.#inbox.length - this.#read > maxInbox)
      return this.#break('LIMIT_EXCEEDED', 'messagesPerBatch: too much is waiting');
    if (this.#resuming === undefined) this.#drain();
  }

  /** Keeps what comes in undispatched until {@link release}: it is not known whether the peer's document is still there. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    if (this.#resuming === undefined) this.#drain();
  }

  /** What packing and unpacking need is there: sends what waited for it, and reads on. */
  resume(): void {
    this.#isStalled = false;
    this.flush();
    if (this.#resuming === undefined) this.#drain();
  }

  #drain(): void {
    let sliceEnd = 0;
    let { since, refused } = work;
    while (!this.#isHeld && !this.#isStalled && !this.#closed && this.#read < this.#inbox.length) {
      // One large value may take all of a slice.
      if (this.#read % 64 === 63 || work.since > since) {
        const now = performance.now();
        if (sliceEnd === 0) sliceEnd = (work.since > since ? work.since : now) + sliceMs;
        if (now > sliceEnd) return this.#resumeLater();
        since = work.since;
      }
      const message = this.#inbox[this.#read];
      if (!isMessage(message)) return this.#break('PROTOCOL_VIOLATION', 'A message of the peer has a wrong shape');
      this.#read++;
      this.stats.received++;
      if (!this.#events.message(message)) {
        this.#isStalled = true;
        this.#read--;
        this.stats.received--;
      }
      if (work.refused > refused && this.#isOversized()) return;
      refused = work.refused;
    }
    if (this.#read >= this.#inbox.length) {
      this.#inbox = [];
      this.#read = 0;
    }
  }

  /** Each refusal costs time that the peer has not paid for: 27 objects can have 2^26 ways, and a batch holds thousands of them. */
  #isOversized(): boolean {
    const { oversized } = this.#limits;
    const now = performance.now();
    this.#forgivenAt = Math.max(this.#forgivenAt, now) + oversizedMs;
    const isOver = this.#forgivenAt > now + oversized * oversizedMs;
    if (isOver) this.#break('LIMIT_EXCEEDED', `oversized: more than ${oversized} values of the peer were too large`);
    return isOver;
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
    if (ready >= 0 && !this.#events.canPack()) this.#outbox.length = ready;
    if (reason !== undefined) this.#outbox.push([GOODBYE, reason]);
    this.flush();
    this.#closed = true;
    clearTimeout(this.#resuming);
    while (this.#read < this.#inbox.length) closePorts(attachmentsOf(this.#inbox[this.#read++]));
    this.#inbox = [];
    this.#live.clear();
    this.#port.onmessage = null;
    this.#port.onmessageerror = null;
    this.#port.close();
  }
}

/** By what a message is refused together with others: the stream or call that it answers; else itself. */
function streamOf(message: Message): unknown {
  return isAnswer(message) ? message[1] : message;
}

function isAnswer(message: Message): message is Answer {
  return message[0] === RESULT || message[0] === FAILURE || message[0] === NEXT;
}

/** The values of a stream that came before the one that cannot be cloned are still delivered. */
function split(message: Message): readonly Message[] {
  return message[0] === NEXT && message[2].length > 1
    ? message[2].map((value) => [NEXT, message[1], [value]] as const)
    : [message];
}

import { MuntinError } from '../errors.ts';
import type { Limits } from './limits.ts';
import { type Answer, type Batch, countPorts, FAILURE, isMessage, type Message, NEXT, RESULT } from './messages.ts';

/** What a link tells its session. */
export interface LinkEvents {
  /** One message from the peer, its shape checked. */
  message(message: Message): void;
  /** A message of ours that structured clone refused: what to send in its place, if anything. */
  repack(message: Message): { readonly message: Message; readonly transfer: readonly Transferable[] } | undefined;
  /** A message of ours that structured clone refused. It was not sent; everything else of its batch was. */
  unsendable(message: Message, cause: unknown, transfer: readonly Transferable[]): void;
  /** The peer did what an honest peer cannot, or went over a limit. The session has to end. */
  broken(error: MuntinError): void;
}

// A burst is cut here, so that the receiver starts while the sender still works.
const messagesPerPost = 512;
// An asynchronous generator needs three rounds from one value to the next.
const quietRounds = 6;
// How long one batch may keep the event loop before what is left waits for the next turn.
const sliceMs = 8;
// Transferred batches of honest peers hold their windows (calls, stream values), never this many messages at once.
const maxInbox = 65_536;

/**
 * One MessagePort: collects what one turn of the event loop posts, sends it as one batch, and checks what comes in. The only
 * place that touches the port.
 */
export class Link {
  readonly #port: MessagePort;
  readonly #events: LinkEvents;
  readonly #limits: Limits;
  #outbox: Message[] = [];
  // Of each message its own: one that cannot be cloned must not take the buffers of the others along.
  #transfers = new Map<Message, readonly Transferable[]>();
  #flushing = false;
  #added = 0;
  #inbox: unknown[] = [];
  #read = 0;
  #held = false;
  #resuming: ReturnType<typeof setTimeout> | undefined;
  #tokens: number;
  #refilledAt = 0;
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

  post(message: Message, transfer?: readonly Transferable[]): void {
    if (this.#closed) return;
    this.#outbox.push(message);
    if (transfer !== undefined) this.#transfers.set(message, transfer);
    if (this.#outbox.length >= messagesPerPost) this.flush();
    else if (!this.#flushing) {
      this.#flushing = true;
      this.#flushWhenQuiet(this.#added, 0);
    }
    this.#added++;
  }

  /** Something was added to a message that is not sent yet. */
  touch(): void {
    this.#added++;
  }

  /** A turn is over when some rounds of microtasks have added nothing: a source that is pulled adds a value in every few. */
  #flushWhenQuiet(added: number, rounds: number): void {
    queueMicrotask(() => {
      if (added !== this.#added) this.#flushWhenQuiet(this.#added, 0);
      else if (rounds < quietRounds) this.#flushWhenQuiet(added, rounds + 1);
      else {
        this.#flushing = false;
        this.flush();
      }
    });
  }

  /** Sends what was collected, now. */
  flush(): void {
    const batch = this.#outbox;
    if (batch.length === 0 || this.#closed) return;
    const transfers = this.#transfers;
    this.#outbox = [];
    if (transfers.size > 0) this.#transfers = new Map();
    this.stats.sent += batch.length;
    this.stats.batchesSent++;
    try {
      if (transfers.size === 0) this.#port.postMessage(batch);
      else this.#port.postMessage(batch, [...transfers.values()].flat());
    } catch {
      this.#sendEach(batch, transfers);
    }
  }

  /** A value in the batch cannot be cloned: all others are sent, in order, and the session hears which one was not. */
  #sendEach(batch: Batch, transfers: ReadonlyMap<Message, readonly Transferable[]>): void {
    // What comes behind the part of a stream that failed is not sent either: nobody is to take a stream with a gap for a whole one.
    const refused = new Map<unknown, () => void>();
    for (const message of batch) {
      for (const part of split(message)) {
        const key = isAnswer(part) ? part[1] : part;
        if (refused.has(key)) break;
        const cause = this.#sendOne(part, transfers.get(message) ?? []);
        if (cause === undefined) continue;
        const other = this.#events.repack(part);
        if (other !== undefined && this.#sendOne(other.message, other.transfer) === undefined) continue;
        refused.set(key, () => this.#events.unsendable(part, cause.error, transfers.get(message) ?? []));
      }
    }
    // When all of the batch is sent: what is posted now, such as calls with higher ids, must not overtake it.
    for (const tell of refused.values()) tell();
  }

  #sendOne(message: Message, transfer: readonly Transferable[]): { readonly error: unknown } | undefined {
    try {
      this.#port.postMessage([message], [...transfer]);
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  #receive(event: MessageEvent): void {
    // Before `event.data` is touched: reading it is what deserialises.
    if (!this.#admit()) return this.#break('LIMIT_EXCEEDED', 'batchesPerSecond: the peer sends too often');
    if (event.ports.length !== 0 && event.ports.length !== countPorts(event.data, this.#limits.messagesPerBatch)) {
      for (const port of event.ports) port.close();
      return this.#break('PROTOCOL_VIOLATION', 'A message of the peer brought ports that it does not name');
    }
    this.receive(event.data);
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
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    if (this.#resuming === undefined) this.#drain();
  }

  #drain(): void {
    let sliceEnd = 0;
    while (!this.#held && !this.#closed && this.#read < this.#inbox.length) {
      if (this.#read % 64 === 63) {
        const now = performance.now();
        if (sliceEnd === 0) sliceEnd = now + sliceMs;
        else if (now > sliceEnd) return this.#resumeLater();
      }
      const message = this.#inbox[this.#read++];
      if (!isMessage(message)) return this.#break('PROTOCOL_VIOLATION', 'A message of the peer has a wrong shape');
      this.stats.received++;
      this.#events.message(message);
    }
    if (this.#read >= this.#inbox.length) {
      this.#inbox = [];
      this.#read = 0;
    }
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

  /** Sends what was collected and closes the port. Nothing is dispatched any more. */
  close(): void {
    this.flush();
    this.#closed = true;
    clearTimeout(this.#resuming);
    this.#inbox = [];
    this.#port.onmessage = null;
    this.#port.onmessageerror = null;
    this.#port.close();
  }
}

function isAnswer(message: Message): message is Answer {
  return message[0] === RESULT || message[0] === FAILURE || message[0] === NEXT;
}

/** The values of a stream that came before the one that cannot be cloned are still delivered. */
function split(message: Message): readonly Message[] {
  return message[0] === NEXT && message[3] === undefined
    ? message[2].map((value) => [NEXT, message[1], [value]] as const)
    : [message];
}

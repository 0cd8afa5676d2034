import { nanoid } from 'nanoid';
import type { MuntinError } from '../errors.ts';
import type { Hello, Here, HostSignal } from './messages.ts';

/** How the host's side hears its guest, and tells the guest's messages from everybody else's. */
export interface Gate {
  /** Calls back with every message that arrives where the guest's do. Answers with how to stop. */
  listen(receive: (event: MessageEvent) => void): () => void;
  /**
   * Who has sent a trusted message: `guest` from its place and on its origin, `stranger` from its place and on another origin, so that
   * another document is there. `undefined`: somebody else.
   */
  recognise(event: MessageEvent): 'guest' | 'stranger' | undefined;
  /** Posts to the guest's place, for its origin only where it has one. */
  post(signal: HostSignal): void;
  /** Whether another document can come into the guest's place, while the port of the one before is in somebody's hands. */
  readonly canNavigate: boolean;
  /** Why the document that said hello from a window is certainly not in the guest's place any more; `undefined` while it may be. */
  readonly whyGone?: ((from: unknown) => MuntinError | undefined) | undefined;
  /** Whether a person is using the guest just now. */
  readonly isPersonThere?: (() => boolean) | undefined;
  /** The pinned origin, for messages to people. */
  readonly origin: string;
  /**
   * What the document that the host has loaded last was given, and nobody else: for a guest whose origin pins nothing. Each opens the
   * sessions of one document only.
   */
  readonly secret?: (() => string) | undefined;
}

/** How the guest's side reaches those who may be its host, and knows them. */
export interface Embedder {
  /** The exact origins to say hello to. */
  readonly hosts: readonly string[];
  /** Calls back with every message that arrives where the host's do. Answers with how to stop. */
  listen(receive: (event: MessageEvent) => void): () => void;
  /** Which of them has sent a trusted message; `undefined`: none. */
  hostOf(event: MessageEvent): string | undefined;
  post(message: Hello | Here, host: string, transfer: Transferable[]): void;
  /** What the host has given this document, so that it is known although its origin is opaque. */
  readonly secret?: string | undefined;
  /** An id of this document, for a guest with a secret. */
  readonly document?: string | undefined;
}

/**
 * A guest in a window: of a frame, or of a popup. `guest` is `null` while there is none. An opaque origin serialises as `null`, pins
 * nothing, and can be posted to by `'*'` only: nothing that is posted has data, and who answers needs more than an origin.
 */
export function windowGate(
  window: Window,
  guest: () => Window | null,
  origin: string,
  more: Pick<Gate, 'secret' | 'whyGone' | 'isPersonThere'> = {},
): Gate {
  return {
    ...more,
    origin,
    canNavigate: true,
    listen: (receive) => Ears.add(window, { guest, receive }),
    // A hello from `pagehide` has no source, and a removed frame no window: null must not equal null. A WindowProxy outlives its
    // document (HTML Standard, WindowProxy), so the origin decides who is in it.
    recognise: ({ source, origin: from }) =>
      source === null || source !== guest() ? undefined : from === origin ? 'guest' : 'stranger',
    post: (signal) => guest()?.postMessage(signal, origin === 'null' ? '*' : origin),
  };
}

/** One gate that hears what its guest's window says. */
interface Ear {
  readonly guest: () => Window | null;
  readonly receive: (event: MessageEvent) => void;
}

/**
 * All gates of a window share one listener, and each message goes to the one whose guest has sent it: with a listener for each, a hundred
 * guests that connect would ask ten thousand times who it was.
 */
class Ears {
  static readonly #of = new WeakMap<Window, Ears>();
  readonly #all = new Set<Ear>();
  readonly #last = new WeakMap<object, Ear>();

  /** Answers with how to stop. */
  static add(window: Window, ear: Ear): () => void {
    const ears = Ears.#of.get(window) ?? new Ears();
    Ears.#of.set(window, ears);
    if (ears.#all.size === 0) window.addEventListener('message', ears.#hear);
    ears.#all.add(ear);
    return () => {
      ears.#all.delete(ear);
      if (ears.#all.size === 0) window.removeEventListener('message', ears.#hear);
    };
  }

  readonly #hear = (event: MessageEvent): void => {
    const { source } = event;
    if (source === null) return;
    const last = this.#last.get(source);
    // A frame that was moved has another window.
    const hears = (ear: Ear): boolean => this.#all.has(ear) && ear.guest() === source;
    let ear = last !== undefined && hears(last) ? last : undefined;
    if (ear === undefined) for (const other of this.#all) if (hears(other)) ear ??= other;
    if (ear === undefined) return;
    this.#last.set(source, ear);
    ear.receive(event);
  };
}

/** A guest in a dedicated worker: at the other end of the object that the host made is that worker, and nobody else. */
export class WorkerGate implements Gate {
  readonly origin: string;
  readonly canNavigate = false;
  #worker: Worker | undefined;
  #receive: (event: MessageEvent) => void = () => undefined;

  constructor(origin: string) {
    this.origin = origin;
  }

  /** From now on this worker is the guest, and the one before it is not. */
  use(worker: Worker): void {
    this.#worker = worker;
    worker.addEventListener('message', (event) => {
      if (worker === this.#worker) this.#receive(event);
    });
  }

  listen(receive: (event: MessageEvent) => void): () => void {
    this.#receive = receive;
    return () => {
      this.#receive = () => undefined;
    };
  }

  recognise(): 'guest' {
    return 'guest';
  }

  post(signal: HostSignal): void {
    this.#worker?.postMessage(signal);
  }
}

/** The host in a window: the parent of this frame, or the opener of this popup. */
export function windowEmbedder(host: Window, hosts: readonly string[], secret?: string): Embedder {
  return {
    hosts,
    secret,
    document: documentId(),
    listen: (receive) => listenOn(self, receive),
    hostOf: ({ source, origin }) => (source === host && hosts.includes(origin) ? origin : undefined),
    post: (message, origin, transfer) => host.postMessage(message, origin, transfer),
  };
}

/** The host of this dedicated worker: the page that made it, the only one who can post to its global object. */
export function workerEmbedder(
  worker: { postMessage(message: unknown, options: StructuredSerializeOptions): void },
  origin: string,
): Embedder {
  return {
    hosts: [origin],
    listen: (receive) => listenOn(self, receive),
    hostOf: () => origin,
    post: (message, _, transfer) => worker.postMessage(message, { transfer }),
  };
}

/** As much of a window, or of a worker's global object, as is needed to hear its messages. */
interface Listening {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

function listenOn(target: Listening, receive: (event: MessageEvent) => void): () => void {
  target.addEventListener('message', receive);
  return () => target.removeEventListener('message', receive);
}

const idOfDocument = Symbol.for('muntin.document');

/** The same for all that says hello in this document, also where a page has this module twice. */
function documentId(): string {
  const known: unknown = Reflect.get(globalThis, idOfDocument);
  if (typeof known === 'string') return known;
  const id = nanoid();
  Object.defineProperty(globalThis, idOfDocument, { value: id });
  return id;
}

import type { MuntinError } from '../errors.ts';
import { newId } from '../id.ts';
import type { Hello, Here, HostSignal } from './messages.ts';

/** How the host's side hears its guest, and tells the guest's messages from everybody else's. */
export interface GuestEndpoint {
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
  /** A port that has come there, as one of this page. @defaultValue as it is */
  readonly adopt?: ((port: MessagePort) => MessagePort) | undefined;
  /** The pinned origin, for messages to people. */
  readonly origin: string;
  /**
   * What the document that the host has loaded last was given, and nobody else: for a guest whose origin pins nothing. Each opens the
   * sessions of one document only.
   */
  readonly secret?: (() => string) | undefined;
}

/** How the guest's side reaches those who may be its host, and knows them. */
export interface HostEndpoint {
  /** The exact origins to say hello to. */
  readonly hosts: readonly string[];
  /** Calls back with every message that arrives where the host's do. Answers with how to stop. */
  listen(receive: (event: MessageEvent) => void): () => void;
  /** Which of them has sent a trusted message; `undefined`: none. */
  hostOf(event: MessageEvent): string | undefined;
  post(message: Hello | Here, host: string, transfer: Transferable[]): void;
  /** What the host has given this document, so that it is known although its origin is opaque. */
  readonly secret?: string | undefined;
  /** An id of this document, the same for all that it exposes. */
  readonly document?: string | undefined;
}

/**
 * A guest in a window: of a frame, or of a popup. `guest` is `null` while there is none. An opaque origin serialises as `null`, pins
 * nothing, and can be posted to by `'*'` only: nothing that is posted has data, and who answers needs more than an origin.
 */
export function windowEndpoint(
  window: Window,
  guest: () => Window | null,
  origin: string,
  more: Pick<GuestEndpoint, 'secret' | 'whyGone' | 'isPersonThere' | 'adopt'> = {},
): GuestEndpoint {
  return {
    ...more,
    origin,
    canNavigate: true,
    listen: (receive) => MessageRouter.add(window, { guest, receive }),
    // A hello from `pagehide` has no source, and a removed frame no window: null must not equal null. A WindowProxy outlives its
    // document (HTML Standard, WindowProxy), so the origin decides who is in it.
    recognise: ({ source, origin: from }) =>
      source === null || source !== guest() ? undefined : from === origin ? 'guest' : 'stranger',
    post: (signal) => guest()?.postMessage(signal, origin === 'null' ? '*' : origin),
  };
}

/** Where the messages of one guest's window go. */
interface Route {
  readonly guest: () => Window | null;
  readonly receive: (event: MessageEvent) => void;
}

/**
 * All endpoints of a window share one listener, and each message goes to the one whose guest has sent it: with a listener for each, a hundred
 * guests that connect would ask ten thousand times who it was.
 */
class MessageRouter {
  static readonly #of = new WeakMap<Window, MessageRouter>();
  readonly #all = new Set<Route>();
  readonly #last = new WeakMap<object, Route>();

  /** Answers with how to stop. */
  static add(window: Window, route: Route): () => void {
    const router = MessageRouter.#of.get(window) ?? new MessageRouter();
    MessageRouter.#of.set(window, router);
    if (router.#all.size === 0) window.addEventListener('message', router.#dispatch);
    router.#all.add(route);
    return () => {
      router.#all.delete(route);
      if (router.#all.size === 0) window.removeEventListener('message', router.#dispatch);
    };
  }

  readonly #dispatch = (event: MessageEvent): void => {
    const { source } = event;
    if (source === null) return;
    const last = this.#last.get(source);
    // A frame that was moved has another window.
    const fits = (route: Route): boolean => this.#all.has(route) && route.guest() === source;
    let route = last !== undefined && fits(last) ? last : undefined;
    if (route === undefined) for (const other of this.#all) if (fits(other)) route ??= other;
    if (route === undefined) return;
    this.#last.set(source, route);
    route.receive(event);
  };
}

/** A guest in a dedicated worker: at the other end of the object that the host made is that worker, and nobody else. */
export class WorkerEndpoint implements GuestEndpoint {
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
export function windowHost(host: Window, hosts: readonly string[], secret?: string): HostEndpoint {
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
export function workerHost(
  worker: { postMessage(message: unknown, options: StructuredSerializeOptions): void },
  origin: string,
): HostEndpoint {
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
  const id = newId();
  Object.defineProperty(globalThis, idOfDocument, { value: id });
  return id;
}

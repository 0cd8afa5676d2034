import { invalidOption, type MuntinError, show } from '../errors.ts';
import type { Over } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import type { Link } from '../link/link.ts';
import type { LaneHub } from './lane-hub.ts';

/** What the other side may do over a lane, beside calling methods; closed unless opened here. */
export interface LaneOptions {
  /** The only methods that may be called. @defaultValue every name that objects and functions do not inherit */
  readonly methods?: readonly string[];
  /** Own properties that may be read. @defaultValue none */
  readonly properties?: readonly string[];
  /** Whether `new` may be used on what is served, or on one of `methods`. @defaultValue false */
  readonly construct?: boolean;
  /** Names of further Comlink transfer handlers that the other side may use. @defaultValue none: `proxy` alone */
  readonly transferHandlers?: readonly string[];
}

/**
 * A sub-channel of a session that looks like what Comlink calls an endpoint: `Comlink.wrap(widget.lane('db'))` and
 * `Comlink.expose(api, shell.lane('db'))`. It is batched with everything else, pinned to the session's origins, guarded, and dies with
 * the session: what is pending then rejects.
 */
export interface Lane {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: object): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: object): void;
  start(): void;
}

/** What came for a lane. */
export interface LaneMessage {
  readonly path: string;
  readonly data: unknown;
  readonly ports: readonly unknown[];
  /** Which limit the data break. */
  readonly over: Over;
}

// What an honest peer can send before this side has opened the lane that it is for.
const maxEarly = 1000;

/**
 * All lanes of one mount. Who opens none pays for none: the guard and its bookkeeping are loaded when the first is opened. It outlives
 * the sessions of its mount.
 */
export class Lanes {
  readonly #limits: Limits;
  readonly #side: string;
  #loading: Promise<LaneHub> | undefined;
  #hub: LaneHub | undefined;
  #link: Link | undefined;
  #ended: MuntinError | undefined;
  #early: LaneMessage[] = [];

  constructor(side: string, limits: Limits) {
    this.#side = side;
    this.#limits = limits;
  }

  open(name: string, options: LaneOptions = {}): Lane {
    if (typeof name !== 'string' || !/^[^/]{1,200}$/.test(name))
      throw invalidOption(`the lane's name is ${show(name)}: give a text of up to 200 characters without "/"`);
    const hub = this.#load();
    const listeners: EventListenerOrEventListenerObject[] = [];
    const whenLoaded = (act: (loaded: LaneHub) => void, failed = (): void => undefined): void =>
      void hub.then(act, failed);
    whenLoaded((loaded) => loaded.open(name, options));
    return {
      postMessage: (message, transfer = []) =>
        whenLoaded(
          (loaded) => loaded.post(name, message, transfer),
          () => refuse(message, listeners),
        ),
      addEventListener: (_type, listener) => {
        listeners.push(listener);
        whenLoaded((loaded) => loaded.listen(name, listener));
      },
      removeEventListener: (_type, listener) => whenLoaded((loaded) => loaded.unlisten(name, listener)),
      start: () => undefined,
    };
  }

  attach(link: Link): void {
    this.#link = link;
    this.#ended = undefined;
    this.#hub?.attach(link);
  }

  /** The session is over. `isFinal`: no other will come, and what is sent from now on is refused. */
  detach(cause: MuntinError, isFinal: boolean): void {
    this.#link = undefined;
    this.#early = [];
    this.#ended = isFinal ? cause : undefined;
    this.#hub?.detach(cause, isFinal);
  }

  /** Takes a message of the peer. False when there are more than an honest peer can have sent. */
  receive(message: LaneMessage): boolean {
    if (this.#hub !== undefined) return this.#hub.receive(message);
    this.#early.push(message);
    return this.#early.length <= maxEarly;
  }

  /** A message of ours could not be cloned: the request it was is refused here. */
  unsendable(path: string, data: unknown, error: MuntinError<string>): void {
    this.#hub?.refuseOwn(path, data, error);
  }

  #load(): Promise<LaneHub> {
    this.#loading ??= import('./lane-hub.ts').then(({ LaneHub }) => {
      const hub = new LaneHub(this.#side, this.#limits);
      this.#hub = hub;
      if (this.#link !== undefined) hub.attach(this.#link);
      if (this.#ended !== undefined) hub.detach(this.#ended, true);
      for (const message of this.#early) hub.receive(message);
      this.#early = [];
      return hub;
    });
    return this.#loading;
  }
}

/** The answer to a request that does not pass, as Comlink reads it: a call that throws. */
export function refusal(id: string, reason: string): object {
  const value = { isError: true, value: { name: 'MuntinError', message: reason } };
  return { id, type: 'HANDLER', name: 'throw', value };
}

/** The part that lanes need could not be loaded: whoever calls over one hears it. */
function refuse(message: unknown, listeners: readonly EventListenerOrEventListenerObject[]): void {
  if (typeof message !== 'object' || message === null || !('id' in message)) return;
  const data = refusal(String(message.id), 'A part of Muntin, which lanes need, could not be loaded');
  const event = new MessageEvent('message', { data });
  for (const listener of listeners) {
    if (typeof listener === 'function') listener(event);
    else listener.handleEvent(event);
  }
}

type Listener = EventListenerOrEventListenerObject;

/** What Comlink takes for the other side of a lane: it hears what the guard lets pass, and all that it says goes to the guard. */
export class LaneEndpoint {
  readonly #send: (message: unknown, transfer: readonly Transferable[]) => void;
  readonly #started: () => void;
  #listeners: readonly Listener[] = [];

  constructor(
    send: (message: unknown, transfer: readonly Transferable[]) => void,
    started: () => void = () => undefined,
  ) {
    this.#send = send;
    this.#started = started;
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#send(message, transfer);
  }

  addEventListener(_type: string, listener: Listener): void {
    this.#listeners = [...this.#listeners, listener];
  }

  removeEventListener(_type: string, listener: Listener): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
  }

  /** Comlink starts an endpoint once it listens to it. */
  start(): void {
    this.#started();
  }

  /** Throws what a listener throws. */
  dispatch(data: unknown): void {
    const event = new MessageEvent('message', { data });
    const listeners = this.#listeners;
    for (let index = 0; index < listeners.length; index++) {
      const listener = listeners[index];
      if (typeof listener === 'function') listener(event);
      else listener?.handleEvent(event);
    }
  }
}

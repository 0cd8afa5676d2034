type To = 'toHost' | 'toGuest';

/** Carries what two pages say to each other, each direction in its order; late, or not at all, where a test wants that. */
export class Network {
  readonly #windows = { toHost: new Direction(this), toGuest: new Direction(this) };
  readonly #ports = { toHost: new Direction(this), toGuest: new Direction(this) };
  readonly #relays = new Set<MessageChannel>();
  /** How long what is said on a port is on its way, in milliseconds. */
  latencyMs = 0;
  #isFrozen = false;
  /** Counts what has moved so far. */
  moved = 0;

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** While it is frozen, everything waits. */
  set isFrozen(isFrozen: boolean) {
    this.#isFrozen = isFrozen;
    for (const direction of this.#all) direction.flow();
  }

  /** Ports that nobody has closed yet. */
  get openPorts(): number {
    return this.#relays.size;
  }

  /** Delivers what is said from window to window, in order, and at once: only what is on a port is late. */
  send(to: To, deliver: () => void): void {
    this.#windows[to].add(deliver, 0);
  }

  get #all(): readonly Direction[] {
    return [...Object.values(this.#windows), ...Object.values(this.#ports)];
  }

  /**
   * Puts itself between a port of the guest and the host: what is returned is for the host. Both ends are ports of a MessageChannel, so that
   * values cross by structured clone, as between two pages.
   */
  splice(port: MessagePort): MessagePort {
    const relay = new MessageChannel();
    const { port1: near, port2: far } = relay;
    this.#relays.add(relay);
    this.#forward(port, near, 'toHost');
    this.#forward(near, port, 'toGuest');
    return far;
  }

  /** Closes what is left. */
  close(): void {
    for (const { port1, port2 } of this.#relays) {
      port1.close();
      port2.close();
    }
    this.#relays.clear();
    for (const direction of this.#all) direction.clear();
  }

  #forward(from: MessagePort, to: MessagePort, direction: To): void {
    // As Chromium tells of a batch that could not be deserialised. Node tells with an error, which could be.
    const refuse = (): void => this.#ports[direction].add(() => to.postMessage(null), this.latencyMs);
    from.onmessage = ({ data, ports }: MessageEvent<unknown>) => {
      // Within a process it crosses; pages of two origins have no memory in common.
      if (sharesMemory(data)) {
        for (const one of ports) one.close();
        return refuse();
      }
      this.#ports[direction].add(() => to.postMessage(data, [...ports]), this.latencyMs);
    };
    from.onmessageerror = refuse;
    // Node says when the other end of a port has been closed.
    from.addEventListener('close', () => {
      this.#ports[direction].add(() => {
        to.close();
        for (const relay of this.#relays) if (relay.port1 === from || relay.port1 === to) this.#relays.delete(relay);
      }, this.latencyMs);
    });
  }
}

/** In whole milliseconds, as timers count: fake ones come exactly then. */
const now = (): number => Math.round(performance.now());

class Direction {
  readonly #network: Network;
  readonly #waiting: { readonly deliver: () => void; readonly at: number }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(network: Network) {
    this.#network = network;
  }

  add(deliver: () => void, latencyMs: number): void {
    this.#waiting.push({ deliver, at: now() + latencyMs });
    this.#network.moved++;
    this.flow();
  }

  /** Delivers what is due, in order. */
  flow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let next = this.#waiting[0]; next !== undefined && !this.#network.isFrozen; next = this.#waiting[0]) {
      const ms = next.at - now();
      if (ms > 0) {
        this.#timer = setTimeout(() => this.flow(), ms);
        return;
      }
      this.#waiting.shift();
      this.#network.moved++;
      next.deliver();
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }
}

/** Whether there is a SharedArrayBuffer in a value, which has been cloned: nothing in it runs. */
function sharesMemory(value: unknown): boolean {
  const seen = new Set<unknown>();
  const left = [value];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part !== 'object' || part === null || seen.has(part)) continue;
    seen.add(part);
    const bytes: unknown = ArrayBuffer.isView(part) ? part.buffer : part;
    if (Object.prototype.toString.call(bytes) === '[object SharedArrayBuffer]') return true;
    if (ArrayBuffer.isView(part)) continue;
    if (part instanceof Map) for (const entry of part) left.push(...entry);
    else if (part instanceof Set) for (const entry of part) left.push(entry);
    else for (const entry of Object.values(part)) left.push(entry);
  }
  return false;
}

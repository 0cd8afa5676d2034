import type { Clock } from './clock.ts';
import type { HostSignalName, HostState } from './machine.ts';

/** Times of the host's side, all in milliseconds. Each ends a wait; none says what has become of a document. */
export interface HandshakeTimes {
  /** How long to wait for a hello, from the start and from the end of a session. */
  readonly connectMs: number;
  /** How long to wait for the ready of a guest that has said hello: it is there, and may be busy. */
  readonly busyMs: number;
}

/** What the timer tells. */
interface ConnectTimerEvents {
  /** The time for a hello is over. True: it cannot have begun, and is counted anew. */
  mayWait(): boolean;
  over(): void;
}

/** The time to connect. It runs while there is no open session: until the hello, and longer from the hello to the ready. */
export class ConnectTimer {
  readonly #clock: Clock;
  readonly #times: HandshakeTimes;
  readonly #events: ConnectTimerEvents;
  #stop: () => void = () => undefined;

  constructor(clock: Clock, times: HandshakeTimes, events: ConnectTimerEvents) {
    this.#clock = clock;
    this.#times = times;
    this.#events = events;
    this.#start(true);
  }

  /** A step of the table has been made. */
  moved(from: HostState, to: HostState, signal: HostSignalName): void {
    if (!isConnecting(to)) return this.#stop();
    const isOther = !isConnecting(from) || (from === 'waiting') !== (to === 'waiting');
    if (isOther || signal === 'restart') this.#start(to === 'waiting');
  }

  #start(isWaiting: boolean): void {
    const { connectMs, busyMs } = this.#times;
    this.#stop();
    this.#stop = this.#clock.after(isWaiting ? connectMs : Math.max(connectMs, busyMs), () => {
      if (isWaiting && this.#events.mayWait()) this.#start(isWaiting);
      else this.#events.over();
    });
  }
}

function isConnecting(state: HostState): boolean {
  return state === 'waiting' || state === 'opening' || state === 'doubted';
}

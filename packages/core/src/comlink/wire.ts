import { LANE } from '../link/messages.ts';
import type { LaneLink } from '../reference/lanes.ts';

const crowded = 'too many lanes are open: release proxies, or raise the limit `lanes`';

/** The session under the lanes of a mount, and what those that call and those that serve share: ids, and the places for proxies. */
export class LaneWire {
  readonly side: 'host' | 'guest';
  readonly #most: number;
  link: LaneLink | undefined;
  /** Proxies that crossed, in either direction, and were not given back. */
  #proxies = 0;
  #nextId = 0;

  constructor(side: 'host' | 'guest', most: number) {
    this.side = side;
    this.#most = most;
  }

  /** An id that no other request to Comlink, and none to the peer, has. */
  newId(): string {
    return `${this.#nextId++}`;
  }

  post(path: string, data: object, slots: readonly unknown[] = [], transfer: readonly Transferable[] = []): void {
    this.link?.post([LANE, path, data, slots], transfer.length > 0 ? transfer : undefined);
  }

  /** Why so many more proxies are too many; `undefined` when they are not. */
  isCrowded(count: number): string | undefined {
    return count > 0 && this.#proxies + count > this.#most ? crowded : undefined;
  }

  addProxy(): void {
    this.#proxies++;
  }

  dropProxy(): void {
    this.#proxies--;
  }

  /** The session is over, and every proxy with it. */
  forgetProxies(): void {
    this.#proxies = 0;
  }
}

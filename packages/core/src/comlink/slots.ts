import type * as grammar from './grammar.ts';
import { isProxy, isRequest, type Request } from './grammar.ts';
import { topOf } from './lane.ts';

/** The lane that stands for an endpoint, by the place of the endpoint in its message: 0 is an answer, 1 the first argument. */
export type Slots = ReadonlyMap<number, string>;

/** Lanes that came with messages which were refused, and are on their way back. */
export const maxReturned = 1024;
const otherSide = { host: 'guest', guest: 'host' } as const;

/** Reads which lanes of the peer's a message names. One reader a session. */
export class SlotReader {
  readonly #peer: 'host' | 'guest';
  #last = -1;

  constructor(side: 'host' | 'guest') {
    this.#peer = otherSide[side];
  }

  /** Each slot names a new lane of the peer's, once, with a number that goes up: no other lane can be taken over, and none comes again. */
  read(path: string, given: readonly unknown[]): Slots | undefined {
    const below = `${topOf(path)}/${this.#peer}`;
    const slots = new Map<number, string>();
    if (given.length > maxReturned) return undefined;
    for (let index = 0; index < given.length; index++) {
      const pair = given[index];
      if (!Array.isArray(pair) || pair.length !== 2) return undefined;
      const place: unknown = pair[0];
      const name: unknown = pair[1];
      const number = typeof name === 'string' && name.startsWith(below) ? Number(name.slice(below.length)) : -1;
      const isNew = number > this.#last && Number.isSafeInteger(number) && name === `${below}${number}`;
      if (typeof place !== 'number' || typeof name !== 'string' || !isNew || slots.has(place)) return undefined;
      this.#last = number;
      slots.set(place, name);
    }
    return slots;
  }
}

/** Whether each endpoint of a message has a lane, and each lane an endpoint. */
export function isEveryEndpointNamed(content: Request | grammar.Answer, slots: Slots): boolean {
  const values = isRequest(content) ? content.args : [content.value];
  const first = isRequest(content) ? 1 : 0;
  let count = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === undefined || !isProxy(value)) continue;
    if (!slots.has(index + first)) return false;
    count++;
  }
  return count === slots.size;
}

import type { Limits } from '../link/limits.ts';
import type { LaneMessage } from './lanes.ts';

/** About how many bytes may wait for lanes that nobody has opened yet. As many messages as the peer may have without an answer. */
export const mostWaitingBytes: number = 2 ** 24;

/** Keeps what comes for lanes until an application opens the first. It is loaded with the first message. */
export class WaitingLanes {
  readonly messages: LaneMessage[] = [];
  readonly #most: number;
  #bytes = 0;

  constructor({ calls }: Limits) {
    this.#most = calls;
  }

  /** False when there are more than an honest peer sends. Of what would keep too much, only who is to be told is kept. */
  add(message: LaneMessage): boolean {
    const hasRoom = this.#bytes + message.bytes <= mostWaitingBytes;
    if (hasRoom) this.#bytes += message.bytes;
    this.messages.push(hasRoom ? message : { ...message, data: headOf(message.data), over: 'waitingBytes', bytes: 0 });
    return this.messages.length <= this.#most;
  }
}

/** By what a message is answered. */
function headOf(data: unknown): object {
  const field = (name: string): string => {
    const value: unknown =
      typeof data === 'object' && data !== null ? Object.getOwnPropertyDescriptor(data, name)?.value : undefined;
    return typeof value === 'string' ? value.slice(0, 256) : '';
  };
  return { id: field('id'), type: field('type') };
}

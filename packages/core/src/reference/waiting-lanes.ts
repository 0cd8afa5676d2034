import type { LaneMessage } from './lanes.ts';

/** What may wait for lanes that nobody has opened yet: messages, and about how many bytes they keep. */
export const maxWaiting: { readonly messages: number; readonly bytes: number } = { messages: 1000, bytes: 2 ** 24 };

/** Keeps what comes for lanes until an application opens the first. It is loaded with the first message. */
export class WaitingLanes {
  readonly messages: LaneMessage[] = [];
  #bytes = 0;

  /** False when there is too much. */
  add(message: LaneMessage): boolean {
    this.messages.push(message);
    this.#bytes += message.bytes;
    return this.messages.length <= maxWaiting.messages && this.#bytes <= maxWaiting.bytes;
  }
}

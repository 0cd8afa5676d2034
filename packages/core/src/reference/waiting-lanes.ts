import type { Limits } from '../link/limits.ts';
import type { LaneHandler, LaneMessage, Lanes } from './lanes.ts';

/** About how many bytes may wait for lanes that nobody has opened yet. As many messages as the peer may have without an answer. */
export const mostWaitingBytes: number = 2 ** 24;

/** Keeps what comes for lanes until an application opens the first. It is loaded with the first message. */
export class WaitingLanes implements LaneHandler {
  readonly kept: LaneMessage[] = [];
  readonly #most: number;
  #bytes = 0;

  constructor({ calls }: Limits) {
    this.#most = calls;
  }

  attach(): void {}

  /** Whoever waits for an answer has heard that the session is over. */
  detach(): void {
    this.kept.length = 0;
    this.#bytes = 0;
  }

  unsendable(): void {}

  /** False when there are more than an honest peer sends. Of what would keep too much, only who is to be told is kept. */
  receive(message: LaneMessage): boolean {
    const hasRoom = this.#bytes + message.bytes <= mostWaitingBytes;
    if (hasRoom) this.#bytes += message.bytes;
    this.kept.push(hasRoom ? message : { ...message, data: headOf(message.data), over: 'waitingBytes', bytes: 0 });
    return this.kept.length <= this.#most;
  }
}

/** What handles the lanes of a mount: made when the first is opened. It is told at once what has come before. */
export function handleLanes<H extends LaneHandler>(
  lanes: Lanes,
  make: (side: 'host' | 'guest', limits: Limits) => H,
): H {
  const before = lanes.handler;
  if (before !== undefined && before.kept === undefined) return before as H; // there is one kind beside what keeps messages
  const handler = make(lanes.side, lanes.limits);
  lanes.handler = handler;
  if (lanes.carrier !== undefined) handler.attach(...lanes.carrier);
  if (lanes.ended !== undefined) handler.detach(lanes.ended, true);
  for (const message of before?.kept ?? [])
    if (!handler.receive(message)) lanes.carrier?.[0].violate('what no lane takes');
  return handler;
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

import type { MountStats } from './mounted.ts';

const none: MountStats = { sent: 0, received: 0, batchesSent: 0, batchesReceived: 0 };
const names = ['sent', 'received', 'batchesSent', 'batchesReceived'] as const;

/** What has travelled in all sessions of one mount. */
export class Traffic {
  #past = none;
  #present = none;

  /** The counts of a new session, which go on counting; the one before is over. */
  follow(session: MountStats): void {
    this.#past = this.sum;
    this.#present = session;
  }

  get sum(): MountStats {
    const sum = { ...this.#past };
    for (const name of names) sum[name] += this.#present[name];
    return sum;
  }
}

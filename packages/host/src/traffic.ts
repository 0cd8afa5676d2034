import type { MountStats } from './mounted.ts';

const none: MountStats = { sent: 0, received: 0, batchesSent: 0, batchesReceived: 0 };

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
    const [past, present] = [this.#past, this.#present];
    return {
      sent: past.sent + present.sent,
      received: past.received + present.received,
      batchesSent: past.batchesSent + present.batchesSent,
      batchesReceived: past.batchesReceived + present.batchesReceived,
    };
  }
}

import { beforeClose, pageClock } from '@muntin/core/internal';

/** Lets the guest save before it goes: it is asked once, and each who unmounts waits for as long as they say. */
export class Farewell {
  #asked: Promise<void> | undefined;

  async ask(caller: Parameters<typeof beforeClose>[0], askMs: number): Promise<void> {
    const asked = (this.#asked ??= beforeClose(caller, askMs));
    await new Promise<void>((resolve) => {
      const stop = pageClock.after(askMs, resolve);
      void asked.then(stop).then(resolve);
    });
  }
}

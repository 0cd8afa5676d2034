import { type Mount, mount } from '@muntin/host';
import type { DeskContext } from '@quake-desk/contracts/context';
import { type AttackName, hostile } from '@quake-desk/contracts/hostile';
import { Stake, tryOut } from '@quake-desk/contracts/stake';
import { urlOf } from '../url-of.ts';
import { watchLongTasks } from './long-tasks.ts';
import type { Outcome, Side } from './side.ts';

/** This page, which mounts the hostile widget as it mounts all others. What is at stake here is of the same kind as in the naive page. */
export class MuntinSide implements Side {
  readonly origin = location.origin;
  readonly #widget: Mount<typeof hostile>;
  readonly #show: (stake: Stake) => void;
  #stake: Stake;

  /** `show` is called whenever what is at stake has changed. */
  constructor(into: Element, title: string, context: DeskContext, show: (stake: Stake) => void) {
    this.#show = show;
    this.#stake = this.#renew();
    this.#widget = mount(hostile, {
      url: urlOf('hostile'),
      into,
      title,
      context,
      unresponsiveMs: 1_500,
      handlers: {
        note: (text) => this.#stake.note(text),
        wait: (_input, { signal }) => {
          this.#stake.ran++;
          return new Promise<never>((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('given up')));
          });
        },
      },
    });
  }

  get state$(): Side['state$'] {
    return this.#widget.state$;
  }

  async attempt(attack: AttackName): Promise<Outcome> {
    const widget = this.#widget;
    if (widget.state.name === 'failed') widget.reload();
    await widget.ready;
    this.#stake.close();
    this.#stake = this.#renew();
    let hasHung = false;
    let end: { code: string; message: string } | undefined;
    const watch = widget.state$.subscribe(({ name, cause }) => {
      if (name === 'unresponsive') hasHung = true;
      if (name === 'failed' && cause !== undefined) end = { code: cause.code, message: cause.message };
    });
    const stopCounting = watchLongTasks();
    const outcome = await tryOut(this.#stake, {
      attack: () => widget.guest.attack(attack, { timeoutMs: 10_000 }),
      greet: () => widget.guest.greet(undefined, { timeoutMs: 1_500 }),
    });
    watch.unsubscribe();
    const notice = { end, ran: this.#stake.ran, busyMs: stopCounting(), hasHung };
    // Whoever was thrown out is let in again, to try the next.
    if (end !== undefined) widget.reload();
    return { ...outcome, notice };
  }

  setContext(context: DeskContext): void {
    this.#widget.setContext(context);
    this.#show(this.#stake);
  }

  setTitle(title: string): void {
    this.#widget.frame.title = title;
  }

  #renew(): Stake {
    const stake: Stake = new Stake(() => this.#show(stake));
    this.#show(stake);
    return stake;
  }
}

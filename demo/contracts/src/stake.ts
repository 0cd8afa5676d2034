/** What can have happened to a page. */
export const harmNames = ['secret', 'money', 'prototype', 'flood', 'frozen', 'waiting', 'taken'] as const;
export type HarmName = (typeof harmNames)[number];

/** A page that stands still for longer is frozen: what a busy machine does to it is shorter. */
const frozenMs = 1_000;
/** As many handlers as a widget may reasonably keep running at once. */
const manyHandlers = 5_000;
const tickMs = 50;

/**
 * What a page has that a hostile widget would like. The naive page and the desk have one each, of the same kind, and it is looked at in the same
 * way: by what has happened to it, not by which attack was tried.
 */
export class Stake {
  /** Nobody else knows it: what has it was told, or has read it. */
  readonly key: string = crypto.randomUUID().slice(0, 8);
  balance = 1_000;
  readonly notes: string[] = [];
  /** Handlers that the widget has made run. */
  ran = 0;
  /** Whether a question to the widget is open for longer than anybody waits. */
  isWaiting = false;
  #longestMs = 0;
  #last = performance.now();
  readonly #clock: number;
  readonly #tell: () => void;

  /** `tell` is called whenever there is something new to show. */
  constructor(tell: () => void) {
    this.#tell = tell;
    this.#clock = window.setInterval(() => this.#tick(), tickMs);
  }

  /** What the widget may do. */
  note(text: string): void {
    this.ran++;
    this.notes.push(text);
    this.#tell();
  }

  /** What it may not do: only the page itself pays. */
  pay(amount: number): void {
    this.balance -= amount;
    this.#tell();
  }

  /** What has happened so far, given what the widget says that it got. */
  harms(claim: string): readonly HarmName[] {
    this.#tick();
    const has: Readonly<Record<HarmName, boolean>> = {
      secret: claim.includes(this.key),
      money: this.balance < 1_000,
      prototype: 'isAdmin' in {},
      flood: this.ran > manyHandlers,
      frozen: this.#longestMs > frozenMs,
      waiting: this.isWaiting,
      taken: false, // a page that was taken elsewhere cannot say so: who embeds it sees it
    };
    return harmNames.filter((name) => has[name]);
  }

  close(): void {
    clearInterval(this.#clock);
  }

  /** How long nothing could run. A page in the background is not looked at: browsers slow its timers down. */
  #tick(): void {
    const now = performance.now();
    if (document.visibilityState === 'visible') this.#longestMs = Math.max(this.#longestMs, now - this.#last - tickMs);
    this.#last = now;
  }
}

/** What is asked of a widget while it tries something. */
export interface Trial {
  readonly attack: () => Promise<string>;
  readonly greet: () => Promise<unknown>;
}

const attackMs = 12_000;
/** Nobody waits longer for a greeting. */
const greetMs = 3_000;
/** What has begun when the widget answers comes to its end: a page that is taken elsewhere goes a little later. */
const settleMs = 600;

/** Lets a widget try something, asks it for a greeting meanwhile, and looks what has come of both. */
export async function tryOut(stake: Stake, { attack, greet }: Trial): Promise<{ harms: HarmName[]; claim: string }> {
  let isOpen = true;
  const close = (): void => {
    isOpen = false;
  };
  const claimed = attack().catch(() => ''); // why it failed is what the page knows, and not what the widget says
  const greeted = greet().then(close, close); // a question that ends with a reason has ended, too
  const late = pause(greetMs).then(() => {
    stake.isWaiting ||= isOpen;
  });
  const claim = await Promise.race([claimed, pause(attackMs).then(() => '')]);
  await Promise.race([greeted, late]);
  await pause(settleMs);
  return { harms: [...stake.harms(claim)], claim: claim.slice(0, 300) };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// How many steps in a row look like feedback before that is tried, counting a step that only comes promptly as a half.
const mostSteps = 3;
const replyMs = 1000;
const promptMs = 100;
const quietMs = 300;
const tryMs = 500;
const againMs = 2000;
const mostTries = 2;

/** One step: how large the frame was, and what the guest wanted then. */
type Step = readonly [givenPx: number, wantedPx: number];

/** What a {@link Damper} does. */
export interface DamperEvents {
  /** Makes the frame so large; the damper is told when it is, by `given`. */
  give(px: number): void;
  /** The content follows the frame, and the frame stops to follow it; or it does again. */
  held(isHeld: boolean): void;
}

/**
 * Lets a frame follow its content on one axis, and tells content that follows the frame from content that changes by itself. Steps that
 * predict each other, or come promptly, are suspicious. Then the frame waits: content that changes meanwhile, while its frame does not, is
 * honest. Where nothing changes, one step more is tried: feedback answers it, and honest content does not.
 */
export class Damper {
  readonly #events: DamperEvents;
  #state: 'following' | 'waiting' | 'trying' | 'held' = 'following';
  #givenPx = -1;
  #givenAt = 0;
  // What is to be given, and is not yet.
  #nextPx: number | undefined;
  #wantedPx = -1;
  #steps: readonly Step[] = [];
  #suspicion = 0;
  #slowestMs = 0;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: DamperEvents) {
    this.#events = events;
  }

  /** The guest wants another size. */
  want(px: number): void {
    // Said once more: a guest that is told something answers with its size.
    const isKnown = px === this.#wantedPx;
    this.#wantedPx = px;
    if (isKnown && this.#state !== 'following') return;
    const wasHeld = this.#state === 'held';
    switch (this.#state) {
      case 'following':
        this.#judge();
        break;
      case 'trying':
        // It has answered the frame.
        this.#hold();
        break;
      default:
        // It has changed while its frame has not.
        this.#follow(wasHeld && this.#tries > 0 ? mostSteps - 1 : 0);
        if (wasHeld) this.#events.held(false);
        this.#give();
    }
  }

  /** The frame has the size that was asked for. */
  given(px: number): void {
    if (px === this.#nextPx) this.#nextPx = undefined;
    this.#givenPx = px;
    this.#givenAt = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #give(): void {
    if (this.#wantedPx === this.#givenPx && this.#nextPx === undefined) return;
    this.#nextPx = this.#wantedPx;
    this.#events.give(this.#wantedPx);
  }

  #judge(): void {
    if (this.#wantedPx === this.#givenPx && this.#nextPx === undefined) return;
    const isOwn = this.#nextPx !== undefined || this.#givenPx < 0;
    const ms = performance.now() - this.#givenAt;
    const step: Step = [this.#givenPx, this.#wantedPx];
    if (isOwn || ms > replyMs) this.#follow(0);
    else {
      this.#suspicion += isPredicted(this.#steps, step) ? 1 : ms <= promptMs ? 0.5 : -this.#suspicion;
      this.#slowestMs = Math.max(this.#slowestMs, ms);
      this.#steps = [...this.#steps.slice(-1), step];
    }
    if (this.#suspicion < mostSteps) return this.#give();
    this.#state = 'waiting';
    this.#after(quietMs, () => this.#try());
  }

  #follow(suspicion: number): void {
    this.#state = 'following';
    this.#suspicion = suspicion;
    if (suspicion === 0) {
      this.#steps = [];
      this.#slowestMs = 0;
    }
    clearTimeout(this.#timer);
  }

  #try(): void {
    this.#state = 'trying';
    this.#give();
    this.#after(Math.max(tryMs, this.#slowestMs * 4), () => {
      this.#tries = 0;
      this.#events.held(false);
      this.#follow(0);
    });
  }

  #hold(): void {
    this.#state = 'held';
    this.#tries++;
    clearTimeout(this.#timer);
    this.#events.held(true);
    if (this.#tries < mostTries) this.#after(againMs, () => this.#try());
  }

  #after(ms: number, run: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, ms);
  }
}

/** Whether three steps lie on one line: then what the guest wants is a function of what it is given. */
function isPredicted([first, second]: readonly Step[], [given, wanted]: Step): boolean {
  if (first === undefined || second === undefined) return false;
  const [run, rise] = [second[0] - first[0], second[1] - first[1]];
  if (run === 0) return false;
  const expected = second[1] + (rise / run) * (given - second[0]);
  return given !== second[0] && Math.abs(wanted - expected) <= 2 + Math.abs(wanted) * 0.02;
}

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Damper } from '../../src/size/damper.ts';

const frameMs = 16;

/** A frame and a guest on either side of a damper: the guest answers each new size of its frame a frame later. */
class Play {
  readonly given: number[] = [];
  isHeld = false;
  #frame = 1;
  #content: number;
  readonly #damper: Damper;
  readonly #answer: (framePx: number, contentPx: number) => number;
  readonly #answerMs: number;

  constructor(content: number, answer: (framePx: number, contentPx: number) => number, answerMs = frameMs) {
    this.#content = content;
    this.#answer = answer;
    this.#answerMs = answerMs;
    this.#damper = new Damper({
      give: (px) => setTimeout(() => this.#give(px), frameMs),
      held: (isHeld) => {
        this.isHeld = isHeld;
      },
    });
    this.#damper.want(content);
  }

  /** The content changes by itself. */
  change(px: number): void {
    this.#content = px;
    this.#damper.want(px);
  }

  get frame(): number {
    return this.#frame;
  }

  #give(px: number): void {
    if (px === this.#frame) return;
    this.#frame = px;
    this.given.push(px);
    this.#damper.given(px);
    setTimeout(() => {
      const next = this.#answer(px, this.#content);
      if (next === this.#content) return;
      this.#content = next;
      this.#damper.want(next);
    }, this.#answerMs);
  }
}

const honest = (_: number, content: number): number => content;

describe('a damper', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['ten pixels more than its frame', (frame: number) => frame + 10],
    ['a tenth more', (frame: number) => Math.ceil(frame * 1.1)],
    ['more and more', (frame: number) => Math.ceil(frame * 1.05) + 7],
    ['something at random', (frame: number) => frame + 1 + Math.floor(Math.random() * 90)],
    ['less and less', (frame: number) => Math.max(1, frame - 10)],
    ['one of two sizes', (frame: number) => (frame === 300 ? 100 : 300)],
  ])('stops within ten steps where the content wants %s', (_, answer) => {
    const play = new Play(300, answer);
    vi.advanceTimersByTime(60_000);
    expect(play.given.length).toBeLessThanOrEqual(10);
    expect(play.isHeld).toBe(true);
    const { length } = play.given;
    play.change(2000);
    expect(play.isHeld).toBe(false);
    vi.advanceTimersByTime(60_000);
    expect(play.given.length - length).toBeLessThanOrEqual(5);
    expect(play.isHeld).toBe(true);
    expect(play.given).toContain(2000);
  });

  it('stops where the answer comes late, as behind a debounce', () => {
    const play = new Play(300, (frame) => frame + 10, 250);
    vi.advanceTimersByTime(60_000);
    expect(play.given.length).toBeLessThanOrEqual(10);
    expect(play.isHeld).toBe(true);
  });

  it.each([5, 16, 40, 100, 200, 400, 1000])(
    'follows content that grows by itself every %s ms to its end',
    (everyMs) => {
      const play = new Play(300, honest);
      vi.advanceTimersByTime(100);
      for (let index = 1; index <= 50; index++) {
        vi.advanceTimersByTime(everyMs);
        play.change(300 + index * 60);
        // Behind by what changes within two frames, and by two changes more.
        expect(300 + index * 60 - play.frame).toBeLessThanOrEqual(60 * (Math.ceil((2 * frameMs) / everyMs) + 2));
      }
      vi.advanceTimersByTime(3000);
      expect(play.frame).toBe(3300);
      expect(play.isHeld).toBe(false);
    },
  );

  it('follows content that is opened and closed', () => {
    const play = new Play(100, honest);
    for (let index = 0; index < 20; index++) {
      vi.advanceTimersByTime(1500);
      play.change(index % 2 === 0 ? 500 : 100);
      vi.advanceTimersByTime(2 * frameMs);
      expect(play.frame).toBe(index % 2 === 0 ? 500 : 100);
    }
  });

  it('sets no timer for content that rests', () => {
    const play = new Play(300, honest);
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
    expect(play.given).toEqual([300]);
  });
});

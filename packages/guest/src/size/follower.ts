import type { Bounds, Fit, Report } from '@muntin/core/size';
import { nameOf } from './name.ts';

// What most pages are made of: the elements that are given the height of the frame, and whose size changes with that of the content.
const frameworkOf = 'html,body,body>*,body>*>*';
const mostElements = 50;
// A frame that is not in view gets neither observer calls nor animation frames.
const offScreenMs = 120;

/** The declared part of a height and of a minimum height, as they are used now, in pixels. */
type Heights = readonly [heightPx: number, minHeightPx: number];

/** Follows the size of this page's content, and reports it when it is another one than before, until it is stopped. */
export class Follower {
  // The element that reached the lowest when it was last looked.
  #lowest: Element | undefined;
  readonly #of: string | undefined;
  readonly #report: (size: Report) => void;
  readonly #resizes: ResizeObserver = new ResizeObserver(() => this.#look());
  readonly #mutations: MutationObserver = new MutationObserver(() => {
    this.#hasChanged = true;
    this.#lookSoon();
  });
  readonly #observed: WeakSet<Node> = new WeakSet();
  readonly #heights: WeakMap<Element, Heights> = new WeakMap();
  // Those whose height comes from that of the frame.
  readonly #elastic: Set<HTMLElement> = new Set();
  #fit: Fit | undefined;
  #sent: Report = [-1, -1];
  #viewport = 0;
  #hasResized = false;
  // Whether the content may be another than when it was last looked.
  #hasChanged = false;
  // By how much the browser's height is more than ours, for as long as ours is what it was then.
  #more: readonly [oursPx: number, morePx: number] = [-1, 0];
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #over: AbortController = new AbortController();
  #putBarBack: (() => void) | undefined;
  // As the last look has it: whichever task does it, it does that.
  #needsBar = true;

  constructor(of: string | undefined, report: (size: Report) => void) {
    this.#of = of;
    this.#report = report;
    const options = { capture: true, signal: this.#over.signal };
    const onChange = (): void => {
      this.#learn();
      this.#lookSoon();
    };
    addEventListener('resize', onChange, options);
    for (const name of ['load', 'transitionend', 'animationend']) document.addEventListener(name, onChange, options);
    // In another font, text hangs out of what keeps its size.
    document.fonts.addEventListener('loadingdone', onChange, options);
    this.#follow(document);
  }

  fit(fit: Fit): void {
    // One that is malformed fails here and changes nothing.
    for (const bounds of [fit.height, fit.width]) if (bounds !== undefined) check(bounds);
    this.#fit = fit;
    this.#sent = [-1, -1];
    this.#look();
  }

  /** What reached the lowest when it was last looked, as a person finds it again; in development builds. */
  blame(): string {
    return nameOf(this.#lowest);
  }

  /** Nobody wants to know any more: the page scrolls again as it did. */
  stop(): void {
    this.#over.abort();
    this.#resizes.disconnect();
    this.#mutations.disconnect();
    clearTimeout(this.#timer);
    this.#fit = undefined;
    this.#needsBar = true;
    this.#setBar();
  }

  /** Gives the root the scroll bar of its page, or takes it. */
  #setBar(): void {
    this.#putBarBack?.();
    this.#putBarBack = this.#needsBar ? undefined : put(document.documentElement, 'overflow-y', 'hidden');
    this.#mutations.takeRecords();
  }

  /** Looks when the next frame has its layout: that is when a new observation is answered. */
  #lookSoon(): void {
    const root = document.documentElement;
    this.#resizes.unobserve(root);
    this.#resizes.observe(root);
    this.#timer ??= setTimeout(() => this.#look(), offScreenMs);
  }

  #follow(root: Document | ShadowRoot): void {
    if (this.#observed.has(root)) return;
    this.#observed.add(root);
    this.#mutations.observe(root, { childList: true, subtree: true, attributes: true, characterData: true });
  }

  get #framework(): readonly HTMLElement[] {
    return [...document.querySelectorAll<HTMLElement>(frameworkOf)].slice(0, mostElements);
  }

  /**
   * Called where no script has reacted to another height of the frame yet: before the listeners of the page in most browsers, and in WebKit when
   * it observes, which is before that. Where nothing else has changed, what is higher or lower now has its height from the frame.
   */
  #learn(): void {
    const [from, to] = [this.#viewport, innerHeight];
    if (this.#mutations.takeRecords().length > 0 || document.getAnimations().some(willEnd)) this.#hasChanged = true;
    if (from === to || from === 0) return;
    this.#hasResized = true;
    if (this.#hasChanged) return;
    this.#viewport = to;
    for (const element of this.#framework) {
      const before = this.#heights.get(element);
      if (before === undefined) continue;
      const now = heightsOf(element);
      const isElastic = now.some((px, index) => isFollowing(before[index] ?? 0, px, from, to));
      if (isElastic) this.#elastic.add(element);
      else if (now.every((px, index) => px === before[index])) this.#elastic.delete(element);
    }
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#fit === undefined) return;
    const { height, width, isHeld } = this.#fit;
    this.#learn();
    const root = document.documentElement;
    for (const element of this.#framework) {
      this.#heights.set(element, heightsOf(element));
      if (this.#observed.has(element)) continue;
      this.#observed.add(element);
      this.#resizes.observe(element);
    }
    this.#viewport = innerHeight;
    let heightPx = 0;
    let widthPx = 0;
    if (width !== undefined) {
      const { marginLeft, marginRight } = getComputedStyle(root);
      // Before it is narrower than the frame: some engines then say the rest as a margin.
      const marginPx = numberOf(marginLeft) + numberOf(marginRight);
      const undo = put(root, 'width', 'max-content');
      // Its own, and not its right edge: a page that is written from right to left begins at that.
      widthPx = within(root.getBoundingClientRect().width + marginPx, width);
      undo();
    }
    if (height !== undefined) {
      const wanted = this.#measure(root);
      heightPx = within(wanted, height);
      // With a scroll bar the content is narrower, and may be higher for that: it would come and go.
      this.#needsBar = wanted > height[1] || isHeld;
      // Not while observers are told: of what changes then, the engine says that they were told too late, as an error of the page.
      if (this.#needsBar !== (this.#putBarBack === undefined)) setTimeout(() => this.#setBar());
      // What fills the frame from the beginning shows whether it would follow when the frame changes.
      if (!this.#hasResized && heightPx === innerHeight && heightPx > height[0]) heightPx--;
    }
    this.#mutations.takeRecords();
    this.#hasChanged = false;
    if (heightPx === this.#sent[0] && widthPx === this.#sent[1]) return;
    this.#sent = [heightPx, widthPx];
    this.#report(this.#sent);
  }

  /** How high the content is, whatever the height of the frame. */
  #measure(root: HTMLElement): number {
    for (const element of this.#elastic) if (!element.isConnected) this.#elastic.delete(element);
    // Without a doctype the root and the body fill the frame.
    if (document.compatMode === 'BackCompat') this.#elastic.add(root).add(document.body);
    const undo = [...this.#elastic].flatMap((element) => [
      put(element, 'height', 'min-content'),
      put(element, 'min-height', '0'),
    ]);
    const ours = Math.ceil(this.#lowestEdge(root) - 0.1);
    for (const back of undo) back();
    if (this.#of !== undefined || undo.length > 0) return ours;
    // What overflows, the browser knows best.
    const { scrollHeight } = root;
    if (scrollHeight > innerHeight) this.#more = [ours, scrollHeight - ours];
    return ours === this.#more[0] ? ours + this.#more[1] : ours;
  }

  #lowestEdge(root: Element): number {
    const end = this.#of === undefined ? root : (document.querySelector(this.#of) ?? root);
    let lowest = end.getBoundingClientRect().bottom + numberOf(getComputedStyle(end).marginBottom);
    this.#lowest = end;
    const visit = (part: ParentNode): void => {
      for (const element of part.querySelectorAll('*')) {
        const reach = reachOf(element, lowest);
        if (reach > lowest) {
          lowest = reach;
          this.#lowest = element;
        }
        if (element.shadowRoot !== null) {
          this.#follow(element.shadowRoot);
          visit(element.shadowRoot);
        }
      }
    };
    if (end === root) visit(document);
    return lowest + scrollY;
  }
}

function numberOf(text: string): number {
  return Number.parseFloat(text) || 0;
}

/** A pixel more than the bounds say is enough to know that there is more. */
function within(px: number, [min, max]: Bounds): number {
  return Math.min(max + 1, Math.max(0, min - 1, Math.ceil(px)));
}

function check([min, max]: Bounds): void {
  if (!(min >= 0 && min <= max && max < Infinity)) throw new RangeError(`bounds ${min}, ${max}`);
}

/** One that goes on for ever, as of a light that pulses, is no change that is still to be waited for. */
function willEnd({ effect }: Animation): boolean {
  return effect?.getComputedTiming().endTime !== Infinity;
}

/** How low an element reaches with the text that hangs out of it, where that is lower than what was found before and can be scrolled to. */
function reachOf(element: Element, lowest: number): number {
  const { bottom, height } = element.getBoundingClientRect();
  const hangsPx = element.scrollHeight - element.clientHeight;
  if (bottom + hangsPx <= lowest || (height === 0 && hangsPx === 0) || !counts(element)) return 0;
  const { display, overflowY } = getComputedStyle(element);
  // Of an inline element, Firefox says that its whole line hangs out.
  return isOuter(element) || display === 'inline' || overflowY !== 'visible' ? bottom : bottom + hangsPx;
}

/** The root and the body, whose overflow is that of the page. */
function isOuter(element: Element): boolean {
  return element === document.documentElement || element === document.body;
}

function heightsOf(element: Element): Heights {
  const { minHeight } = getComputedStyle(element);
  // A percentage is one of the frame: it changes with it.
  return [element.getBoundingClientRect().height, minHeight.endsWith('%') ? innerHeight : numberOf(minHeight)];
}

/** Whether a height has changed as the frame has: by the same part, or by the same pixels. */
function isFollowing(before: number, now: number, from: number, to: number): boolean {
  return before !== now && (Math.abs(now * from - before * to) < from || Math.abs(now - before - to + from) < 1);
}

/** Whether what an element shows takes part in what can be scrolled to. */
function counts(element: Element): boolean {
  if ('checkVisibility' in element && !element.checkVisibility()) return false;
  let isAbsolute = false;
  for (let at: Element | null = element; at !== null && !isOuter(at); at = aroundOf(at)) {
    const { position, overflowY } = getComputedStyle(at);
    if (position === 'fixed') return false;
    // What is positioned absolutely is not clipped by what is not positioned at all.
    const isStatic = position === 'static';
    if (at !== element && overflowY !== 'visible' && !(isAbsolute && isStatic)) return false;
    if (!isStatic) isAbsolute = position === 'absolute';
  }
  return true;
}

/** The element around an element as it is shown: out of a slot, and out of a shadow tree. */
function aroundOf(element: Element): Element | null {
  const root = element.getRootNode();
  return element.assignedSlot ?? element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** Sets a property against all rules; returns how it is put back. */
function put(element: HTMLElement, name: string, value: string): () => void {
  const { style } = element;
  const [before, priority] = [style.getPropertyValue(name), style.getPropertyPriority(name)];
  style.setProperty(name, value, 'important');
  return () => style.setProperty(name, before, priority);
}

import type { AttackName } from '@quake-desk/contracts/hostile';

/** What a page may ask this widget. Without a value there is no answer. */
export interface Questions {
  readonly attack: (name: AttackName) => Promise<string>;
  readonly greet: () => string | undefined;
}

/** The way into a page: what an attack can say to it, whatever language the page speaks. */
export interface Door {
  /** Calls what has this name, and answers what came of it in words. */
  call(name: string, input: unknown): Promise<string>;
  /** The same, as often as that, without waiting. */
  callOften(name: string, count: number): void;
  /** Answers questions that the page has not asked this widget. */
  forge(result: string): void;
  /** Hands a port over, and asks for a welcome on it. */
  smuggle(port: MessagePort): void;
  /** The same, as what a page of another origin would say for itself: it is sent to the window of the page, with its port. */
  readonly greeting: unknown;
}

/** The origins that embed this page: the desk's, and the naive page's. */
export const hosts: readonly string[] =
  document.querySelector<HTMLMetaElement>('meta[name="quake-desk:hosts"]')?.content.split(' ') ?? [];

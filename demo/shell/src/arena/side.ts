import type { Mount } from '@muntin/host';
import type { DeskContext } from '@quake-desk/contracts/context';
import type { AttackName, hostile } from '@quake-desk/contracts/hostile';
import type { HarmName } from '@quake-desk/contracts/stake';

/** What an attack has led to in one page, as it was found there. */
export interface Outcome {
  readonly harms: readonly HarmName[];
  /** What the widget says that it got. */
  readonly claim: string;
  /** What else the page can say about it. */
  readonly notice?: Notice;
}

/** What Muntin's host has seen. */
interface Notice {
  /** Why the session has ended; `undefined` where it goes on. */
  readonly end: { readonly code: string; readonly message: string } | undefined;
  /** Handlers that the widget has made run. */
  readonly ran: number;
  /** What kept the page busy for 50 ms or more; `undefined` where the browser does not say. */
  readonly busyMs: number | undefined;
  readonly hasHung: boolean;
}

/** A page with the hostile widget in it. */
export interface Side {
  readonly origin: string;
  readonly state$: Mount<typeof hostile>['state$'];
  /** Lets the widget try something, once the page is as it was in the beginning. */
  attempt(attack: AttackName): Promise<Outcome>;
  setContext(context: DeskContext): void;
  setTitle(title: string): void;
}

import type { MuntinError } from '../errors.ts';
import { linkClosed } from './failures.ts';
import type { Route } from './pending.ts';

/** Where calls go: over the session that is open, over the next one, or nowhere any more. */
export class Uplink {
  #route: Route | undefined;
  #ended: MuntinError | undefined;
  readonly #asking: Question[] = [];

  /** The session that is open. */
  get route(): Route | undefined {
    return this.#route;
  }

  /** Why no session will come. */
  get ended(): MuntinError | undefined {
    return this.#ended;
  }

  /** Whether the peer serves something of this name. It waits for a session. */
  serves(path: string): Promise<boolean> {
    if (this.#route !== undefined) return Promise.resolve(this.#route.indexes.has(path));
    if (this.#ended !== undefined) return Promise.reject(linkClosed({ path, hasRun: false }, this.#ended));
    return new Promise((done, fail) => {
      this.#asking.push({ path, done, fail });
    });
  }

  open(route: Route): void {
    this.#route = route;
    this.#ended = undefined;
    for (const { path, done } of this.#asking.splice(0)) done(route.indexes.has(path));
  }

  /** The session is over. Another may come, unless that has been ruled out. */
  close(): void {
    this.#route = undefined;
  }

  /** No session will come. */
  end(cause: MuntinError): void {
    this.#route = undefined;
    this.#ended = cause;
    for (const { path, fail } of this.#asking.splice(0)) fail(linkClosed({ path, hasRun: false }, cause));
  }

  /** One may come again. */
  revive(): void {
    this.#ended = undefined;
  }
}

/** Somebody waits for a session, to know whether the peer serves this. */
interface Question {
  readonly path: string;
  readonly done: (serves: boolean) => void;
  readonly fail: (error: MuntinError) => void;
}

import type { Fired } from './unread.ts';

const controllers = new WeakMap<object, AbortController>();

/** A signal that keeps its controller alive as long as anybody has the signal. */
export function createSignal(fired?: Fired): AbortSignal {
  const controller = new AbortController();
  if (fired !== undefined) controller.abort(fired.reason);
  controllers.set(controller.signal, controller);
  return controller.signal;
}

/** The other side says that its signal has fired. */
export function abortSignal(signal: object, reason: unknown): void {
  controllers.get(signal)?.abort(reason);
}

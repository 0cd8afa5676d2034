import { inspect, invalidOption } from '../errors.ts';
import { type Origin, type OriginOptions, parseOrigin } from '../origin.ts';

/** A window that is written to only while its document has the pinned origin. */
export interface PinnedTarget {
  /** The pinned origin. */
  readonly origin: Origin;
  /**
   * Posts a value. The browser delivers it only to a document of the pinned origin; to any other nobody gets it, and what was
   * transferred is lost (HTML Standard, 9.3.3, "window post message steps").
   * Throws what `postMessage` throws: `DataCloneError` for what cannot be cloned.
   */
  post(data: unknown, transfer?: readonly Transferable[]): void;
}

/** Gets each message of the pinned window, with its event, whose `ports` are the ports it brought. */
export type PinnedMessageHandler = (data: unknown, event: MessageEvent<unknown>) => void;

/**
 * A window to post to by hand, pinned to one exact origin. There is no way to write `'*'`, nor a prefix, a pattern or `null`.
 * For code that does not use a contract yet; `mount` and `expose` pin by themselves.
 *
 * @throws MuntinError `INVALID_OPTION`, when `origin` is not an exact origin or `window` is not a window.
 */
export function pinnedTarget(window: Window, origin: string, options?: OriginOptions): PinnedTarget {
  const pin = parseOrigin(origin, options);
  requireWindow(window);
  return {
    origin: pin,
    post: (data, transfer = []) => window.postMessage(data, { targetOrigin: pin, transfer: [...transfer] }),
  };
}

/**
 * Listens to the messages that one window posts to this page while its document has one exact origin. What comes from another window,
 * from another origin, from no window, or from a script of this page is not told.
 *
 * @returns what ends the listening
 * @throws MuntinError `INVALID_OPTION`, when `origin` is not an exact origin or `window` is not a window.
 */
export function listenTo(
  window: Window,
  origin: string,
  handler: PinnedMessageHandler,
  options?: OriginOptions,
): () => void {
  const pin = parseOrigin(origin, options);
  requireWindow(window);
  const listener = (event: MessageEvent<unknown>): void => {
    // A page that goes away posts with no source at all; a WindowProxy outlives its document, so the source alone proves nothing.
    if (!event.isTrusted || event.source === null || event.source !== window || event.origin !== pin) return;
    handler(event.data, event);
  };
  addEventListener('message', listener);
  return () => removeEventListener('message', listener);
}

/** Of a window on another origin nothing can be read but this. */
function requireWindow(window: Window): void {
  if (
    typeof window !== 'object' ||
    window === null ||
    typeof window.postMessage !== 'function' ||
    !('closed' in window)
  )
    throw invalidOption(`window is ${inspect(window)}: give the window to talk to, such as frame.contentWindow`);
}

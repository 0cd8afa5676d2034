/** As much of a window, or of a worker's global object, as is needed to hear that it comes and goes. */
export type Listened = Pick<Window, 'addEventListener' | 'removeEventListener'>;

/**
 * Tells when this page goes into the back/forward cache, and when it comes back (HTML Standard, PageTransitionEvent). Answers with how to
 * stop listening.
 */
export function onFreeze(window: Listened, tell: (isFrozen: boolean) => void): () => void {
  const listen = ({ type, persisted }: PageTransitionEvent): void => {
    if (persisted) tell(type === 'pagehide');
  };
  window.addEventListener('pagehide', listen);
  window.addEventListener('pageshow', listen);
  return () => {
    window.removeEventListener('pagehide', listen);
    window.removeEventListener('pageshow', listen);
  };
}

/**
 * Tells how long this page was kept frozen in the back/forward cache, each time it comes back (HTML Standard, PageTransitionEvent).
 * Answers with how to stop listening.
 */
export function onThaw(window: Window, thawed: (ms: number) => void): () => void {
  let frozenAt = 0;
  const onHide = (event: PageTransitionEvent): void => {
    if (event.persisted) frozenAt = performance.now();
  };
  const onShow = (event: PageTransitionEvent): void => {
    if (event.persisted && frozenAt > 0) thawed(performance.now() - frozenAt);
    frozenAt = 0;
  };
  window.addEventListener('pagehide', onHide);
  window.addEventListener('pageshow', onShow);
  return () => {
    window.removeEventListener('pagehide', onHide);
    window.removeEventListener('pageshow', onShow);
  };
}

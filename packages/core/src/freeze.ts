/**
 * Tells when this page goes into the back/forward cache, and each time it comes back how long it was kept there (HTML Standard,
 * PageTransitionEvent). Answers with how to stop listening.
 */
export function onThaw(window: Window, thawed: (ms: number) => void, frozen: () => void = () => undefined): () => void {
  let frozenAt = 0;
  const onHide = (event: PageTransitionEvent): void => {
    if (!event.persisted) return;
    frozenAt = performance.now();
    frozen();
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

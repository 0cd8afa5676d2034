const isTold = PerformanceObserver.supportedEntryTypes.includes('longtask');

/** Adds up what keeps this page busy for 50 ms or more, until it is asked. `undefined` where the browser does not say. */
export function watchLongTasks(): () => number | undefined {
  if (!isTold) return () => undefined;
  let sum = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) sum += duration;
  });
  observer.observe({ type: 'longtask' });
  return () => {
    observer.disconnect();
    return sum;
  };
}

import { distinctUntilChanged, Observable } from 'rxjs';

const againMs = 1_000;

/**
 * Whether the server at an address is there: it holds an answer open, whose end is noticed at once. A document that is already loaded does not
 * notice it by itself. After that it is asked once per second, until it is back.
 */
export function pulse(url: string): Observable<boolean> {
  return new Observable<boolean>((subscriber) => {
    const over = new AbortController();
    void follow(url, over.signal, (isThere) => subscriber.next(isThere));
    return () => over.abort();
  }).pipe(distinctUntilChanged());
}

async function follow(url: string, signal: AbortSignal, tell: (isThere: boolean) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      const { ok, body } = await fetch(new URL('/pulse', url), { signal, cache: 'no-store' });
      if (ok && body) {
        tell(true);
        const reader = body.getReader();
        while (!(await reader.read()).done);
      }
    } catch {
      // refused or cut off: in both cases nobody is there
    }
    if (signal.aborted) return;
    tell(false);
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

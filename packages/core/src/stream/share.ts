import { type Observable, ReplaySubject, share } from 'rxjs';

/**
 * Shares one remote subscription among all who subscribe on this side. Who comes late gets the last value at once, then every later one.
 * The remote subscription begins with the first subscriber and ends with the last; after that, and after an error or the completion, the
 * next subscriber begins a new one.
 *
 * `const prices$ = shareRemote(widget.guest.prices(['ACME']));`
 */
export function shareRemote<T>(stream: Observable<T>): Observable<T> {
  return stream.pipe(share({ connector: () => new ReplaySubject<T>(1) }));
}

import { MuntinError } from './errors.ts';

/** Throws `NOT_IN_A_BROWSER` where there is no page, as on a server that renders one. `owner` is the function that needs it. */
export function requirePage(owner: string): void {
  if (typeof window === 'object' && typeof document === 'object') return;
  throw new MuntinError(
    'NOT_IN_A_BROWSER',
    `${owner} needs a page, and there is none here: call it where only browsers run it, such as in useEffect, onMounted or after a dynamic import(). Importing it on a server is fine`,
  );
}

/** The same for code of a dedicated worker; in a page it does nothing. */
export function requireWorker(owner: string): void {
  if (typeof self === 'object' && typeof addEventListener === 'function') return;
  throw new MuntinError(
    'NOT_IN_A_BROWSER',
    `${owner} needs a dedicated worker of a browser, and there is none here: import it in the script that the worker runs`,
  );
}

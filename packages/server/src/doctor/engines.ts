/** The engines that the doctor answers for. */
export type EngineName = 'chromium' | 'firefox' | 'webkit';

/** Where an engine does otherwise than the standard, or than the others. Measured; the end-to-end tests play it. */
export interface Engine {
  readonly name: EngineName;
  /** Asks for permission at each address of a chain of redirects, once the first one needed it, also where what is left is simple. */
  readonly preflightsAgain: boolean;
  /** That preflight names the headers of the first request, also those that the redirect has taken away. */
  readonly preflightKeepsHeaders: boolean;
  /** Behind a redirect that led away from the page's own origin, no other is followed. */
  readonly leavesHomeOnce: boolean;
  /** Behind a redirect that made the origin `null`, the preflight still has the page's. */
  readonly preflightHasPageOrigin: boolean;
  /** Lets a script set `User-Agent`, which then needs permission. Otherwise it is dropped. */
  readonly sendsUserAgent: boolean;
  /** A page with TLS may read `http://localhost` and `http://127.0.0.1`. */
  readonly readsLoopback: boolean;
  /** Asks the user before a page of the public network reaches the local one. */
  readonly guardsLocalNetwork: boolean;
}

export const engines: readonly Engine[] = [
  {
    name: 'chromium',
    preflightsAgain: false,
    preflightKeepsHeaders: false,
    leavesHomeOnce: false,
    preflightHasPageOrigin: false,
    sendsUserAgent: false,
    readsLoopback: true,
    guardsLocalNetwork: true,
  },
  {
    name: 'firefox',
    preflightsAgain: true,
    preflightKeepsHeaders: false,
    leavesHomeOnce: false,
    preflightHasPageOrigin: true,
    sendsUserAgent: true,
    readsLoopback: true,
    guardsLocalNetwork: false,
  },
  {
    name: 'webkit',
    preflightsAgain: true,
    preflightKeepsHeaders: true,
    leavesHomeOnce: true,
    preflightHasPageOrigin: false,
    sendsUserAgent: true,
    readsLoopback: false,
    guardsLocalNetwork: false,
  },
];

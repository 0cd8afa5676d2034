import type { Observed } from '@muntin/core/internal';

/** A guest that did not connect, and what may be asked about it. */
export interface Case {
  readonly seen: Observed;
  readonly timeoutMs: number;
  /** It was there since the host last loaded it. */
  readonly wasReady: boolean;
  /** Whether its server may be asked once more. */
  readonly probes: boolean;
}

/** The place of that guest. */
export interface Scene {
  readonly what: 'frame' | 'window';
  /** The origin that the guest comes from. */
  readonly origin: string;
  readonly address: string | undefined;
  /** When it was loaded, on the clock of `performance`. */
  readonly since: number;
}

/**
 * What the browser tells about the time that a document took. `none`: no entry. `closed`: an entry without times of the response: the server does not
 * allow them, or the document was not shown. `open`: with them. `unknown`: there may have been an entry.
 */
export type Timing = 'none' | 'closed' | 'open' | 'unknown';

/** What the server answered when this page asked for the guest's address once more, without cookies. */
export interface Probe {
  /** Whether anything came back. `undefined`: this page may not ask, by its own policy. */
  readonly isReached: boolean | undefined;
  /** Of an answer that this page may read (CORS). */
  readonly status?: number;
  /** Where a redirect has led, where it is another origin. */
  readonly redirectedTo?: string;
  /** Headers that forbid this page to frame the guest, by the names and values that this page may read. */
  readonly forbids?: string;
  /** The sandbox that the guest's own policy puts it in. */
  readonly sandbox?: string;
  /** Whether the server allows this page to see times. */
  readonly timing: Timing;
}

/** All that is known. */
export interface Evidence {
  readonly engineHidesBlocked: boolean;
  /** The frame's document, as its timing shows it. */
  readonly timing: Timing;
  /** The guest is on plain http, and this page is not. */
  readonly isMixed: boolean;
  readonly isOffline: boolean;
  /** This page is cross-origin isolated, so that a guest without the headers for it is not shown. */
  readonly isIsolated: boolean;
  readonly probe: Probe | undefined;
}

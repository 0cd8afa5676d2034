import { MuntinError } from '@muntin/core';
import { type Seen, show } from '@muntin/core/internal';

/** Why a guest did not connect in time: the code that the evidence allows, and what was ruled out. */
export function diagnose(seen: Seen, origin: string, timeoutMs: number): MuntinError {
  const within = `within ${timeoutMs} ms`;
  if (seen.loads === 0)
    return new MuntinError(
      'GUEST_NOT_LOADED',
      `The frame of ${show(origin)} had no load event ${within}: is the server up, and the frame in the page?`,
    );
  const malformed = seen.malformed > 0 ? ` (${seen.malformed} malformed hellos were refused)` : '';
  return new MuntinError(
    'GUEST_SILENT',
    `The frame loaded, but no guest of ${show(origin)} said hello ${within}${malformed}. Either its page does not call expose() with this host in "hosts", or it is an error page, or it forbids framing (X-Frame-Options, frame-ancestors)`,
  );
}

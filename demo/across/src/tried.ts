import type { OriginPower } from '@muntin/core/origins';
import * as v from 'valibot';

/** What the trier leaves in its storage and its cookies, by name. */
export const mark = 'across-tried';

/** What the trier tells the page that shows it: what it could do to the other. */
export const Tried = v.object({
  other: v.string(),
  could: v.object({
    readDocument: v.boolean(),
    shareStorage: v.boolean(),
    shareCookies: v.boolean(),
    readResponse: v.boolean(),
    runScript: v.boolean(),
    frame: v.boolean(),
    message: v.boolean(),
  } satisfies Record<OriginPower, unknown>),
});

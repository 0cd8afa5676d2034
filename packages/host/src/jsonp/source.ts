import { boot } from './scripts.ts';

/** What one call tells its frame. */
export interface Job {
  /** Begins each message of the frame, so that no other document in it is taken for ours. */
  readonly token: string;
  /** The address of the script, with the name of the callback in it. */
  readonly url: string;
  /** The name of the callback. */
  readonly callback: string;
  /** How long the answer may be, in UTF-16 code units: never less than what it has in bytes. */
  readonly maxChars: number;
  /** The Content-Security-Policy that leaves the script's own address and nothing else. */
  readonly policy: string;
}

const page = (policy: string, script: string): string =>
  `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">${policy}${script}`;

/** The page of a frame that is given as text. The nonce is for our own script, which runs before any other can. */
export function frameText(job: Job, nonce: string): string {
  const policy = job.policy.replace('script-src', `script-src 'nonce-${nonce}'`);
  const json = JSON.stringify(job).replaceAll('<', '\\u003c');
  return page(
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<script nonce="${nonce}">${boot}(${json})</script>`,
  );
}

/** The fragment that tells a page of {@link frameScript} its job: it is sent to no server. */
export function frameFragment(job: Job): string {
  return `#${encodeURIComponent(JSON.stringify(job))}`;
}

/** The script of a frame that is a page of its own. */
export const frameScript: string = `${boot}(JSON.parse(decodeURIComponent(location.hash.slice(1))))`;

/** The page with that script. */
export function framePage(): string {
  return page('', `<script>${frameScript}</script>`);
}

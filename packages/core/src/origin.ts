import { inspect, invalidOption } from './errors.ts';

declare const brand: unique symbol;

/**
 * A scheme, a host and a port in their one canonical spelling, such as `https://app.example` or `http://localhost:3000`.
 * Only `parseOrigin` and `isOrigin` make one, so a function that takes an `Origin` cannot be given unchecked text.
 *
 * It is the ASCII serialisation of a tuple origin (HTML Standard, 7.1.1 Origins; URL Standard, 4.7 Origin; RFC 6454, 6.2).
 * An opaque origin, which serialises as `null`, pins nothing and is never an `Origin`.
 */
export type Origin = string & { readonly [brand]: 'Origin' };

/** What an application may relax about the origins it writes down. */
export interface OriginOptions {
  /**
   * Accepts plain `http:` for every host, not only for loopback. Anyone on the network can then speak as that origin.
   * Only `true` itself counts: `1` or `'true'` from JavaScript do not.
   * @defaultValue false
   */
  readonly allowInsecure?: boolean;
}

// Equality with `new URL(text).origin` is not enough: `https://*.example`, `wss://app.example` and `https://app.example.`
// pass it in Node, and `file://` in Chromium.
const shape = /^https?:\/\/([\da-z_-]+(\.[\da-z_-]+)*|\[[\da-f:]+\])(:\d+)?$/;

// Without TLS, only loopback is out of the network's reach (Secure Contexts, 3.1; RFC 6761, 6.3); the IPv4-mapped
// `[::ffff:7f00:1]` does not count. Only for text that has the shape: otherwise `.+` leaves the host and takes quadratic time.
const trustworthy = /^https|\/((.+\.)?localhost|127(\.\d+){3}|\[::1\])(:|$)/;

// What a text `has`, for the message only. `isAcceptable` decides, so a fault that is missing here is refused all the same.
const faults = {
  'nothing to pin (see opaque: true)': /^null$/,
  'no "https://"': /^(?!https?:\/\/|null$)/i,
  'a wildcard (list each origin)': /\*/,
  'white space, control or non-ASCII': /[^!-~]/,
  'user-info': /\/\/[^/?#\\]*@/,
  'a path, query or fragment': /[^:/\\][/\\?#]/,
  'a trailing dot': /\.(:\d*)?$/,
  'the default port': /^http(s:.*:443|:.*:80)$/i,
  'upper case': /[A-Z]/,
};

/**
 * Whether a text is an `Origin` as it stands: canonical (`new URL(text).origin === text`), and `https:`, or `http:` on
 * loopback. What `parseOrigin` accepted only because of `allowInsecure` is not: that permission is given where text enters.
 */
export function isOrigin(text: unknown): text is Origin {
  return isAcceptable(text);
}

/**
 * Turns a text that an application wrote into an `Origin`. It repairs nothing, so that what is written down is what is
 * compared, character by character: no trailing slash, no default port, no upper case, no pattern, no `null`.
 * International host names are written in their `xn--` form.
 *
 * @throws MuntinError `INVALID_OPTION`, naming the value, what is wrong with it, and what to write instead.
 */
export function parseOrigin(text: string, options?: OriginOptions): Origin {
  if (isAcceptable(text, options)) return text;
  throw invalidOption(`${inspect(text)} is not an origin: ${explainOrigin(text, options)}`);
}

/**
 * Why a text is not acceptable as an origin, and what to write instead, as the second half of a sentence such as
 * `it has upper case; write "https://app.example"`; `undefined` when it is acceptable. It is text for people: branch on
 * `isOrigin`.
 */
export function explainOrigin(text: unknown, options?: OriginOptions): string | undefined {
  if (isAcceptable(text, options)) return undefined;
  if (typeof text !== 'string') return 'it is not a string';
  const found = Object.entries(faults).flatMap(([fault, pattern]) => (pattern.test(text) ? fault : []));
  const canonical = originOf(text).replace(/\.(?=:|$)/, '');
  const isRemedy = isAcceptable(canonical, options);
  if (!isRemedy && isAcceptable(canonical, { allowInsecure: true })) {
    found.push('no TLS (use https or allowInsecure: true)');
  }
  // A cut origin would be another origin, so a very long one is left out.
  const remedy = isRemedy && canonical.length < 99 ? `; write "${canonical}"` : '';
  return `it has ${found.join(', ') || 'an invalid or non-canonical host or port'}${remedy}`;
}

/**
 * Whether a text, such as the `origin` of a `MessageEvent`, is exactly this origin. Canonical serialisations are equal
 * when and only when scheme, host and port are (HTML Standard, "same origin"), so nothing is parsed, and neither a
 * look-alike host nor a longer port can pass as a prefix or suffix can.
 */
export function isSameOrigin(a: Origin, b: string): boolean {
  return a === b;
}

/** As `isOrigin`, with what the application relaxes. */
export function isAcceptable(text: unknown, options?: OriginOptions): text is Origin {
  return (
    typeof text === 'string' &&
    shape.test(text) &&
    (options?.allowInsecure === true || trustworthy.test(text)) &&
    originOf(text) === text
  );
}

/** The canonical origin of any address; empty where it is none. */
export function originOf(text: string): string {
  try {
    return new URL(text).origin;
  } catch {
    return '';
  }
}

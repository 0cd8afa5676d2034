/**
 * What a browser makes of a request across origins. `OK`, or why a page cannot read the answer:
 * - `NO_ANSWER`: no server answered, or the browser does not even connect (a blocked port).
 * - `MIXED_CONTENT`: a page with TLS asks for something without.
 * - `PREFLIGHT_STATUS`: the preflight was answered with a status that is not 200 to 299.
 * - `PREFLIGHT_REDIRECT`: the preflight was redirected.
 * - `ORIGIN_MISSING`, `ORIGIN_MISMATCH`, `ORIGIN_MULTIPLE`: `Access-Control-Allow-Origin` is not there, is another one, or several.
 * - `WILDCARD_WITH_CREDENTIALS`: it is `*`, which does not count with credentials.
 * - `CREDENTIALS_NOT_ALLOWED`: `Access-Control-Allow-Credentials` is not exactly `true`.
 * - `METHOD_NOT_ALLOWED`, `HEADER_NOT_ALLOWED`: the preflight's answer does not list it.
 * - `NULL_ORIGIN`: the page has an opaque origin, and the server does not answer to that.
 * - `REDIRECT_LOST_ORIGIN`: a redirect to another origin made the `Origin` `null`.
 * - `REDIRECT_REFUSED`: the redirect itself is not followed: its address, its scheme, user info in it, or there are too many.
 * - `LOCAL_NETWORK`: a page of the public network asks for something on the local one.
 */
export type CorsCause =
  | 'OK'
  | 'NO_ANSWER'
  | 'MIXED_CONTENT'
  | 'PREFLIGHT_STATUS'
  | 'PREFLIGHT_REDIRECT'
  | 'ORIGIN_MISSING'
  | 'ORIGIN_MISMATCH'
  | 'ORIGIN_MULTIPLE'
  | 'WILDCARD_WITH_CREDENTIALS'
  | 'CREDENTIALS_NOT_ALLOWED'
  | 'METHOD_NOT_ALLOWED'
  | 'HEADER_NOT_ALLOWED'
  | 'NULL_ORIGIN'
  | 'REDIRECT_LOST_ORIGIN'
  | 'REDIRECT_REFUSED'
  | 'LOCAL_NETWORK';

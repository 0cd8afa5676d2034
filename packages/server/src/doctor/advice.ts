import type { CorsCause } from './causes.ts';

/** What a server has to send so that a page gets its answer. */
export interface Needed {
  readonly origin: string;
  readonly method: string;
  /** Header names that need permission. */
  readonly names: readonly string[];
  readonly withCredentials: boolean;
}

/** How to send it, by server. */
export type Recipes = Readonly<Record<'nginx' | 'express' | 'hono' | 's3', string>>;

const texts: Readonly<Record<CorsCause, (needed: Needed) => string>> = {
  OK: () => 'A page of this origin can read the answer. Nothing has to be changed.',
  NO_ANSWER: () =>
    'Make the server answer first: look at its name, port, certificate and firewall. No header mends this.',
  MIXED_CONTENT: () => 'Serve the address over https and ask for it there. No header mends this.',
  PREFLIGHT_STATUS: () => 'Answer OPTIONS with 204 in front of authentication and routing, with the headers below.',
  PREFLIGHT_REDIRECT: () =>
    'Ask for the address that the redirect leads to (scheme, host, trailing slash), or answer OPTIONS before redirecting.',
  ORIGIN_MISSING: ({ origin }) =>
    `Add "Access-Control-Allow-Origin: ${origin}" and "Vary: Origin" to the answer, also to errors, redirects and the preflight.`,
  ORIGIN_MISMATCH: ({ origin }) =>
    `Send "Access-Control-Allow-Origin: ${origin}" for this origin, exactly: no trailing slash, no path, no default port, the same scheme.`,
  ORIGIN_MULTIPLE: ({ origin }) =>
    `Send one Access-Control-Allow-Origin with one origin, "${origin}". Two layers (a proxy and an application) often add one each: let one of them do it.`,
  WILDCARD_WITH_CREDENTIALS: ({ origin }) =>
    `Send "Access-Control-Allow-Origin: ${origin}" in place of "*", or ask without credentials.`,
  CREDENTIALS_NOT_ALLOWED: () =>
    'Add "Access-Control-Allow-Credentials: true" to the answer and to the preflight, or ask without credentials.',
  METHOD_NOT_ALLOWED: ({ method }) =>
    `Add "Access-Control-Allow-Methods: ${method}" to the answer to OPTIONS.${method === method.toUpperCase() ? '' : ` Ask with ${method.toUpperCase()}: browsers send "${method}" as it is written.`}`,
  HEADER_NOT_ALLOWED: ({ names }) =>
    `Add "Access-Control-Allow-Headers: ${names.join(', ')}" to the answer to OPTIONS.`,
  NULL_ORIGIN: () =>
    'Let the host fetch for this page (brokered fetch), or answer "Access-Control-Allow-Origin: *" if the data is for everybody and no credentials are sent. Never answer "null": every sandboxed frame has it.',
  REDIRECT_LOST_ORIGIN: () =>
    'Ask for the last address of the redirects directly. Behind a redirect from one foreign origin to another the browser sends "Origin: null".',
  REDIRECT_REFUSED: () => 'Ask for the last address of the redirects directly, or mend the redirect.',
  LOCAL_NETWORK: () =>
    'Chromium asks the user for permission, on pages with TLS only; without it the request fails. Serve the address from the public network, or tell the user why it is asked for.',
};

/** What to do, for whoever runs the server. */
export function adviceFor(cause: CorsCause, needed: Needed): string {
  return texts[cause](needed);
}

const none: ReadonlySet<CorsCause> = new Set([
  'OK',
  'NO_ANSWER',
  'MIXED_CONTENT',
  'NULL_ORIGIN',
  'REDIRECT_LOST_ORIGIN',
  'REDIRECT_REFUSED',
  'LOCAL_NETWORK',
]);

/** Everything that a server has to say for this request, as text to copy; empty texts where no header mends it. */
export function recipesFor(cause: CorsCause, needed: Needed): Recipes {
  if (none.has(cause)) return { nginx: '', express: '', hono: '', s3: '' };
  return {
    nginx: nginx(needed),
    express: policy(needed, 'app.use(nodeCors(policy)); // in front of authentication'),
    hono: policy(needed, "app.use('*', honoCors(policy)); // in front of authentication"),
    s3: s3(needed),
  };
}

function nginx({ origin, method, names, withCredentials }: Needed): string {
  const lines = [
    `add_header Access-Control-Allow-Origin "${origin}" always;`,
    'add_header Vary "Origin" always;',
    ...(withCredentials ? ['add_header Access-Control-Allow-Credentials "true" always;'] : []),
  ];
  const preflight = [
    ...lines,
    `add_header Access-Control-Allow-Methods "${method}" always;`,
    ...(names.length > 0 ? [`add_header Access-Control-Allow-Headers "${names.join(', ')}" always;`] : []),
    'add_header Access-Control-Max-Age "600" always;',
    'return 204;',
  ];
  // An "if" that adds a header of its own does not inherit those outside.
  return [...lines, 'if ($request_method = OPTIONS) {', ...preflight.map((line) => `  ${line}`), '}'].join('\n');
}

function policy({ origin, method, names, withCredentials }: Needed, use: string): string {
  const isExtra = !['GET', 'HEAD', 'POST'].includes(method);
  const options = [
    `origins: [${quoted(origin)}]`,
    ...(isExtra ? [`methods: [${quoted(method)}]`] : []),
    ...(names.length > 0 ? [`headers: [${names.map(quoted).join(', ')}]`] : []),
    ...(withCredentials ? ['credentials: true'] : []),
  ];
  return `const policy = cors({ ${options.join(', ')} }); // @muntin/server\n${use}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function s3({ origin, method, names }: Needed): string {
  return JSON.stringify(
    [{ AllowedOrigins: [origin], AllowedMethods: [method], AllowedHeaders: names, MaxAgeSeconds: 600 }],
    undefined,
    2,
  );
}

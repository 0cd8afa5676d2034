/** A header as a script gave it: its name, and its value without white space around it, one character a byte. */
export type Header = readonly [name: string, value: string];

// Bytes that could be an attack on a server (Fetch Standard, "CORS-unsafe request-header byte").
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unsafeByte = /[\x00-\x08\x0a-\x1f"():<>?@[\\\]{}\x7f]/;
const language = /^[\dA-Za-z *,\-.;=]*$/;
const simpleTypes: ReadonlySet<string> = new Set([
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
]);
const maxValue = 128;
const maxValues = 1024;

/** Names whose permission no `*` gives (Fetch Standard, "CORS non-wildcard request-header name"). */
export function isNonWildcard(name: string): boolean {
  return name.toLowerCase() === 'authorization';
}

/** Whether a header needs no permission (Fetch Standard, "CORS-safelisted request-header"). */
function isSafelisted([name, value]: Header): boolean {
  if (value.length > maxValue) return false;
  switch (name.toLowerCase()) {
    case 'accept':
      return !unsafeByte.test(value);
    case 'accept-language':
    case 'content-language':
      return language.test(value);
    case 'content-type':
      return !unsafeByte.test(value) && simpleTypes.has(essenceOf(value));
    case 'range':
      return isSimpleRange(value);
    default:
      return false;
  }
}

/** `type/subtype` of a MIME type; empty where the text is none (MIME Sniffing Standard, "parse a MIME type"). */
function essenceOf(value: string): string {
  const essence = (value.split(';', 1)[0] ?? '').replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
  return essence.toLowerCase();
}

/** `bytes=5-` or `bytes=5-9`, with a beginning (Fetch Standard, "parse a single range header value", without white space). */
function isSimpleRange(value: string): boolean {
  const [, start, end] = /^bytes=(\d+)-(\d*)$/.exec(value) ?? [];
  return start !== undefined && (end === undefined || end === '' || BigInt(start) <= BigInt(end));
}

/**
 * The names that need permission, lower-cased and sorted, each once, as a preflight asks for them (Fetch Standard, "CORS-unsafe
 * request-header names"): those that are not safelisted, and all others too where their values are over 1,024 bytes together.
 */
export function unsafeNames(headers: readonly Header[]): readonly string[] {
  const unsafe = new Set<string>();
  const safe = new Set<string>();
  let size = 0;
  for (const header of headers) {
    const name = header[0].toLowerCase();
    if (isSafelisted(header)) {
      safe.add(name);
      size += header[1].length;
    } else unsafe.add(name);
  }
  if (size > maxValues) for (const name of safe) unsafe.add(name);
  return [...unsafe].sort();
}

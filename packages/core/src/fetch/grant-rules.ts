// What a grant may say, for whoever reads one: an application's own, or the wish for one in a manifest.

// No method and no header is named `*`: who writes it means all of them, and would be granted none.
const token = /^(?!\*$)[!#$%&'*+\-.^_`|~\dA-Za-z]{1,256}$/;
// What a browser drops, or what makes another request of it for the servers that listen to it.
const refusedHeader =
  /^(?:accept-(?:charset|encoding)|access-control-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*|x-http-method(?:-override)?|x-method-override)$/;

/** Whether it is a method in upper case that a browser sends for a page. */
export function isGrantableMethod(method: unknown): method is string {
  return (
    typeof method === 'string' &&
    token.test(method) &&
    method === method.toUpperCase() &&
    !['CONNECT', 'TRACE', 'TRACK'].includes(method)
  );
}

/** Whether it is the name of a request header that a page may set. */
export function isGrantableHeader(name: unknown): name is string {
  return typeof name === 'string' && token.test(name) && !refusedHeader.test(name.toLowerCase());
}

/** Whether it is the name of a response header that a page may read. */
export function isReadableHeader(name: unknown): name is string {
  return typeof name === 'string' && token.test(name) && !/^set-cookie2?$/i.test(name);
}

const name = ':[\\p{ID_Start}$_][\\p{ID_Continue}$]*';
const group = '\\((?:\\\\[dw]|\\[(?:\\w(?:-\\w)?)+\\])[*+]?\\)';
const matcher = `(?:\\*|${name}(?:${group})?|${group})`;
const plain = '(?:\\\\.|[^\\\\*+?(){}:])';
const pattern = new RegExp(`^(?:${plain}|${matcher}[*+?]?|\\{${plain}*(?:${matcher})?${plain}*\\}[*+?]?)*$`, 'su');
const escapeOrName = new RegExp(`\\\\.|${name}`, 'gsu');

/**
 * Whether it is a pathname pattern (URL Pattern Standard) that every engine reads: one that is none voids all that it is compiled with. Of
 * groups it knows those that are cheap to try.
 */
export function isPathPattern(text: string): boolean {
  const found = (text.match(escapeOrName) ?? []).filter((one) => one.startsWith(':'));
  return pattern.test(text) && new Set(found).size === found.length;
}

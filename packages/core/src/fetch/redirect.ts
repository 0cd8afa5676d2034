/** Whether an answer to a fetch with `redirect: 'manual'` is a redirect. Pages see no more of one; other engines, such as Node's, see its status. */
export function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || [301, 302, 303, 307, 308].includes(status);
}

/** What its documentation calls for: what a message gives away, and nothing for messages that have nothing to give. */
export function buffersOf(message: unknown, depth = 0): ArrayBuffer[] | undefined {
  if (message instanceof ArrayBuffer) return [message];
  if (typeof message !== 'object' || message === null || depth > 4) return undefined;
  for (const part of Object.values(message)) {
    const found = buffersOf(part, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

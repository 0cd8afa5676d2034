/**
 * A copy of a value, as it would cross to another page. Throws where it cannot. In a page that has put a lesser function in the place of
 * `structuredClone`, which would lose maps or copy what is to be given away, it answers the value itself.
 */
export function cloneOf<T>(value: T, transfer: readonly Transferable[] = []): T {
  return platform === undefined ? value : platform(value, { transfer: [...transfer] });
}

// As it was when this file was loaded: pages replace it.
const platform = typeof structuredClone === 'function' && isFaithful(structuredClone) ? structuredClone : undefined;

function isFaithful(clone: typeof structuredClone): boolean {
  try {
    const buffer = new ArrayBuffer(1);
    const copy = clone({ buffer, map: new Map([[1, undefined]]) }, { transfer: [buffer] });
    return buffer.byteLength === 0 && copy.buffer.byteLength === 1 && copy.map.has(1);
  } catch {
    return false;
  }
}

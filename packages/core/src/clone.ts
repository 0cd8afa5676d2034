/**
 * A copy of a value, as it would cross to another page. Throws where it cannot. In a page that has put a lesser function in the place of
 * `structuredClone`, which would lose maps or copy what is to be given away, it answers the value itself.
 */
export function cloneOf<T>(value: T, transfer: readonly Transferable[] = []): T {
  isUsable ??= isFaithful();
  return isUsable ? platform(value, { transfer: [...transfer] }) : value;
}

// As it was when this file was loaded: pages replace it.
const platform = globalThis.structuredClone;
// Found out when it is first needed: most pages never clone anything.
let isUsable: boolean | undefined;

function isFaithful(): boolean {
  try {
    const buffer = new ArrayBuffer(1);
    const copy = platform({ buffer, map: new Map([[1, undefined]]) }, { transfer: [buffer] });
    return buffer.byteLength === 0 && copy.buffer.byteLength === 1 && copy.map.has(1);
  } catch {
    return false; // also where there is none
  }
}

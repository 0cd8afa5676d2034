/** An origin that can be told from others also where it is opaque and serialises as `null` (HTML Standard, the Origin interface). */
export interface OriginMark {
  isSameOrigin(other: OriginMark): boolean;
}

/**
 * The origin of who sent a message, where the browser has such things: each opaque one belongs to one document only, so that what a
 * document was told does not let another pass for it. `undefined` elsewhere.
 */
export function markOf(event: MessageEvent): OriginMark | undefined {
  const origins: unknown = Reflect.get(globalThis, 'Origin');
  if (event.origin !== 'null' || !hasFrom(origins)) return undefined;
  try {
    return origins.from(event);
  } catch {
    return undefined;
  }
}

/** Whether two messages may be of one document. True where the browser does not show it. */
export function isSameDocument(one: OriginMark | undefined, other: OriginMark | undefined): boolean {
  return one === undefined || other === undefined || one.isSameOrigin(other);
}

function hasFrom(origins: unknown): origins is { from(event: MessageEvent): OriginMark } {
  return typeof origins === 'function' && 'from' in origins && typeof origins.from === 'function';
}

import type * as Loaded from './loaded.ts';

let loaded: typeof Loaded | undefined;

/** What packs, unpacks and explains values, once {@link loadLive} is done. */
export function livePart(): typeof Loaded | undefined {
  return loaded;
}

/** Loads what is needed by values that do not cross as they are: who has none of them does not pay for it. */
export async function loadLive(): Promise<void> {
  loaded = await import('./loaded.ts');
}

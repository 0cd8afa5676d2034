/** The address that the server wrote into the page. */
export function urlOf(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="quake-desk:${name}"]`)?.content ?? '';
}

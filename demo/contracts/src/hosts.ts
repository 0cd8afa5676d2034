/** The exact origins that may embed this page, as the server has written them into it. */
export const hosts: readonly string[] =
  document.querySelector<HTMLMetaElement>('meta[name="quake-desk:hosts"]')?.content.split(' ') ?? [];

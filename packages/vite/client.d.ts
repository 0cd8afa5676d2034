/// <reference types="vite/client" />

declare module 'virtual:muntin/origins' {
  /**
   * The names of the guests, where they are known: an application adds its own by
   * `declare module 'virtual:muntin/origins' { interface GuestNames { ticker: string } }` in a `.d.ts` file.
   */
  export interface GuestNames {}
  /** The exact origin of the host's page: what a guest gives `expose` as one of its `hosts`. */
  export const host: string;
  /** The exact origin of each guest, by its name. */
  export const guests: Readonly<keyof GuestNames extends never ? Record<string, string> : GuestNames>;
}

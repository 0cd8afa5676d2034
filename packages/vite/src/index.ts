export type { GuestSite, Https, MuntinOptions } from './options.ts';
export { muntin, muntinGuest } from './plugins.ts';

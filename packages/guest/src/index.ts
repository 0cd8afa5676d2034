export { type ExposeOptions, expose } from './expose.ts';
export type { CommonOptions, GuestState, Shell, StandIn } from './shell.ts';

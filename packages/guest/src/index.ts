export { type ExposeOptions, expose, type GuestState, type Shell, type StandIn } from './expose.ts';

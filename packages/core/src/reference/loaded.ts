// What is loaded when a value first needs it; see `live.ts`.
export { walk } from '../link/walk.ts';
export { openExchange, ParcelSender } from './parcels.ts';

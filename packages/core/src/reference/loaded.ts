// What is loaded when a value first needs it; see `live.ts`.
export { openExchange, ParcelSender } from './parcels.ts';

// What is loaded when a value first needs it; see `live.ts`.
export { Exchange } from './exchange.ts';
export { ParcelSender } from './parcels.ts';

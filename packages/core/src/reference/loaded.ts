// What is loaded when a value first needs it; see `live.ts`.
export { refusal } from '../codec/uncloneable.ts';
export { Exchange } from './exchange.ts';

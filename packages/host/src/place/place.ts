export type { Framed } from '../framed.ts';
export { type Moved, type MoveOptions, move, reload } from './move.ts';
export { type NearOptions, near, type Prefetched, prefetch } from './near.ts';
export { isParked, type KeepAlive, type KeepAliveOptions, keepAlive, park, resume } from './park.ts';

import { inspect, invalidOption, type MuntinError } from '../errors.ts';
import type { LaneLink } from '../reference/lanes.ts';
import * as grammar from './grammar.ts';
import { thrown, type WireValue } from './grammar.ts';
import type { LaneOptions } from './rules.ts';

/** Hands a message to Comlink. */
export type Deliver = (message: object, ports: readonly MessagePort[]) => void;

/** A lane over which this side calls: the answers it waits for. This side decides who calls and who serves, never a message. */
export interface CallLane {
  readonly path: string;
  readonly pending: Map<string, Pending>;
  /** Why nothing can be called over it any more. */
  ended: MuntinError | undefined;
  readonly close: () => void;
}

/** One of Comlink's proxies, which calls over a lane. */
export interface LaneCaller {
  readonly lane: CallLane;
  readonly options: LaneOptions;
  readonly deliver: Deliver;
}

/** A request of ours without an answer. */
export interface Pending {
  readonly type: grammar.RequestType;
  readonly caller: LaneCaller;
}

/** A lane over which this side is called. */
export interface ServeLane {
  readonly path: string;
  /** For what is called over it. */
  readonly options: LaneOptions;
  /** For the proxies that it answers with. */
  readonly inner: LaneOptions;
  readonly deliver: Deliver;
  /** By the ids under which Comlink knows them. */
  readonly running: Map<string, Running>;
  /** The peer gives the lane back: done when all that runs has ended. */
  release: Running | undefined;
  isReleasing: boolean;
  readonly close: () => void;
}

/** A request that Comlink is working on: the id that its sender gave it, and the session that it came by. */
export interface Running {
  readonly id: string;
  readonly link: LaneLink | undefined;
}

/** Why a message with ports of the application is refused. */
export const noPorts = 'A MessagePort cannot cross a lane: pass it to a procedure, with transfer()';

/** Tells Comlink the answer to a request of its own. */
export function settle(
  { deliver }: LaneCaller,
  id: string,
  value: WireValue,
  ports: readonly MessagePort[] = [],
): void {
  try {
    deliver(grammar.writeAnswer(id, value), ports);
  } catch {
    deliver(grammar.writeAnswer(id, thrown('the answer cannot be read')), []);
  }
}

/** Whether a lane has a name, and so was opened by the application. The others stand for proxies. */
export function isTop(path: string): boolean {
  return !path.includes('/');
}

/** The name of the lane that a proxy was passed over. */
export function topOf(path: string): string {
  const end = path.indexOf('/');
  return end < 0 ? path : path.slice(0, end);
}

/** Throws INVALID_OPTION for what is no name. */
export function checkName(name: unknown): void {
  if (typeof name !== 'string' || !/^[^/]{1,200}$/.test(name))
    throw invalidOption(`the lane's name is ${inspect(name)}: give a string of up to 200 characters without "/"`);
}

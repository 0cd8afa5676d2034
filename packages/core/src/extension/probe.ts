import { inspect, invalidOption, type MuntinError } from '../errors.ts';
import { hasMethod } from '../stream/kinds.ts';
import type { Endpoint, Extensible, Use } from './endpoint.ts';
import { Prober } from './prober.ts';

/**
 * What a message is: `call` and `subscribe` ask, `result`, `failure`, `values` and `complete` answer, `credit` lets a stream go on, `cancel`
 * ends either; `release` and `abort` are about what was passed by reference, `lane` is a message of a lane, `note` is what an extension says
 * without an answer, such as the context. The others are of the session: `welcome`, `ready`, `refuse`, `unread`, `goodbye`.
 */
export type ProbedKind =
  | 'call'
  | 'subscribe'
  | 'result'
  | 'failure'
  | 'values'
  | 'complete'
  | 'credit'
  | 'cancel'
  | 'release'
  | 'abort'
  | 'lane'
  | 'note'
  | 'welcome'
  | 'refuse'
  | 'ready'
  | 'unread'
  | 'goodbye';

/** One message, as it was sent, or as it came and before anything is done with it. */
export interface ProbedMessage {
  /** Tells messages from changes of state. */
  readonly type: 'message';
  /** As this side sees it. */
  readonly direction: 'sent' | 'received';
  /** What it says. */
  readonly kind: ProbedKind;
  /**
   * Which procedure it belongs to, as in `chart.zoom`, or `+acme/toast/show` of an extension; `a reference` for what was passed by
   * reference; of a note its extension, as in `+muntin/context`; of a lane its name. `undefined` where it belongs to none, and for an answer to
   * what was asked before the probe was there.
   */
  readonly path: string | undefined;
  /** What joins a call with its answer within one session. */
  readonly id: number | undefined;
  /** About how many bytes it keeps in memory: 8 for each value and 2 for each character of a string; each object once. */
  readonly bytes: number;
  /** How many values a stream may go on for: of `subscribe` the first window, of `credit` what is added. */
  readonly credit: number | undefined;
  /** Of `values`: how many there are in the message. */
  readonly count: number | undefined;
  /** Of `failure`: its code; of `goodbye`: the reason. */
  readonly code: string | undefined;
  /**
   * The input of a call, its result, the values of a stream as an array, the message of a failure: as they travel, before a schema or a
   * codec has read them. `undefined` for everything else, for references and lanes, and where it is secret.
   */
  readonly value: unknown;
  /** Whether the contract marks the value with `secret()`. */
  readonly isSecret: boolean;
  /** When, in milliseconds of `performance.now()`. */
  readonly time: number;
}

/** The mount, or the guest, is in another state. */
export interface ProbedState {
  /** Tells changes of state from messages. */
  readonly type: 'state';
  /** As in `state.name` of the mount or of what `expose` returned. */
  readonly name: string;
  /** Why, where it has failed or is over. */
  readonly cause: MuntinError | undefined;
  /** When, in milliseconds of `performance.now()`. */
  readonly time: number;
}

/** What a probe is told. */
export type ProbeEvent = ProbedMessage | ProbedState;

/** Told of each event at once. What it throws is reported like any uncaught error, and disturbs nobody. */
export type ProbeListener = (event: ProbeEvent) => void;

/**
 * Watches what travels between two sides, message by message, and every change of state: for logs, panels and tests. In `use`, it sees
 * all from the first message on. Given a mount, or what `expose` has returned, it begins there and then, first with the present state,
 * and returns what stops it. Who has no probe pays nothing for it.
 *
 * ```ts
 * const stop = probe(widget, (event) => {
 *   if (event.type === 'message') count(event.path, event.bytes);
 * });
 * ```
 *
 * Throws `INVALID_OPTION` for a listener that is no function, and for what is no mount.
 */
export function probe(listener: ProbeListener): Use;
/** Watches a mount, or what `expose` has returned, from now on; returns what stops it. */
export function probe(owner: Extensible, listener: ProbeListener): () => void;
export function probe(first: Extensible | ProbeListener, second?: ProbeListener): Use | (() => void) {
  if (second !== undefined || typeof first !== 'function') {
    const endpoint: Endpoint | undefined = typeof first === 'object' ? first?.['muntin.endpoint'] : undefined;
    if (endpoint === undefined)
      throw invalidOption(`probe was given ${inspect(first)}: give a mount, or what expose() returned, or a function`);
    return attachTo(endpoint, checked(second));
  }
  const listener = checked(first);
  return Object.freeze({
    'muntin.install': (endpoint: Endpoint) => {
      const begin = addListener(endpoint, listener);
      // The mount is made in this turn, and nothing comes before the next.
      queueMicrotask(begin);
    },
  });
}

function checked(listener: unknown): ProbeListener {
  if (isListener(listener)) return listener;
  throw invalidOption(`the listener of probe is ${inspect(listener)}: give a function`);
}

function isListener(listener: unknown): listener is ProbeListener {
  return typeof listener === 'function';
}

function attachTo(endpoint: Endpoint, listener: ProbeListener): () => void {
  // The same function may be given twice.
  const own: ProbeListener = (event) => listener(event);
  const stopStates = addListener(endpoint, own)();
  return () => {
    stopStates();
    if (!(endpoint.tap instanceof Prober)) return;
    endpoint.tap.listeners.delete(own);
    if (endpoint.tap.listeners.size === 0) endpoint.tap = undefined;
  };
}

/** Returns what begins to tell the states, and returns what stops that. */
function addListener(endpoint: Endpoint, listener: ProbeListener): () => () => void {
  const prober = endpoint.tap instanceof Prober ? endpoint.tap : new Prober(endpoint);
  prober.listeners.add(listener);
  endpoint.tap = prober;
  return () => watchStates(endpoint.owner, listener);
}

function watchStates(owner: unknown, listener: ProbeListener): () => void {
  const states: unknown = typeof owner === 'object' && owner !== null ? Reflect.get(owner, 'state$') : undefined;
  if (!hasMethod(states, 'subscribe')) return () => undefined;
  const subscription: unknown = states.subscribe(({ name, cause }: Pick<ProbedState, 'name' | 'cause'>) =>
    listener({ type: 'state', name, cause, time: performance.now() }),
  );
  return () => {
    if (hasMethod(subscription, 'unsubscribe')) subscription.unsubscribe();
  };
}

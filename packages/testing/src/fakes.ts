import type {
  ContextOf,
  Contract,
  Handler,
  HandlerContext,
  Handlers,
  HostPart,
  Procedure,
  ProcedureKind,
  Procedures,
} from '@muntin/core';
import { checkOptions, inspect, invalidOption, isProcedure, lookUp, type OptionKinds } from '@muntin/core/internal';

type AnyContract = Contract<Procedures, Procedures, unknown>;

/** Handlers of a fake: those that a test needs, nested as the contract nests them. */
export type FakeHandlers<P> = {
  readonly [Name in keyof P]?: P[Name] extends { readonly kind: ProcedureKind }
    ? Handler<P[Name]>
    : FakeHandlers<P[Name]>;
};

/** One call that a fake was asked for. */
export interface FakeCall {
  /** Which procedure, as in `chart.zoom`. */
  readonly path: string;
  readonly input: unknown;
  /** What the handler gets beside the input: who calls, and the signal that fires when the answer is no longer wanted. */
  readonly context: HandlerContext;
}

/** A host that stands in for a real one: give it as `host` of `testMount`. */
export type FakeHost<C extends AnyContract> = HostPart<C> & Recorded;

/** A guest that stands in for a real one: give it as `guest` of `testMount`. */
export type FakeGuest<C extends AnyContract> = { readonly handlers: Handlers<C['guest']> } & Recorded;

interface Recorded {
  /** All calls so far, the first first. Streams are calls, too. */
  readonly calls: readonly FakeCall[];
}

/** What {@link fakeHost} takes: some of the handlers, and the context where the contract has one. */
export type FakeHostOptions<C extends AnyContract> = {
  readonly handlers?: FakeHandlers<C['host']>;
} & (undefined extends ContextOf<C> ? { readonly context?: ContextOf<C> } : { readonly context: ContextOf<C> });

const hostKinds: OptionKinds<{ handlers?: unknown; context?: unknown }> = { handlers: 'object', context: 'any' };
const guestKinds: OptionKinds<{ handlers?: unknown }> = { handlers: 'object' };

/**
 * A host for tests of a guest: it has the handlers that the test gives, and writes down every call. A procedure without a handler rejects,
 * and says so; an event without one is taken.
 *
 * ```ts
 * const host = fakeHost(ticker, { context: { theme: 'dark' } });
 * const { shell } = testMount(ticker, { guest: runTicker, host });
 * // …
 * expect(host.calls[0]).toMatchObject({ path: 'open', input: { path: '/acme' } });
 * ```
 *
 * Throws `INVALID_OPTION` for a handler that serves no procedure.
 */
export function fakeHost<C extends AnyContract>(contract: C, options: FakeHostOptions<C>): FakeHost<C>;
export function fakeHost(
  contract: AnyContract,
  options: { readonly handlers?: unknown; readonly context?: unknown },
): object {
  checkOptions('fakeHost', options, hostKinds);
  const { handlers, context } = options;
  return record('host', contract.host, handlers, { context });
}

/** A guest for tests of a host; as {@link fakeHost}. */
export function fakeGuest<C extends AnyContract>(
  contract: C,
  options?: { readonly handlers?: FakeHandlers<C['guest']> },
): FakeGuest<C>;
export function fakeGuest(contract: AnyContract, options: { readonly handlers?: unknown } = {}): object {
  checkOptions('fakeGuest', options, guestKinds);
  return record('guest', contract.guest, options.handlers, {});
}

function record(side: 'host' | 'guest', procedures: Procedures, given: unknown, more: object): object {
  const calls: FakeCall[] = [];
  const handlers = recordGroup(side, procedures, given, '', calls);
  // Not enumerable: whoever takes options refuses what is none.
  return Object.defineProperty({ ...more, handlers }, 'calls', { value: calls });
}

/** The handlers of one group, found as a mount finds them: by the names of the contract, and called as methods of what holds them. */
function recordGroup(
  side: 'host' | 'guest',
  procedures: Procedures,
  given: unknown,
  prefix: string,
  calls: FakeCall[],
): object {
  checkNames(side, procedures, given, prefix);
  const entries = Object.entries(procedures).flatMap(([name, entry]): readonly [string, unknown][] => {
    const path = prefix + name;
    const handler = lookUp(given, name);
    if (!isProcedure(entry)) return [[name, recordGroup(side, entry, handler, `${path}.`, calls)]];
    if (handler !== undefined && typeof handler !== 'function')
      throw invalidOption(`handlers.${path} is ${inspect(handler)}: give a function`);
    if (handler === undefined && entry.isOptional === true) return [];
    const recorded = (input: unknown, context: HandlerContext): unknown => {
      calls.push({ path, input, context });
      if (handler === undefined) return answerOf(side, path, entry);
      return Reflect.apply(handler, given, [input, context]) as unknown;
    };
    return [[name, recorded]];
  });
  return Object.fromEntries(entries);
}

function checkNames(side: string, procedures: Procedures, group: unknown, prefix: string): void {
  if (typeof group !== 'object' || group === null) return;
  for (const [name, entry] of Object.entries(group)) {
    const path = prefix + name;
    if (Object.hasOwn(procedures, name)) continue;
    if (typeof entry === 'function')
      throw invalidOption(`handlers.${path} serves no procedure of the ${side}: see the contract`);
    checkNames(side, {}, entry, `${path}.`);
  }
}

function answerOf(side: string, path: string, { kind }: Procedure): undefined {
  if (kind === 'event') return undefined;
  throw new Error(`the fake ${side} has no handler for "${path}": give it one in handlers`);
}

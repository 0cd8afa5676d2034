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
import { checkOptions, inspect, invalidOption, listProcedures, type OptionKinds } from '@muntin/core/internal';

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
  const known = listProcedures(procedures);
  for (const path of pathsIn(given))
    if (!known.has(path)) throw invalidOption(`handlers.${path} serves no procedure of the ${side}: see the contract`);
  const handlers: Record<string, unknown> = {};
  for (const [path, procedure] of known) {
    const handler = find(given, path);
    if (handler !== undefined && typeof handler !== 'function')
      throw invalidOption(`handlers.${path} is ${inspect(handler)}: give a function`);
    if (handler === undefined && procedure.isOptional === true) continue;
    place(handlers, path, (input: unknown, context: HandlerContext): unknown => {
      calls.push({ path, input, context });
      if (handler === undefined) return answerOf(side, path, procedure);
      return Reflect.apply(handler, given, [input, context]) as unknown;
    });
  }
  // Not enumerable: whoever takes options refuses what is none.
  return Object.defineProperty({ ...more, handlers }, 'calls', { value: calls });
}

function answerOf(side: string, path: string, { kind }: Procedure): undefined {
  if (kind === 'event') return undefined;
  throw new Error(`the fake ${side} has no handler for "${path}": give it one in handlers`);
}

/** The paths of all functions in a group of handlers. */
function pathsIn(group: unknown, prefix = ''): readonly string[] {
  if (typeof group !== 'object' || group === null) return [];
  return Object.entries(group).flatMap(([name, entry]: readonly [string, unknown]) =>
    typeof entry === 'function' ? [prefix + name] : pathsIn(entry, `${prefix}${name}.`),
  );
}

function find(group: unknown, path: string): unknown {
  let found = group;
  for (const name of path.split('.'))
    found = typeof found === 'object' && found !== null ? (Reflect.get(found, name) as unknown) : undefined;
  return found;
}

function place(group: Record<string, unknown>, path: string, handler: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let at = group;
  for (const name of names) {
    const inner: Record<string, unknown> = {};
    const known = at[name];
    if (isGroup(known)) at = known;
    else {
      at[name] = inner;
      at = inner;
    }
  }
  at[last] = handler;
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { StreamRuntime } from '../stream/runtime.ts';
import { checkContract, checkProcedure } from './check.ts';
import type { Contract, DeclaredErrors, Procedure, ProcedureKind, Procedures, Schema, StreamOptions } from './types.ts';

export type In<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferInput<S> : void;
export type Out<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : void;
export type NoErrors = Readonly<Record<never, never>>;

// Each of the three has an overload without type parameters: inside a contract, `query()` would infer `unknown` from its place.

/** What a procedure may say about itself. */
export interface ProcedureFacts {
  /** How long a call of it may take where the caller says nothing, in milliseconds, or `Infinity`. @defaultValue 10_000 */
  readonly timeoutMs?: number;
  /** What it does, in a sentence: for documentation and tools. @defaultValue none */
  readonly describe?: string;
}

/** Facts without schemas: the types of the procedure are given as type arguments. */
export interface FactsOnly extends ProcedureFacts {
  readonly input?: undefined;
  readonly output?: undefined;
  readonly errors?: undefined;
}

/** What a procedure may be given: schemas run on the receiving side, `errors` maps codes to the schema of their data. */
export interface ProcedureOptions<
  Input extends Schema | undefined,
  Output extends Schema | undefined,
  Errors extends DeclaredErrors,
> extends ProcedureFacts {
  /** Runs where the procedure is served. @defaultValue none: the procedure takes no input */
  readonly input?: Input;
  /** Runs where the answer is used; for an observable on every value. @defaultValue none: the procedure answers nothing */
  readonly output?: Output;
  /** The errors its handler may answer with; the codes of Muntin itself are taken. @defaultValue none */
  readonly errors?: Errors;
}

export type Made<Kind extends ProcedureKind, I, O, E extends DeclaredErrors> = Procedure<
  Kind,
  In<I>,
  Out<I>,
  In<O>,
  Out<O>,
  E
>;

/**
 * A call without side effects. It may be sent again when the guest has reloaded before it answered.
 *
 * `query<Input, Output>()` with types alone, or `query({ input, output, errors })` with schemas.
 */
export function query(): Procedure<'query', void, void, void, void, NoErrors>;
/** A query with types alone: nothing is checked when it arrives. */
export function query<Input = void, Output = void>(
  facts?: FactsOnly,
): Procedure<'query', Input, Input, Output, Output, NoErrors>;
/** A query with schemas, which check what arrives on either side, and with the errors that it may answer with. */
export function query<
  Input extends Schema | undefined = undefined,
  Output extends Schema | undefined = undefined,
  Errors extends DeclaredErrors = NoErrors,
>(options: ProcedureOptions<Input, Output, Errors>): Made<'query', Input, Output, Errors>;
export function query(options?: object): object {
  return procedure('query', options);
}

/**
 * A call with side effects. It is never sent twice; when the session ends before its answer, it rejects with `LINK_CLOSED` and
 * says by `mayHaveRun` whether it had been sent.
 *
 * `mutation<Input, Output>()` with types alone, or `mutation({ input, output, errors })` with schemas.
 */
export function mutation(): Procedure<'mutation', void, void, void, void, NoErrors>;
/** A mutation with types alone: nothing is checked when it arrives. */
export function mutation<Input = void, Output = void>(
  facts?: FactsOnly,
): Procedure<'mutation', Input, Input, Output, Output, NoErrors>;
/** A mutation with schemas, which check what arrives on either side, and with the errors that it may answer with. */
export function mutation<
  Input extends Schema | undefined = undefined,
  Output extends Schema | undefined = undefined,
  Errors extends DeclaredErrors = NoErrors,
>(options: ProcedureOptions<Input, Output, Errors>): Made<'mutation', Input, Output, Errors>;
export function mutation(options?: object): object {
  return procedure('mutation', options);
}

/**
 * A call without an answer: its function returns nothing, and the handler's outcome stays on its side. Events arrive at most once, in the
 * order in which they were sent; one that finds no session in time, or no place, is gone without a word.
 *
 * `event<Input>()` with a type alone, or `event({ input })` with a schema.
 */
export function event(): Procedure<'event', void, void, void, void, NoErrors>;
/** An event with a type alone: nothing is checked when it arrives. */
export function event<Input = void>(facts?: FactsOnly): Procedure<'event', Input, Input, void, void, NoErrors>;
/** An event with a schema, which checks what arrives. */
export function event<Input extends Schema | undefined = undefined>(
  options: ProcedureFacts & { readonly input?: Input },
): Made<'event', Input, undefined, NoErrors>;
export function event(options?: object): object {
  return procedure('event', options);
}

/**
 * A procedure that a side may leave out: its handler may be missing, and the other side asks with `supports`. A call of it, where it is
 * not served, rejects with `PROCEDURE_NOT_FOUND`.
 */
export function optional<P extends Procedure>(of: P): P & { readonly isOptional: true } {
  return Object.freeze({ ...of, isOptional: true });
}

/** A schema that trusts the compiler: it has the type and checks nothing when the program runs. */
export function type<T>(): Schema<T> {
  return unchecked as Schema<T>; // a phantom type: `unchecked` lets every value pass as it is
}

/** What {@link type} returns; whoever validates may skip it. */
export const unchecked: Schema = {
  '~standard': { version: 1, vendor: 'muntin', validate: (value) => ({ value }) },
};

export type AnyProcedureOptions = ProcedureOptions<Schema, Schema, DeclaredErrors>;

/** Makes a procedure, and freezes it. */
export function procedure(
  kind: ProcedureKind,
  options: Partial<AnyProcedureOptions & StreamOptions> = {},
  runtime?: StreamRuntime,
): { readonly stream: StreamOptions } {
  checkProcedure(kind, options);
  const { input, output, errors = {}, timeoutMs, describe, ...stream } = options;
  return Object.freeze({ kind, input, output, errors, stream, runtime, timeoutMs, describe });
}

/** What no contract declares: a call of any values. */
export const anyCall: Procedure = { kind: 'query', input: undefined, output: undefined, errors: {}, stream: {} };

/** What {@link contract} takes. */
export interface ContractOptions<Guest extends Procedures, Host extends Procedures, Context> {
  /** Who wrote it and what it is, as in `acme/ticker`, up to 256 characters. */
  readonly name: string;
  /** A semantic version, `major.minor.patch`. */
  readonly version: string;
  /** What the guest serves. @defaultValue nothing */
  readonly guest?: Guest;
  /** What the host serves. @defaultValue nothing */
  readonly host?: Host;
  /** The live values the host gives every guest, as in `type<{ theme: 'light' | 'dark' }>()`. @defaultValue none */
  readonly context?: Schema<Context>;
}

/**
 * Defines a contract: a value that host and guest both import. Throws `INVALID_OPTION` for a name, version or procedure that is not
 * one, for two procedures of the same path, and for the names `then` and `toJSON`, which would be called in passing: where one develops,
 * and in Node. A production build for browsers does not look again.
 */
export function contract<
  const Guest extends Procedures = NoErrors,
  const Host extends Procedures = NoErrors,
  Context = undefined,
>(options: ContractOptions<Guest, Host, Context>): Contract<Guest, Host, Context>;
export function contract(options: ContractOptions<Procedures, Procedures, unknown>): Contract {
  checkContract(options);
  const { name, version, guest = {}, host = {}, context } = options;
  return Object.freeze({ name, version, guest, host, context });
}

/** Whether an entry of a contract is a procedure and not a group of them. */
export function isProcedure(entry: Procedure | Procedures): entry is Procedure {
  return typeof entry.kind === 'string';
}

import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { MuntinError } from '../errors.ts';
import type { RemoteStream } from '../stream/consumer.ts';
import type { StreamRuntime } from '../stream/runtime.ts';
import type { StreamSource } from '../stream/source.ts';

/** Any Standard Schema (valibot, zod, arktype, …), or {@link type} where the compiler's word is enough. */
export type Schema<In = unknown, Out = In> = StandardSchemaV1<In, Out>;

/** `query`: no side effects, may be sent again after a reload. `mutation`: never sent twice. `observable`: answers with many values. `event`: answers nothing. */
export type ProcedureKind = 'query' | 'mutation' | 'observable' | 'event';

/** The errors that a procedure declares: code to schema of the error's data. */
export type DeclaredErrors = { readonly [code: string]: Schema };

/** What an `observable` says about its stream. */
export interface StreamOptions<In = unknown, Out = unknown, Next = never> {
  /**
   * What the producer does with values that a source pushes while the consumer has no credit left. Sources that are pulled
   * (iterables, readable streams) simply wait.
   * - `buffer`: keeps up to `buffer` of them; the next one ends the stream with `STREAM_OVERFLOW`.
   * - `latest`: keeps the newest `buffer` and forgets older ones.
   * - `drop`: keeps the oldest `buffer` and forgets newer ones.
   * @defaultValue 'buffer'
   */
  readonly overflow?: 'buffer' | 'latest' | 'drop';
  /** How many values to keep. @defaultValue for `buffer` as many as `limits.producerBytes` has room for; 1 for `latest` and `drop` */
  readonly buffer?: number;
  /**
   * Subscribe again when the guest has reloaded, instead of failing with `LINK_CLOSED`: with the same input, or with the one that a
   * function makes of it and the last value that came, as in `({ topic }, { id }) => ({ topic, after: id })`. Behind such a cursor no
   * value is lost and none comes twice. With an asynchronous schema a stream with a cursor fails like any other.
   * @defaultValue false
   */
  readonly resumable?: boolean | ((input: In, last: Out) => Next);
}

/**
 * One entry of a contract. Made by `query`, `mutation` and `observable`.
 *
 * A schema may change a value, so each value has two types: what its sender passes and what its receiver gets.
 */
export interface Procedure<
  Kind extends ProcedureKind = ProcedureKind,
  CallerInput = unknown,
  HandlerInput = unknown,
  HandlerOutput = unknown,
  CallerOutput = unknown,
  Errors extends DeclaredErrors = DeclaredErrors,
> {
  readonly kind: Kind;
  readonly input: Schema<CallerInput, HandlerInput> | undefined;
  readonly output: Schema<HandlerOutput, CallerOutput> | undefined;
  readonly errors: Errors;
  readonly stream: StreamOptions;
  /** Of an observable: what runs it, on either side. */
  readonly runtime?: StreamRuntime | undefined;
  /** How long a call of it may take where the caller says nothing, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** What it does, in a sentence. */
  readonly describe?: string | undefined;
  /** Whether the side that serves it may leave it out. */
  readonly isOptional?: boolean | undefined;
}

/** Procedures by name; they nest. */
export interface Procedures {
  readonly [name: string]: Procedure | Procedures;
}

/** What both sides agree on: the one source of names, kinds, types and schemas. Made by {@link contract}. */
export interface Contract<
  Guest extends Procedures = Procedures,
  Host extends Procedures = Procedures,
  Context = unknown,
> {
  /** Who wrote it and what it is, as in `acme/ticker`. Both sides must have the same. */
  readonly name: string;
  /** A semantic version, `major.minor.patch`. Sides with the same major version fit; below 1.0.0, with the same minor. */
  readonly version: string;
  /** What the guest serves. */
  readonly guest: Guest;
  /** What the host serves. */
  readonly host: Host;
  /** The live values that the host gives the guest, or `undefined`. */
  readonly context: Schema<Context> | undefined;
}

/** Options of one call. */
export interface CallOptions {
  /** Cancels the call: it rejects with `CALL_CANCELLED`, and the handler's own signal fires. */
  readonly signal?: AbortSignal;
  /**
   * How long the call may wait for its answer, in milliseconds, from 1 to 2^31 - 1, or `Infinity`. Then it rejects with
   * `CALL_TIMED_OUT`, the handler's signal fires, and a late answer is dropped. Time in which this page could not run, such as while it was
   * frozen, does not count. Of an observable it limits the wait until the subscription has been sent, not the time between values.
   * @defaultValue 10_000
   */
  readonly timeoutMs?: number;
}

/** Options of one subscription. */
export interface SubscribeOptions extends CallOptions {
  /**
   * How many values the producer may be ahead of what was taken, from 1 to 65_536.
   * @defaultValue what the consumer takes in 25 ms, but no fewer than 1_024 and no more than 16_384
   */
  readonly window?: number;
}

type AnyProcedure = { readonly kind: ProcedureKind; readonly stream: StreamOptions };

/** What the caller of a procedure passes. */
export type InputOf<P> =
  P extends Procedure<ProcedureKind, infer In, infer _I, infer _O, infer _C, infer _E> ? In : never;
/** What the caller of a procedure gets: the answer, or each value of an observable. */
export type OutputOf<P> =
  P extends Procedure<ProcedureKind, infer _In, infer _I, infer _O, infer Out, infer _E> ? Out : never;
/** The errors that a procedure declares, as its caller catches them: a union that narrows on `code`. */
export type ErrorOf<P> = P extends { readonly errors: infer Errors extends DeclaredErrors }
  ? { [Code in keyof Errors & string]: MuntinError<Code, StandardSchemaV1.InferOutput<Errors[Code]>> }[keyof Errors &
      string]
  : never;

type Call<P, Options, Result> =
  InputOf<P> extends infer In
    ? undefined extends In
      ? (input?: In, options?: Options) => Result
      : (input: In, options?: Options) => Result
    : never;

/** The function that calls one procedure. */
export type ClientFunction<P> = P extends { readonly kind: 'observable' }
  ? Call<P, SubscribeOptions, RemoteStream<OutputOf<P>>>
  : P extends { readonly kind: 'event' }
    ? Call<P, undefined, void>
    : Call<P, CallOptions, Promise<OutputOf<P>>>;

/** What an application calls: one function per procedure of the other side, nested as the contract nests them. */
export type Client<P> = {
  readonly [Name in keyof P]: P[Name] extends AnyProcedure ? ClientFunction<P[Name]> : Client<P[Name]>;
};

/** What a handler gets beside its input. */
export interface HandlerContext {
  /**
   * Fires when the caller cancels or gives up, and when the session ends: the answer is no longer wanted. It is made when it is read, and
   * a spread copy of the context does not have it.
   */
  readonly signal: AbortSignal;
  /** Who calls. */
  readonly peer: Peer;
}

/** The other side of a session. */
export interface Peer {
  /** The pinned origin, as the browser reported it; `null` for an opaque guest. */
  readonly origin: string;
  /** The id of the session, unguessable and new on every connection. */
  readonly session: string;
}

/** A procedure with the function that serves it. Its index among the served is its name on the wire. */
export interface Served {
  readonly path: string;
  readonly procedure: Procedure;
  readonly handler: (input: unknown, context: HandlerContext) => unknown;
  /**
   * Of the mark of an extension, which answers past all hooks: takes what the peer notes, which is one way, in order, and has no answer; reading
   * it throws where it is over a limit. `null`: nothing, and a note ends the session.
   */
  readonly take?: ((read: () => unknown) => void) | null;
}

/** The function that serves one procedure. */
export type Handler<P, Added = unknown> =
  P extends Procedure<infer Kind, infer _CI, infer In, infer Out, infer _CO, infer _E>
    ? Kind extends 'observable'
      ? (input: In, context: HandlerContext & Added) => StreamSource<Out>
      : (input: In, context: HandlerContext & Added) => Out | Promise<Out>
    : never;

/** What an application serves: one function per procedure of its side, nested as the contract nests them. */
export type Handlers<P, Added = unknown> = {
  readonly [Name in keyof P as P[Name] extends Left ? never : Name]: HandlerAt<P[Name], Added>;
} & {
  readonly [Name in keyof P as P[Name] extends Left ? Name : never]?: HandlerAt<P[Name], Added>;
};

type Left = { readonly isOptional: true };
type HandlerAt<P, Added> = P extends AnyProcedure ? Handler<P, Added> : Handlers<P, Added>;

/** Context of a contract; `undefined` where it has none. */
export type ContextOf<C> = C extends Contract<infer _G, infer _H, infer Context> ? Context : never;

type Sides = { readonly guest: Procedures; readonly host: Procedures };

/** What a contract asks of the host: its handlers and its context, each only where there is one. */
export type HostPart<C extends Sides, Added = unknown> = Serve<C['host'], Added> &
  (undefined extends ContextOf<C>
    ? { readonly context?: ContextOf<C> }
    : {
        /** The first values of the live context that the guest gets. */
        readonly context: ContextOf<C>;
      });

/** What a contract asks of the guest: its handlers, where there are any. */
export type GuestPart<C extends Sides, Added = unknown> = Serve<C['guest'], Added>;

type Serve<P extends Procedures, Added> = keyof P extends never
  ? { readonly handlers?: Handlers<P> }
  : {
      /** One function for each procedure that the contract says this side serves. */
      readonly handlers: Handlers<P, Added>;
    };

import { wrongWord } from '../option-values.ts';
import { streamRuntime } from '../stream/runtime.ts';
import {
  type FactsOnly,
  type In,
  type Made,
  type NoErrors,
  type Out,
  type ProcedureOptions,
  procedure,
} from './define.ts';
import type { DeclaredErrors, Procedure, Schema, StreamOptions } from './types.ts';

const overflows: readonly string[] = ['buffer', 'latest', 'drop'];

// In a file of its own: bundlers assign files to chunks, and this one brings the streams, and RxJS.

/**
 * A procedure that answers with many values. Its handler returns an Observable, AsyncIterable, Iterable, Promise or
 * ReadableStream; its caller gets an RxJS Observable that is also an AsyncIterable, cold: one subscription, one run of the handler.
 *
 * `observable<Input, Value>()` with types alone, or `observable({ input, output, errors })` with schemas; both with
 * {@link StreamOptions}.
 */
export function observable(
  options?: StreamOptions & FactsOnly,
): Procedure<'observable', void, void, void, void, NoErrors>;
/** An observable with types alone: nothing is checked when it arrives. */
export function observable<Input = void, Value = void>(
  options?: StreamOptions<Input, Value, Input> & FactsOnly,
): Procedure<'observable', Input, Input, Value, Value, NoErrors>;
/** An observable with schemas, which check the input and each value, and with the errors that it may end with. */
export function observable<
  Input extends Schema | undefined = undefined,
  Output extends Schema | undefined = undefined,
  Errors extends DeclaredErrors = NoErrors,
>(
  options: ProcedureOptions<Input, Output, Errors> & StreamOptions<In<Input>, Out<Output>, In<Input>>,
): Made<'observable', Input, Output, Errors>;
export function observable(options?: object): object {
  const made = procedure('observable', options, streamRuntime);
  const { overflow } = made.stream;
  // Also in production: it would act as another policy.
  if (overflow !== undefined && !overflows.includes(overflow)) throw wrongWord('overflow', overflow, overflows);
  return made;
}

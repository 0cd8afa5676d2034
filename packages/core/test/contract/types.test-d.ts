import * as v from 'valibot';
import { expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import {
  type CallOptions,
  type Client,
  type ContextOf,
  contract,
  type ErrorOf,
  type HandlerContext,
  type Handlers,
  type InputOf,
  isErrorOf,
  type MuntinError,
  mutation,
  type OutputOf,
  observable,
  query,
  type RemoteStream,
  type StreamSource,
  type SubscribeOptions,
  type,
} from '../../src/index.ts';

const shop = contract({
  name: 'test/shop',
  version: '1.0.0',
  guest: {
    typed: query<{ sku: string }, number>(),
    nothing: mutation(),
    optional: query<string | undefined, void>(),
    valibot: query({ input: v.object({ sku: v.string() }), output: v.number() }),
    zod: query({ input: z.object({ sku: z.string() }), output: z.number() }),
    changed: query({ input: v.pipe(v.string(), v.transform(Number)), output: v.pipe(v.number(), v.transform(String)) }),
    defaulted: query({ input: z.object({ size: z.number().default(1) }), output: type<void>() }),
    order: mutation({
      input: type<number>(),
      output: type<string>(),
      errors: { outOfStock: v.object({ left: v.number() }), closed: type<Date>() },
    }),
    prices: observable<string[], number>(),
    ticks: observable({ output: v.number(), overflow: 'latest' }),
    price: { quote: query<{ sku: string }, number>(), deep: { er: query<void, 'x'>() } },
  },
  host: { select: observable<void, string>() },
  context: type<{ theme: 'light' | 'dark' }>(),
});

declare const client: Client<typeof shop.guest>;
type Serve = Handlers<typeof shop.guest>;

test('a client asks for the input of its procedure and answers with its output', () => {
  expectTypeOf(client.typed).parameters.toEqualTypeOf<[input: { sku: string }, options?: CallOptions | undefined]>();
  expectTypeOf(client.typed).returns.toEqualTypeOf<Promise<number>>();
  expectTypeOf(client.price.quote).parameter(0).toEqualTypeOf<{ sku: string }>();
  expectTypeOf(client.price.deep.er()).toEqualTypeOf<Promise<'x'>>();
  // @ts-expect-error -- sku is a string
  void (() => client.typed({ sku: 1 }));
  // @ts-expect-error -- the input is required
  void (() => client.typed());
  // @ts-expect-error -- there is no such procedure
  void client.price.other;
  // @ts-expect-error -- a group is not called
  void (() => client.price());
  // @ts-expect-error -- options are known
  void (() => client.typed({ sku: 'a' }, { timeout: 5 }));
});

test('a void or optional input may be left out', () => {
  expectTypeOf(client.nothing).toBeCallableWith();
  expectTypeOf(client.nothing).toBeCallableWith(undefined, { timeoutMs: 5 });
  expectTypeOf(client.optional).toBeCallableWith();
  expectTypeOf(client.optional).toBeCallableWith('x');
  expectTypeOf(client.nothing()).toEqualTypeOf<Promise<void>>();
  // @ts-expect-error -- it takes nothing
  void (() => client.nothing(5));
});

test('schemas of valibot and zod give the same types', () => {
  expectTypeOf(client.valibot).toEqualTypeOf<typeof client.zod>();
  expectTypeOf(client.valibot).toEqualTypeOf<typeof client.typed>();
  // @ts-expect-error -- sku is a string
  void (() => client.valibot({ sku: 1 }));
  // @ts-expect-error -- sku is a string
  void (() => client.zod({ sku: 1 }));
});

test('a schema that changes a value has two types: one for each side', () => {
  expectTypeOf(client.changed).parameter(0).toEqualTypeOf<string>();
  expectTypeOf(client.changed).returns.toEqualTypeOf<Promise<string>>();
  expectTypeOf<Serve['changed']>().toEqualTypeOf<
    (input: number, context: HandlerContext) => number | Promise<number>
  >();
  expectTypeOf(client.defaulted).parameter(0).toEqualTypeOf<{ size?: number | undefined }>();
  expectTypeOf<Parameters<Serve['defaulted']>[0]>().toEqualTypeOf<{ size: number }>();
  expectTypeOf<InputOf<typeof shop.guest.changed>>().toEqualTypeOf<string>();
  expectTypeOf<OutputOf<typeof shop.guest.changed>>().toEqualTypeOf<string>();
});

test('an observable is a stream for its caller and any source for its handler', () => {
  expectTypeOf(client.prices).parameters.toEqualTypeOf<[input: string[], options?: SubscribeOptions | undefined]>();
  expectTypeOf(client.prices).returns.toEqualTypeOf<RemoteStream<number>>();
  expectTypeOf(client.ticks()).toEqualTypeOf<RemoteStream<number>>();
  expectTypeOf<Serve['prices']>().returns.toEqualTypeOf<StreamSource<number>>();
  expectTypeOf<number[]>().toExtend<StreamSource<number>>();
  expectTypeOf<AsyncGenerator<number>>().toExtend<StreamSource<number>>();
  expectTypeOf<ReadableStream<number>>().toExtend<StreamSource<number>>();
  expectTypeOf<Promise<string>>().not.toExtend<StreamSource<number>>();
  // @ts-expect-error -- a call has no window
  void (() => client.typed({ sku: 'a' }, { window: 5 }));
  // @ts-expect-error -- a stream is not awaited
  void (() => client.prices([]).then);
});

test('handlers are one function per procedure', () => {
  expectTypeOf<keyof Serve>().toEqualTypeOf<keyof typeof shop.guest>();
  expectTypeOf<Serve['price']['deep']['er']>().returns.toEqualTypeOf<'x' | Promise<'x'>>();
  expectTypeOf<Serve['nothing']>().returns.toEqualTypeOf<void | Promise<void>>();
  const part = { quote: () => 1 };
  // @ts-expect-error -- price.deep is missing
  const missing: Serve['price'] = part;
  // @ts-expect-error -- quote answers a number
  const wrong: Serve['price'] = { quote: () => '1', deep: { er: () => 'x' } };
  void [missing, wrong];
});

test('isErrorOf narrows to the declared errors, and these by their code', () => {
  const error: unknown = undefined;
  if (isErrorOf(shop.guest.order, error)) {
    expectTypeOf(error).toEqualTypeOf<ErrorOf<typeof shop.guest.order>>();
    expectTypeOf(error.code).toEqualTypeOf<'outOfStock' | 'closed'>();
    if (error.code === 'outOfStock') expectTypeOf(error.data).toEqualTypeOf<{ left: number }>();
    else expectTypeOf(error.data).toEqualTypeOf<Date>();
    // @ts-expect-error -- no such code is declared
    void (error.code === 'soldOut');
  }
  expectTypeOf<ErrorOf<typeof shop.guest.typed>>().toBeNever();
  expectTypeOf<ErrorOf<typeof shop.guest.order>>().toExtend<MuntinError<string>>();
});

test('the context of a contract is known, and undefined where there is none', () => {
  const none = contract({ name: 'test/none', version: '1.0.0' });
  expectTypeOf<ContextOf<typeof shop>>().toEqualTypeOf<{ theme: 'light' | 'dark' }>();
  expectTypeOf<ContextOf<typeof none>>().toEqualTypeOf<undefined>();
});

test('a cursor makes the next input of the last one and the last value', () => {
  const rows = observable<{ after: number }, { id: number }>({ resumable: (_, { id }) => ({ after: id }) });
  expectTypeOf<InputOf<typeof rows>>().toEqualTypeOf<{ after: number }>();
  observable({ input: v.number(), output: v.string(), resumable: (from: number, last: string) => from + last.length });
  // @ts-expect-error -- not an input
  void (() => observable<{ after: number }, { id: number }>({ resumable: (_, { id }) => ({ since: id }) }));
  // @ts-expect-error -- a stream of texts has no id
  void (() => observable<number, string>({ resumable: (_, { id }) => id }));
});

test('procedures are made of schemas, or of types alone', () => {
  expectTypeOf(query<string, number>()).toEqualTypeOf(query({ input: type<string>(), output: type<number>() }));
  // @ts-expect-error -- no schema
  void (() => query({ input: 5 }));
  // @ts-expect-error -- there is no such policy
  void (() => observable<void, number>({ overflow: 'newest' }));
  // @ts-expect-error -- a query has no stream
  void (() => query({ input: type<void>(), buffer: 5 }));
  // @ts-expect-error -- a contract has a version
  void (() => contract({ name: 'test/none' }));
});

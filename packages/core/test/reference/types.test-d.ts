import type { Observable } from 'rxjs';
import { expectTypeOf, test } from 'vitest';
import type { Client, Handlers } from '../../src/index.ts';
import {
  byReference,
  contract,
  mutation,
  observable,
  query,
  type Remote,
  type RemoteStream,
  shareRemote,
  transfer,
} from '../../src/index.ts';

class Table {
  name = 'rows';
  readonly #secret = 1;
  static create(): Table {
    return new Table();
  }
  get size(): number {
    return this.#secret;
  }
  add(row: string, at?: number): number {
    return row.length + (at ?? 0);
  }
  async load(): Promise<string[]> {
    return [];
  }
}

test('a reference to a function answers with a promise', () => {
  const f = byReference((n: number, unit?: string) => `${n}${unit}`);
  expectTypeOf(f).parameters.toEqualTypeOf<[n: number, unit?: string | undefined]>();
  expectTypeOf(f).returns.toEqualTypeOf<Promise<string>>();
  // @ts-expect-error -- it takes a number
  void f('1');
});

test('a promise is not wrapped twice', () => {
  expectTypeOf(byReference(async () => 1)).returns.toEqualTypeOf<Promise<number>>();
});

test('a reference to an object has its methods and nothing else', () => {
  const table = byReference(new Table());
  expectTypeOf<Exclude<keyof typeof table, typeof Symbol.dispose>>().toEqualTypeOf<'add' | 'load'>();
  expectTypeOf(table.add).returns.toEqualTypeOf<Promise<number>>();
  expectTypeOf(table.load).returns.toEqualTypeOf<Promise<string[]>>();
  // @ts-expect-error -- properties do not cross
  void table.name;
  // @ts-expect-error -- nor do accessors
  void table.size;
  // @ts-expect-error -- nor assignment
  table.add = async () => 1;
  // @ts-expect-error -- nor construction
  new table();
});

test('what the language calls by itself is no method of the other side', () => {
  interface Row {
    readonly read: () => number;
    readonly toJSON: () => string;
    readonly then: (n: number) => number;
  }
  expectTypeOf<Exclude<keyof Remote<Row>, typeof Symbol.dispose>>().toEqualTypeOf<'read'>();
});

test('a reference can be disposed of', () => {
  expectTypeOf<Remote<() => void>>().toExtend<Disposable>();
  expectTypeOf<Remote<Table>>().toExtend<Disposable>();
});

test('a reference is made of functions and objects only', () => {
  // @ts-expect-error -- a number is a copy
  expectTypeOf(byReference).toBeCallableWith(1);
  // @ts-expect-error -- so is a text
  expectTypeOf(byReference).toBeCallableWith('x');
});

const c = contract({
  name: 'test/types',
  version: '1.0.0',
  guest: {
    upload: mutation<
      { rows: AsyncIterable<Uint8Array>; onProgress: Remote<(part: number) => void>; signal: AbortSignal },
      void
    >(),
    watch: query<void, { ticks: Observable<number>; done: Promise<string>; table: Remote<Table> }>(),
    nested: observable<void, Observable<number>>(),
    feed: query<AsyncIterable<number>, number>(),
  },
});
declare const client: Client<typeof c.guest>;
declare const handlers: Handlers<typeof c.guest>;

test('streams, signals and references in values keep their types', () => {
  expectTypeOf(client.watch).returns.resolves.toEqualTypeOf<{
    ticks: Observable<number>;
    done: Promise<string>;
    table: Remote<Table>;
  }>();
  expectTypeOf(client.nested).returns.toEqualTypeOf<RemoteStream<Observable<number>>>();
  expectTypeOf(handlers.upload).parameter(0).toHaveProperty('onProgress').returns.toEqualTypeOf<Promise<void>>();
  void client.upload({
    rows: (async function* () {
      yield new Uint8Array();
    })(),
    onProgress: byReference((part: number) => void part),
    signal: new AbortController().signal,
  });
  // @ts-expect-error -- a function that is not marked cannot cross
  void client.upload({ rows: [], onProgress: (part: number) => void part, signal: new AbortController().signal });
});

test('a remote stream is an Observable and an AsyncIterable, and may be passed on', () => {
  expectTypeOf<RemoteStream<number>>().toExtend<Observable<number>>();
  expectTypeOf<RemoteStream<number>>().toExtend<AsyncIterable<number>>();
  expectTypeOf(client.feed).parameter(0).toEqualTypeOf<AsyncIterable<number>>();
  expectTypeOf(shareRemote(client.nested())).toEqualTypeOf<Observable<Observable<number>>>();
});

test('transfer keeps the type', () => {
  const bytes = new Uint8Array(8);
  expectTypeOf(transfer(bytes, [bytes.buffer])).toEqualTypeOf<typeof bytes>();
  expectTypeOf(transfer({ bytes, n: 1 }, [])).toEqualTypeOf<{ bytes: typeof bytes; n: number }>();
  // @ts-expect-error -- a text has nothing to give up
  transfer('x', []);
});

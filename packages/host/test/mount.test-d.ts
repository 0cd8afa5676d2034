import { type CallOptions, contract, type Live, mutation, type Origin, observable, query, type } from '@muntin/core';
import { from, type Observable } from 'rxjs';
import { expectTypeOf, test } from 'vitest';
import {
  attach,
  type Mount,
  type Mounted,
  type MountState,
  mount,
  mountWorker,
  open,
  type Popup,
  type WorkerMount,
} from '../src/index.ts';

const ticker = contract({
  name: 'test/ticker',
  version: '1.0.0',
  guest: { quote: query<{ symbol: string }, number>(), prices: observable<string[], number>() },
  host: { open: mutation<{ path: string }, void>() },
  context: type<{ theme: 'light' | 'dark'; locale: string }>(),
});
const quiet = contract({ name: 'test/quiet', version: '1.0.0', guest: { ping: query() } });
const optional = contract({ name: 'test/optional', version: '1.0.0', context: type<{ theme: string } | undefined>() });

declare const into: Element;
declare const frame: HTMLIFrameElement;
declare const mounted: Mount<typeof ticker>;
const common = { url: 'https://guest.example', into, title: 'Guest' };
const handlers = { open: ({ path }: { path: string }) => void path };
const context = { theme: 'dark', locale: 'en' } as const;

test('a mount has the guest as a client', () => {
  expectTypeOf(mounted.guest.quote).parameters.toEqualTypeOf<
    [input: { symbol: string }, options?: CallOptions | undefined]
  >();
  expectTypeOf(mounted.guest.quote).returns.toEqualTypeOf<Promise<number>>();
  expectTypeOf(mounted.guest.prices(['A'])).toExtend<Observable<number>>();
  expectTypeOf(mounted.guest.prices(['A'])).toExtend<AsyncIterable<number>>();
  expectTypeOf(mounted.ready).toEqualTypeOf<Promise<void>>();
  expectTypeOf(mounted.state$).toEqualTypeOf<Live<MountState>>();
  expectTypeOf(mounted.state$.value).toEqualTypeOf<MountState>();
  expectTypeOf(from(mounted.state$)).toEqualTypeOf<Observable<MountState>>();
  expectTypeOf(mounted).toExtend<AsyncDisposable>();
  // @ts-expect-error -- the host does not call its own procedures
  void mounted.guest.open;
});

test('title, handlers and context are required where the contract has them', () => {
  expectTypeOf(mount<typeof ticker>).returns.toEqualTypeOf<Mount<typeof ticker>>();
  void [
    () => mount(ticker, { ...common, handlers, context }),
    () => mount(ticker, { ...common, handlers: { open: async () => undefined }, context }),
    () => mount(quiet, common),
    () => mount(optional, common),
    () => mount(optional, { ...common, context: { theme: 'x' } }),
    // @ts-expect-error -- no title
    () => mount(quiet, { url: 'https://guest.example', into }),
    // @ts-expect-error -- no handlers
    () => mount(ticker, { ...common, context }),
    // @ts-expect-error -- open is missing
    () => mount(ticker, { ...common, handlers: {}, context }),
    // @ts-expect-error -- no context
    () => mount(ticker, { ...common, handlers }),
    // @ts-expect-error -- no such theme
    () => mount(ticker, { ...common, handlers, context: { theme: 'blue', locale: 'en' } }),
    // @ts-expect-error -- the locale is missing
    () => mount(ticker, { ...common, handlers, context: { theme: 'dark' } }),
    // @ts-expect-error -- no such limit
    () => mount(quiet, { ...common, limits: { call: 5 } }),
    // @ts-expect-error -- a misspelt option
    () => mount(quiet, { ...common, titel: 'x' }),
    // @ts-expect-error -- into is an element, not a selector
    () => mount(quiet, { ...common, into: '#slot' }),
  ];
});

test('a context is changed by parts', () => {
  expectTypeOf<Parameters<Mount<typeof ticker>['setContext']>[0]>().toEqualTypeOf<
    Partial<{ theme: 'light' | 'dark'; locale: string }>
  >();
  // @ts-expect-error -- no such theme
  void (() => mounted.setContext({ theme: 'blue' }));
});

test('a frame that is there already is attached by its exact origin', () => {
  expectTypeOf(attach<typeof quiet>).returns.toEqualTypeOf<Mount<typeof quiet>>();
  void [
    () => attach(quiet, { frame, origin: 'https://guest.example' }),
    // @ts-expect-error -- the pin is required
    () => attach(quiet, { frame }),
    // @ts-expect-error -- the frame has its title and address
    () => attach(quiet, { frame, origin: 'https://guest.example', url: 'https://guest.example' }),
  ];
});

test('an opaque guest has an address or its text', () => {
  void [
    () => mount(quiet, { ...common, opaque: true }),
    () => mount(quiet, { srcdoc: '<p>text', opaque: true, into, title: 'Guest' }),
    // @ts-expect-error -- text has no origin: say so
    () => mount(quiet, { srcdoc: '<p>text', into, title: 'Guest' }),
    // @ts-expect-error -- no address and no text
    () => mount(quiet, { opaque: true, into, title: 'Guest' }),
    // @ts-expect-error -- a frame that is there already cannot be given the secret
    () => attach(quiet, { frame, origin: 'https://guest.example', opaque: true }),
  ];
  expectTypeOf(mounted.origin).toEqualTypeOf<Origin | 'null'>();
});

test('a popup and a worker are mounts without a frame', () => {
  expectTypeOf(open<typeof ticker>).returns.toEqualTypeOf<Popup<typeof ticker>>();
  expectTypeOf(mountWorker<typeof ticker>).returns.toEqualTypeOf<WorkerMount<typeof ticker>>();
  expectTypeOf<Popup<typeof ticker>>().toExtend<Mounted<typeof ticker>>();
  expectTypeOf<WorkerMount<typeof ticker>>().toExtend<Mounted<typeof ticker>>();
  expectTypeOf<Mount<typeof ticker>>().toExtend<Mounted<typeof ticker>>();
  expectTypeOf<Popup<typeof ticker>['guest']>().toEqualTypeOf<Mount<typeof ticker>['guest']>();
  expectTypeOf<Popup<typeof ticker>['window']>().toEqualTypeOf<Window | null>();
  expectTypeOf<WorkerMount<typeof ticker>['worker']>().toEqualTypeOf<Worker | undefined>();
  void [
    () => open(ticker, { url: 'https://guest.example', handlers, context, features: 'popup,width=480' }),
    () => mountWorker(ticker, { worker: () => new Worker('worker.js'), handlers, context }),
    // @ts-expect-error -- no handlers
    () => open(ticker, { url: 'https://guest.example', context }),
    // @ts-expect-error -- a window is put nowhere
    () => open(quiet, { url: 'https://guest.example', into }),
    // @ts-expect-error -- no context
    () => mountWorker(ticker, { worker: () => new Worker('worker.js'), handlers }),
    // @ts-expect-error -- a function that makes one, so that it can be made again
    () => mountWorker(quiet, { worker: new Worker('worker.js') }),
  ];
});

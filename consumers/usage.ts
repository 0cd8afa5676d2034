// What an application writes, with what each thing has to be. Every consumer compiles this file, each with its own settings.
import {
  byReference,
  type Client,
  type Contract,
  contract,
  type ErrorOf,
  type Handlers,
  isErrorOf,
  MuntinError,
  mutation,
  observable,
  query,
  type Remote,
  type RemoteStream,
  shareRemote,
  toReadableStream,
  transfer,
  type,
} from '@muntin/core';
import { superjsonCodec } from '@muntin/core/superjson';
import { expose, type Shell } from '@muntin/guest';
import { expose as exposePopup } from '@muntin/guest/popup';
import { standIn } from '@muntin/guest/standalone';
import { expose as exposeWorker } from '@muntin/guest/worker';
import { attach, type Mount, mount, mountWorker, open } from '@muntin/host';
import type { Observable } from 'rxjs';
import { type Equal, type IsAny, type NamesOfAny, verify } from './verify.js';

const shop = contract({
  name: 'acme/shop',
  version: '1.0.0',
  guest: {
    price: query<{ readonly sku: string }, number>(),
    order: mutation({ output: type<string>(), errors: { outOfStock: type<{ left: number }>() } }),
    prices: observable<readonly string[], { readonly sku: string; readonly cents: number }>(),
    cart: { clear: mutation<void, void>() },
  },
  host: {
    track: mutation<string, void>(),
    upload: mutation<{ readonly onProgress: Remote<(part: number) => void> }>(),
  },
  context: type<{ theme: 'light' | 'dark' }>(),
});
type Shop = typeof shop;

export function host(into: Element, frame: HTMLIFrameElement): void {
  const handlers = {
    track: (sku: string) => void sku,
    upload: ({ onProgress }: { readonly onProgress: Remote<(part: number) => void> }) => {
      verify<Equal<ReturnType<typeof onProgress>, Promise<void>>>(true);
    },
  };
  const context = { theme: 'light' } as const;
  const shared = { handlers, context, codec: superjsonCodec() };
  const widget = mount(shop, { url: 'https://shop.example/', into, title: 'Shop', ...shared });
  verify<Equal<typeof widget, Mount<Shop>>>(true);
  verify<Equal<NamesOfAny<typeof widget>, never>>(true);
  verify<Equal<NamesOfAny<typeof widget.guest>, never>>(true);
  verify<Equal<typeof widget.guest, Client<Shop['guest']>>>(true);

  const price = widget.guest.price({ sku: 'A1' }, { timeoutMs: 100 });
  verify<Equal<typeof price, Promise<number>>>(true);
  // @ts-expect-error -- sku is a string
  void widget.guest.price({ sku: 1 });
  // @ts-expect-error -- there is no such procedure
  void widget.guest.prize({ sku: 'A1' });
  // @ts-expect-error -- there is no such option
  void widget.guest.price({ sku: 'A1' }, { timeout: 100 });
  // @ts-expect-error -- the title is missing
  mount(shop, { url: 'https://shop.example/', into, ...shared });
  // @ts-expect-error -- there is no such way
  mount(shop, { url: 'https://shop.example/', into, title: 'Shop', onUnresponsive: 'fial', ...shared });

  const prices = widget.guest.prices(['A1']);
  verify<Equal<typeof prices, RemoteStream<{ readonly sku: string; readonly cents: number }>>>(true);
  const price$: Observable<{ readonly sku: string; readonly cents: number }> = prices;
  verify<Equal<ReturnType<typeof shareRemote<number>>, Observable<number>>>(true);
  verify<IsAny<typeof price$>>(false);
  prices.subscribe(({ cents }) => verify<Equal<typeof cents, number>>(true)).unsubscribe();
  shareRemote(prices).subscribe((value) => verify<Equal<typeof value.sku, string>>(true));
  void toReadableStream(prices)
    .getReader()
    .read()
    .then(({ value }) =>
      verify<Equal<typeof value, { readonly sku: string; readonly cents: number } | undefined>>(true),
    );

  widget.guest.order().catch((error: unknown) => {
    if (!isErrorOf(shop.guest.order, error)) return;
    verify<Equal<typeof error, ErrorOf<typeof shop.guest.order>>>(true);
    verify<Equal<typeof error, MuntinError<'outOfStock', { left: number }>>>(true);
  });
  widget.setContext({ theme: 'dark' });
  // @ts-expect-error -- there is no such theme
  widget.setContext({ theme: 'blue' });
  verify<Equal<ReturnType<typeof widget.unmount>, Promise<void>>>(true);

  const attached = attach(shop, { frame, origin: 'https://shop.example', ...shared });
  const popup = open(shop, { url: 'https://shop.example/', ...shared });
  const worker = mountWorker(shop, { worker: () => new Worker('/shop.js'), ...shared });
  verify<Equal<NamesOfAny<typeof attached>, never>>(true);
  verify<Equal<NamesOfAny<typeof popup>, never>>(true);
  verify<Equal<NamesOfAny<typeof worker>, never>>(true);
  verify<Equal<typeof popup.window, Window | null>>(true);
  verify<Equal<typeof worker.worker, Worker | undefined>>(true);
}

export function guest(): void {
  const handlers: Handlers<Shop['guest']> = {
    price: ({ sku }, { signal, peer }) => {
      verify<Equal<typeof sku, string>>(true);
      verify<Equal<typeof signal, AbortSignal>>(true);
      verify<Equal<typeof peer.origin, string>>(true);
      return sku.length;
    },
    order: () => {
      throw new MuntinError('outOfStock', 'None left', { data: { left: 0 } });
    },
    async *prices(skus) {
      for (const sku of skus) yield { sku, cents: 100 };
    },
    cart: { clear: () => undefined },
  };
  const hosts = ['https://app.example'];
  const page = expose(shop, {
    hosts,
    handlers,
    standalone: standIn(shop, { context: { theme: 'light' }, handlers: other }),
  });
  verify<Equal<typeof page, Shell<Shop>>>(true);
  verify<Equal<NamesOfAny<typeof page>, never>>(true);
  verify<Equal<NamesOfAny<typeof page.host>, never>>(true);
  verify<Equal<typeof page.context, { theme: 'light' | 'dark' } | undefined>>(true);
  verify<Equal<ReturnType<typeof page.host.track>, Promise<void>>>(true);
  void page.host.upload({ onProgress: byReference((part: number) => void part) });
  // @ts-expect-error -- two handlers are missing
  expose(shop, { hosts, handlers: { price: () => 1 } });
  exposePopup(shop, { hosts, handlers }).close();
  exposeWorker(shop, { handlers }).close();
}

const other: Handlers<Shop['host']> = { track: () => undefined, upload: () => undefined };

const bytes = transfer(new Uint8Array(8), []);
verify<Equal<typeof bytes, Uint8Array<ArrayBuffer>>>(true);
verify<IsAny<Contract>>(false);
verify<Equal<NamesOfAny<Shop>, never>>(true);

export function narrow(error: unknown): string | undefined {
  if (!(error instanceof MuntinError)) return undefined;
  verify<IsAny<typeof error.code>>(false);
  return error.code === 'CALL_TIMED_OUT' ? error.message : undefined;
}

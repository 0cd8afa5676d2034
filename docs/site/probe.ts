// What `options.mjs` asks the compiler about: each member is one table of `docs/options.md`, in this order, under its comment.

import type {
  CallOptions,
  ContractOptions,
  ExtensionOptions,
  Limits,
  OriginOptions,
  ProcedureOptions,
  StreamOptions,
} from '@muntin/core';
import { contract, mutation, query, type } from '@muntin/core';
import type { LaneOptions } from '@muntin/core/comlink';
import type { BrokerOptions, FetchGrant } from '@muntin/core/fetch';
import type { SuperjsonOptions } from '@muntin/core/superjson';
import type { TraceOptions } from '@muntin/core/trace';
import type { ExposeOptions } from '@muntin/guest';
import type { SizeOptions as GuestSizeOptions } from '@muntin/guest/size';
import type { WorkerExposeOptions } from '@muntin/guest/worker';
import type {
  AttachOptions,
  MountOptions,
  OpenOptions,
  Policy,
  Reconnect,
  SrcdocOptions,
  UnmountOptions,
  WorkerOptions,
} from '@muntin/host';
import type { JailOptions } from '@muntin/host/jail';
import type { JsonpOptions } from '@muntin/host/jsonp';
import type { LoadManifestOptions } from '@muntin/host/manifest';
import type { SizeOptions } from '@muntin/host/size';
import type { ExposeHookOptions, FrameProps, MountHookOptions } from '@muntin/react';
import type { CorsOptions, CspNeeds, DiagnoseOptions, GuestPage, HostPage } from '@muntin/server';
import type { TestMountOptions } from '@muntin/testing';

const sample = contract({
  name: 'acme/sample',
  version: '1.0.0',
  guest: { ask: query<string, string>() },
  host: { open: mutation<string, void>() },
  context: type<{ theme: string }>(),
});
type Sample = typeof sample;

/** Every function that takes options, with them. */
export interface Tables {
  /** `mount(contract, options)` of `@muntin/host`: a guest in a frame. */
  mount: MountOptions<Sample>;
  /** `mount(contract, options)` with `srcdoc`, in place of `url`: the page as text. */
  srcdoc: Pick<SrcdocOptions<Sample>, 'srcdoc' | 'opaque'>;
  /** `attach(contract, options)` of `@muntin/host`: a frame that is already there. What it shares with `mount` is left out. */
  attach: Omit<AttachOptions<Sample>, keyof MountOptions<Sample>>;
  /** `open(contract, options)` of `@muntin/host`: a window of its own. What it shares with `mount` is left out. */
  open: Omit<OpenOptions<Sample>, Exclude<keyof MountOptions<Sample>, 'url'>>;
  /** `mountWorker(contract, options)` of `@muntin/host`. What it shares with `mount` is left out. */
  mountWorker: Omit<WorkerOptions<Sample>, keyof MountOptions<Sample>>;
  /** `policy`, of `mount`: what the guest may do in its frame. */
  policy: Policy;
  /** `reconnect`, of all that mount. */
  reconnect: Reconnect;
  /** `widget.unmount(options)`. */
  unmount: UnmountOptions;
  /** `expose(contract, options)` of `@muntin/guest`, and of `@muntin/guest/popup`. */
  expose: ExposeOptions<Sample>;
  /** `expose(contract, options)` of `@muntin/guest/worker`. What it shares with the other is left out. */
  exposeInWorker: Omit<WorkerExposeOptions<Sample>, keyof ExposeOptions<Sample>>;
  /** `limits`, of both sides: the ceilings for the other one. */
  limits: Limits;
  /** `contract(options)` of `@muntin/core`. */
  contract: ContractOptions<{}, {}, {}>;
  /** `query(options)`, `mutation(options)` and `observable(options)` of `@muntin/core`. */
  procedure: ProcedureOptions<undefined, undefined, {}>;
  /** `observable(options)` of `@muntin/core`, beside those. */
  observable: StreamOptions;
  /** `widget.guest.quote(input, options)`: the second argument of every call. */
  call: CallOptions;
  /** `extension(name, options)` of `@muntin/core`. */
  extension: ExtensionOptions<{}, {}>;
  /** `parseOrigin(text, options)` of `@muntin/core`, and what else takes an origin. */
  origin: OriginOptions;
  /** `trace(options)` of `@muntin/core/trace`. */
  trace: TraceOptions;
  /** `superjsonCodec(options)` of `@muntin/core/superjson`. */
  superjson: SuperjsonOptions;
  /** `exposeLane(at, name, api, options)` of `@muntin/core/comlink`. */
  lane: LaneOptions;
  /** `size(options)` of `@muntin/host/size`. */
  size: SizeOptions;
  /** `size(options)` of `@muntin/guest/size`. */
  sizeOfGuest: GuestSizeOptions;
  /** `fetchBroker(options)` of `@muntin/host/fetch` and `@muntin/guest/fetch`. */
  fetchBroker: BrokerOptions;
  /** `grants` of `fetchBroker`: what each of them says. */
  grant: FetchGrant;
  /** `loadManifest(url, options)` of `@muntin/host/manifest`. */
  loadManifest: LoadManifestOptions;
  /** `jsonp(url, options)` of `@muntin/host/jsonp`. */
  jsonp: JsonpOptions<unknown>;
  /** `jail(contract, options)` of `@muntin/host/jail`. What it shares with `mount` is left out. */
  jail: Omit<JailOptions<Sample>, keyof MountOptions<Sample>>;
  /** `<MuntinFrame>` of `@muntin/react`. What it shares with `mount` is left out. */
  frame: Omit<FrameProps<Sample>, keyof MountOptions<Sample>>;
  /** `useMount(contract, options)` of `@muntin/react`. What it shares with `mount` is left out. */
  useMount: Omit<MountHookOptions<Sample>, keyof MountOptions<Sample>>;
  /** `useExpose(contract, options)` of `@muntin/react`. What it shares with `expose` is left out. */
  useExpose: Omit<ExposeHookOptions<Sample>, keyof ExposeOptions<Sample>>;
  /** `cors(options)` of `@muntin/server`. */
  cors: CorsOptions;
  /** `headers(page)` of `@muntin/server`, for the page of a guest. */
  headersOfGuest: GuestPage;
  /** `headers(page)` of `@muntin/server`, for the page of a host. */
  headersOfHost: HostPage;
  /** `csp`, of `headers(page)`. */
  csp: CspNeeds;
  /** `diagnoseCors(options)` of `@muntin/server`. */
  diagnoseCors: DiagnoseOptions;
  /** `testMount(contract, options)` of `@muntin/testing`. */
  testMount: TestMountOptions<Sample>;
}

import {
  type AddedBy,
  type AsyncDisposableIfKnown,
  type Contract,
  type GuestPart,
  type HostPart,
  type Origin,
  type ProbeEvent,
  type Procedures,
  parseOrigin,
  probe,
  type Use,
} from '@muntin/core';
import { asyncDispose, checkOptions, inspect, invalidOption, type OptionKinds } from '@muntin/core/internal';
import type { CommonOptions as GuestOptions, Shell } from '@muntin/guest';
import { workerKinds as guestKinds, openShell } from '@muntin/guest/internal';
import type { CommonOptions as HostOptions, Mounted, UnmountOptions } from '@muntin/host';
import { workerKinds as hostKinds, mountIn } from '@muntin/host/internal';
import { Frame, origins, type TestDocument } from './frame.ts';
import { untilEmpty, untilStill } from './real-time.ts';
import { Watch } from './watch.ts';

type AnyContract = Contract<Procedures, Procedures, unknown>;

/** The host of a test: what `mount` takes, without the frame. */
export type HostTestOptions<C extends AnyContract, List extends readonly Use[] = readonly Use[]> = Omit<
  HostOptions<List>,
  'allowInsecure'
> &
  HostPart<C, AddedBy<List>>;

/** The guest of a test: what `expose` takes, without the origins. */
export type GuestTestOptions<C extends AnyContract, List extends readonly Use[] = readonly Use[]> = GuestOptions<List> &
  GuestPart<C, AddedBy<List>>;

/** `expose` for the script of a guest in a test: the contract and the hosts are known. */
export type ExposeInTest<C extends AnyContract> = <const List extends readonly Use[] = []>(
  options: GuestTestOptions<C, List>,
) => Shell<C>;

/** What {@link testMount} takes: both sides. */
export interface TestMountOptions<
  C extends AnyContract,
  Host extends readonly Use[] = readonly Use[],
  Guest extends readonly Use[] = readonly Use[],
> {
  /** What the host would give to `mount`. */
  readonly host: HostTestOptions<C, Host>;
  /**
   * What the guest would give to `expose`; or its whole script, a function that is run for every document and calls the `expose` that it
   * is given. A script has its state anew after a reload, as a page has.
   */
  readonly guest: GuestTestOptions<C, Guest> | ((expose: ExposeInTest<C>) => void);
}

/**
 * A host and a guest, connected as two pages are, and everything that can go wrong between them. Made by {@link testMount}. Its functions
 * can be taken out of it, as in `const { widget, reload } = testMount(…)`.
 */
export interface TestMount<C extends AnyContract> extends AsyncDisposableIfKnown {
  /** What `mount` returns. */
  readonly widget: Mounted<C>;
  /** What `expose` returned in the document that is there. Throws before the guest's script has called it. */
  readonly shell: Shell<C>;
  /** All that the host has sent, received and been, since the start. */
  readonly events: readonly ProbeEvent[];
  /** The guest loads its page anew: its session ends, and a new document says hello. */
  readonly reload: () => void;
  /** Nothing reaches the guest, and nothing comes from it, as when its page hangs. */
  readonly freeze: () => void;
  /** It goes on: what was held back arrives, in order. */
  readonly thaw: () => void;
  /** The guest goes to another page, which is no guest. */
  readonly navigate: () => void;
  /** The frame is taken out of the host's page by somebody else. */
  readonly close: () => void;
  /**
   * How long calls, answers and values are on their way from now on, in milliseconds; what the handshake says from window to window is not
   * late. Throws `INVALID_OPTION` for less than 0.
   */
  readonly setLatency: (ms: number) => void;
  /**
   * Resolves when no message moves any more; rejects where messages move without a pause for a second. It does not wait for what
   * `setLatency` delays or `freeze` holds back. It works under fake timers, which it does not move.
   */
  readonly flush: () => Promise<void>;
  /**
   * Rejects where something has not ended after a second: a call without an answer, a stream that is open, a handler that still runs. The
   * message lists it. Under fake timers move those first.
   */
  readonly expectSettled: () => Promise<void>;
  /**
   * Unmounts, and rejects where something is left: a handler that ignores its `signal`, a listener, a port. The message lists it.
   */
  readonly expectNoLeaks: () => Promise<void>;
  /** Takes the guest away, and closes all that was opened. */
  readonly unmount: (options?: UnmountOptions) => Promise<void>;
}

const kinds: OptionKinds<TestMountOptions<AnyContract>> = { host: 'object', guest: 'any' };
// About a second.
const settleRounds = 800;

/**
 * Mounts a guest in a host, both in this process, without a browser: the handshake, the sessions and their ends are those of
 * `@muntin/host` and `@muntin/guest`, over a real MessageChannel, so that values are cloned as between two pages. Only the frame is
 * replaced. Returns at once, as `mount` does.
 *
 * ```ts
 * const { widget, expectNoLeaks } = testMount(ticker, {
 *   guest: { handlers: { quote: ({ symbol }) => symbol.length } },
 *   host: { handlers: { open: () => undefined } },
 * });
 * expect(await widget.guest.quote({ symbol: 'ACME' })).toBe(4);
 * await expectNoLeaks();
 * ```
 *
 * Throws `INVALID_OPTION` for a wrong option of either side; a guest's are read when its document loads, and are an uncaught error then.
 */
export function testMount<
  C extends AnyContract,
  const Host extends readonly Use[] = [],
  const Guest extends readonly Use[] = [],
>(contract: C, options: TestMountOptions<C, Host, Guest>): TestMount<C> {
  checkOptions('testMount', options, kinds);
  const { host, guest } = options;
  checkOptions('testMount host', host, hostKinds);
  if (typeof guest !== 'function') checkOptions('testMount guest', guest, guestKinds);
  const events: ProbeEvent[] = [];
  const watches = { host: new Watch('host'), guest: new Watch('guest') };
  const guestPage = new GuestScript<C>(contract, guest, watches.guest);
  const recording = probe((event) => void events.push(event));
  const made: { frame?: Frame } = {};
  const widget = mountIn(
    contract,
    { ...host, use: [recording, ...(host.use ?? []), watches.host.use] },
    pinned,
    (tell) => {
      made.frame = new Frame((document) => guestPage.run(document), tell);
      return made.frame;
    },
    () => ({}),
  );
  const { frame } = made;
  if (frame === undefined) throw new Error('a mount opens its container at once');
  return new RunningMount<C>(widget, frame, guestPage, watches, events).api;
}

const pinned: Origin = parseOrigin(origins.guest);

/** What a guest is given, whatever its contract. */
type AnyGuest = GuestOptions & { readonly handlers?: object };

/** The guest's side: runs its script in each document. */
class GuestScript<C extends AnyContract> {
  readonly #contract: C;
  readonly #guest: AnyGuest | ((expose: ExposeInTest<C>) => void);
  readonly #watch: Watch;
  shell: Shell<C> | undefined;

  constructor(contract: C, guest: AnyGuest | ((expose: ExposeInTest<C>) => void), watch: Watch) {
    this.#contract = contract;
    this.#guest = guest;
    this.#watch = watch;
  }

  run(document: TestDocument): () => void {
    const shells: Shell<C>[] = [];
    const expose = (options: AnyGuest): Shell<C> => {
      checkOptions('expose', options, guestKinds);
      const use = [...(options.use ?? []), this.#watch.use];
      const shell = openShell(this.#contract, { ...options, use }, () => document.embedder, undefined, document.page);
      this.shell = shell;
      shells.push(shell);
      return shell;
    };
    if (typeof this.#guest === 'function') this.#guest(expose);
    else expose(this.#guest);
    return () => {
      for (const shell of shells) shell.close();
      this.#watch.forget();
    };
  }
}

class RunningMount<C extends AnyContract> {
  readonly api: TestMount<C>;
  readonly #frame: Frame;
  readonly #watches: { readonly host: Watch; readonly guest: Watch };
  readonly #widget: Mounted<C>;

  constructor(
    widget: Mounted<C>,
    frame: Frame,
    guest: GuestScript<C>,
    watches: { readonly host: Watch; readonly guest: Watch },
    events: readonly ProbeEvent[],
  ) {
    this.#widget = widget;
    this.#frame = frame;
    this.#watches = watches;
    const { network } = frame;
    const api: Omit<TestMount<C>, typeof asyncDispose> = {
      widget,
      get shell() {
        if (guest.shell === undefined)
          throw invalidOption(
            'shell is asked for too early: the guest has not called expose() yet; await widget.ready',
          );
        return guest.shell;
      },
      events,
      reload: () => frame.load(),
      freeze: () => {
        network.isFrozen = true;
      },
      thaw: () => {
        network.isFrozen = false;
      },
      navigate: () => frame.navigate(),
      close: () => frame.takeAway(),
      setLatency: (ms) => {
        if (typeof ms !== 'number' || !(ms >= 0 && ms < 2 ** 31))
          throw invalidOption(`the latency is ${inspect(ms)}: give milliseconds from 0`);
        network.latencyMs = ms;
      },
      flush: () => this.#flush(),
      expectSettled: () => this.#expectSettled(),
      expectNoLeaks: () => this.#expectNoLeaks(),
      unmount: (how) => this.#unmount(how),
    };
    this.api = Object.defineProperty(api as TestMount<C>, asyncDispose, { value: () => this.#unmount() });
  }

  async #flush(): Promise<void> {
    if (await untilStill(() => this.#frame.network.moved, settleRounds)) return;
    throw new Error(
      'flush: messages still move after a second; end what sends them, such as a stream that ticks, first',
    );
  }

  async #unmount(how?: UnmountOptions): Promise<void> {
    await this.#widget.unmount(how);
    const { network } = this.#frame;
    network.isFrozen = false;
    await untilStill(() => network.moved, settleRounds);
    network.close();
  }

  async #expectSettled(): Promise<void> {
    await untilStill(() => this.#frame.network.moved, settleRounds);
    const { host, guest } = this.#watches;
    report('not everything has settled', await untilEmpty(() => [...host.open, ...guest.open], settleRounds));
  }

  async #expectNoLeaks(): Promise<void> {
    const { network } = this.#frame;
    await this.#widget.unmount();
    network.isFrozen = false;
    await untilStill(() => network.moved, settleRounds);
    const { host, guest } = this.#watches;
    const left = await untilEmpty(
      () => [
        ...host.running,
        ...guest.running,
        ...(network.openPorts === 0 ? [] : [`${network.openPorts} ports are open`]),
        ...(this.#frame.listeners === 0 ? [] : [`${this.#frame.listeners} listeners are left`]),
      ],
      settleRounds,
    );
    network.close();
    report('something is left', left);
  }
}

function report(what: string, list: readonly string[]): void {
  if (list.length > 0) throw new Error(`${what}:\n${list.map((line) => `- ${line}`).join('\n')}`);
}

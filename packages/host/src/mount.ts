import type {
  CallOptions,
  Client,
  Codec,
  ContextOf,
  Contract,
  HostPart,
  Lane,
  LaneOptions,
  Limits,
  Origin,
  OriginOptions,
  Procedures,
} from '@muntin/core';
import { MuntinError, parseOrigin } from '@muntin/core';
import {
  Acceptor,
  Caller,
  compareContracts,
  createClient,
  type Hello,
  invalidOption,
  Lanes,
  Latest,
  listProcedures,
  notCloneable,
  onThaw,
  pairHandlers,
  ping,
  protocolVersions,
  readLimits,
  type Served,
  Session,
  show,
  structuredCloneName,
  WELCOME,
  type Welcome,
} from '@muntin/core/internal';
import type { Observable } from 'rxjs';
import { diagnose } from './diagnose.ts';
import { createFrame } from './frame.ts';
import { Heartbeat } from './heartbeat.ts';
import { lifecycle, type MountSignal, type MountState } from './lifecycle.ts';
import type { Policy } from './policy/policy.ts';

type AnyContract = Contract<Procedures, Procedures, unknown>;

interface CommonOptions {
  /** Ceilings for this guest. @defaultValue see {@link Limits} */
  readonly limits?: Partial<Limits>;
  /** Encodes values, where the guest has the same one; see `@muntin/core/superjson`. @defaultValue structured clone alone */
  readonly codec?: Codec;
  /** How long connecting may take, first and after every reload, in milliseconds. @defaultValue 10_000 */
  readonly handshakeTimeoutMs?: number;
  /** How long the guest may leave a sign of life unanswered while something is pending, in milliseconds. @defaultValue 5_000 */
  readonly unresponsiveMs?: number;
  /**
   * What to do when the guest has been unresponsive for `giveUpMs`: wait on, fail the mount with `PEER_UNRESPONSIVE`, or reload the
   * frame so many times (each time waiting twice as long) and then fail. @defaultValue 'wait'
   */
  readonly onUnresponsive?: 'wait' | 'fail' | { readonly reload: number };
  /** How long a guest may be unresponsive before `onUnresponsive` acts, in milliseconds. @defaultValue 30_000 */
  readonly giveUpMs?: number;
  /** Accepts a guest over plain `http:` that is not on loopback. Anyone on the network can then be that guest. @defaultValue false */
  readonly allowInsecure?: boolean;
  /** Told what a handler of this side threw that its contract does not declare; the guest gets the message only. */
  readonly onHandlerError?: (error: unknown, procedure: string) => void;
}

/** Options of {@link mount}. */
export type MountOptions<C extends AnyContract> = CommonOptions &
  HostPart<C> & {
    /** Where the guest is. Its origin is the pin: nobody else is ever talked to. Relative to the page where it is relative. */
    readonly url: string | URL;
    /** The element that the frame is appended to. */
    readonly into: Element;
    /** The frame's accessible name: what assistive technology announces (WCAG 2.2, 4.1.2). */
    readonly title: string;
    /** What the guest may do in its frame. @defaultValue scripts on its own origin, nothing else */
    readonly policy?: Policy;
  };

/** Options of {@link attach}. */
export type AttachOptions<C extends AnyContract> = CommonOptions &
  HostPart<C> & {
    /** The frame, already in the page. It is left there by `unmount`. */
    readonly frame: HTMLIFrameElement;
    /** The guest's exact origin: the pin. */
    readonly origin: string;
  };

/** One mounted guest. It is usable at once: calls wait until the guest has connected, within their timeouts. */
export interface Mount<C extends AnyContract> extends AsyncDisposable {
  /** The procedures of the guest. */
  readonly guest: Client<C['guest']>;
  /** Fulfilled when the guest is connected; rejected when the mount fails or is unmounted first. After a reload it is a new promise. */
  readonly ready: Promise<void>;
  /** Where the mount is. */
  readonly state: MountState;
  /** The present state at once, then every change; completes when unmounted. */
  readonly state$: Observable<MountState>;
  /** The pinned origin. */
  readonly origin: Origin;
  /** The frame. Its style is yours; its attributes are not. */
  readonly frame: HTMLIFrameElement;
  /** How values cross in the latest session: the name of `codec`, or `structured-clone` where the guest does not have that. */
  readonly codec: string | undefined;
  /** Messages and batches to and from this guest since it was mounted. */
  readonly stats: MountStats;
  /** Changes some values of the context; the guest gets them with its next batch. Throws `VALUE_NOT_CLONEABLE`. */
  setContext(change: Partial<ContextOf<C>>): void;
  /**
   * A lane for code that uses Comlink, paired with the lane of the same name in the guest: `Comlink.wrap(widget.lane('db'))`.
   * Throws `INVALID_OPTION`.
   */
  lane(name: string, options?: LaneOptions): Lane;
  /** How long a message to the guest and back takes, in milliseconds. Rejects as calls do. */
  ping(options?: CallOptions): Promise<number>;
  /** Loads the frame anew. Also brings a failed mount back. */
  reload(): void;
  /** Ends everything of this mount and removes the frame. Does nothing the second time. */
  unmount(): Promise<void>;
}

/** Counts since the mount was made. A message is a call, an answer, a group of stream values …; a batch is one `postMessage`. */
export interface MountStats {
  readonly sent: number;
  readonly received: number;
  readonly batchesSent: number;
  readonly batchesReceived: number;
}

/**
 * Mounts a guest: makes its frame, closed except for scripts on its own origin, and connects with it over a port that is pinned to
 * the origin of `url`. Returns at once. Throws `INVALID_OPTION` for a wrong option, naming it, its value and the remedy.
 */
export function mount<C extends AnyContract>(contract: C, options: MountOptions<C>): Mount<C> {
  const { into, title, policy } = options;
  if (typeof title !== 'string' || title.trim() === '')
    throw invalidOption(`title is ${show(title)}: give the frame a name for assistive technology`);
  if (!(into instanceof Element))
    throw invalidOption(`into is ${show(into)}: give the element that the frame is to be put into`);
  const url = readUrl(options.url);
  const origin = readForeignOrigin(url.origin, options);
  const frame = createFrame(document, { url: url.href, title, policy });
  const mounted = new GuestMount(contract, options, origin, frame, url.href, () => frame.remove());
  mounted.begin(() => into.append(frame));
  return mounted;
}

/**
 * Connects with a guest in a frame that is already in the page, such as one that the server rendered. The order of loading does not
 * matter: the guest is asked to say hello. Throws `INVALID_OPTION` for a wrong option.
 */
export function attach<C extends AnyContract>(contract: C, options: AttachOptions<C>): Mount<C> {
  const { frame } = options;
  if (!(frame instanceof HTMLIFrameElement)) throw invalidOption(`frame is ${show(frame)}: give an iframe element`);
  const mounted = new GuestMount(
    contract,
    options,
    readForeignOrigin(options.origin, options),
    frame,
    undefined,
    () => undefined,
  );
  mounted.begin(() => undefined);
  return mounted;
}

/** The pin. A guest on the host's own origin could take its sandbox off and reach everything of the host. */
function readForeignOrigin(text: string, options: OriginOptions): Origin {
  const origin = parseOrigin(text, options);
  if (origin !== location.origin) return origin;
  throw invalidOption(
    `${show(origin)} is the host's own origin: a guest there could not be kept apart; serve it from another one`,
  );
}

function readUrl(url: unknown): URL {
  const found = typeof url === 'string' || url instanceof URL ? tryUrl(url) : undefined;
  if (found === undefined)
    throw invalidOption(`url is ${show(url)}: give an address such as "https://widgets.example/ticker/"`);
  return found;
}

function tryUrl(url: string | URL): URL | undefined {
  try {
    return new URL(url, location.href);
  } catch {
    return undefined;
  }
}

const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

const knockPauseMs = 1000;

class GuestMount<C extends AnyContract> implements Mount<C> {
  readonly guest: Client<C['guest']>;
  readonly origin: Origin;
  readonly frame: HTMLIFrameElement;
  readonly #contract: C;
  readonly #options: CommonOptions;
  readonly #url: string | undefined;
  readonly #removeFrame: () => void;
  readonly #limits: Limits;
  readonly #served: readonly Served[];
  readonly #caller: Caller;
  readonly #lanes: Lanes;
  readonly #heartbeat: Heartbeat;
  readonly #state = new Latest<MountState>();
  readonly #onLoad: () => void;
  readonly #onCsp: (event: SecurityPolicyViolationEvent) => void;
  readonly #past = { sent: 0, received: 0, batchesSent: 0, batchesReceived: 0 };
  #ready = new Deferred();
  #giveUpTimer: ReturnType<typeof setTimeout> | undefined;
  #reloads = 0;
  // Whether the frame has shown the guest since the host last loaded it.
  #wasReady = false;
  readonly #stopThaw: () => void;
  #context: unknown;
  #codec: string | undefined;
  #acceptor: Acceptor | undefined;
  #knockTimer: ReturnType<typeof setTimeout> | undefined;
  #session: Session | undefined;

  constructor(
    contract: C,
    options: CommonOptions & { readonly handlers?: object; readonly context?: unknown },
    origin: Origin,
    frame: HTMLIFrameElement,
    url: string | undefined,
    removeFrame: () => void,
  ) {
    const { unresponsiveMs = 5000, handshakeTimeoutMs = 10_000, giveUpMs = 30_000 } = options;
    for (const [name, ms] of Object.entries({ unresponsiveMs, handshakeTimeoutMs, giveUpMs }))
      if (!(ms >= 1 && ms < 2 ** 31))
        throw invalidOption(`${name} is ${show(ms)}: give milliseconds from 1 to 2147483647`);
    this.#contract = contract;
    this.#options = options;
    this.origin = origin;
    this.frame = frame;
    this.#url = url;
    this.#removeFrame = removeFrame;
    this.#limits = readLimits(options.limits);
    this.#served = pairHandlers(contract.host, options.handlers);
    this.#context = snapshot(options.context);
    this.#caller = new Caller('host', this.#limits);
    this.#lanes = new Lanes('host', this.#limits);
    this.guest = createClient<C['guest']>(contract.guest, this.#caller);
    this.#heartbeat = new Heartbeat({
      unresponsiveMs,
      isPending: () => this.#caller.isPending,
      ask: () => {
        this.#checkFrame();
        this.#acceptor?.check();
      },
      onSilent: () => this.#silent(),
      onAlive: () => {
        clearTimeout(this.#giveUpTimer);
        this.#reloads = 0;
        this.#move('alive');
      },
    });
    this.#caller.onPending = () => this.#heartbeat.start();
    this.#state.set({ name: 'idle' });
    this.#stopThaw = onThaw(window, (ms) => {
      this.#caller.extend(ms);
      this.#acceptor?.thaw();
    });
    this.#onLoad = () => this.#loaded();
    this.#onCsp = (event) => this.#blocked(event);
  }

  /** Starts to listen, then puts the frame in place and sets its address. */
  begin(place: () => void): void {
    this.#acceptor = this.#accept();
    this.frame.addEventListener('load', this.#onLoad);
    document.addEventListener('securitypolicyviolation', this.#onCsp);
    this.#move('load');
    if (this.frame.hasAttribute('sandbox') && !this.frame.sandbox.contains('allow-scripts')) {
      const text = 'The sandbox of the frame has no "allow-scripts": no guest can run in it';
      this.#acceptor.giveUp(new MuntinError('SANDBOX_BLOCKS_SCRIPTS', text));
    }
    if (this.#url !== undefined) this.frame.src = this.#url;
    place();
    this.#knock();
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get state(): MountState {
    return this.#state.value ?? { name: 'idle' };
  }

  get state$(): Observable<MountState> {
    return this.#state.changes$;
  }

  get codec(): string | undefined {
    return this.#codec;
  }

  get stats(): MountStats {
    const now = this.#session?.stats;
    const { sent, received, batchesSent, batchesReceived } = this.#past;
    return {
      sent: sent + (now?.sent ?? 0),
      received: received + (now?.received ?? 0),
      batchesSent: batchesSent + (now?.batchesSent ?? 0),
      batchesReceived: batchesReceived + (now?.batchesReceived ?? 0),
    };
  }

  setContext(change: Partial<ContextOf<C>>): void {
    this.#context = snapshot({ ...Object(this.#context), ...change });
    this.#session?.setContext(this.#context);
  }

  lane(name: string, options?: LaneOptions): Lane {
    return this.#lanes.open(name, options);
  }

  ping(options?: CallOptions): Promise<number> {
    return ping(this.#caller, options);
  }

  reload(): void {
    if (this.state.name === 'unmounted') return;
    this.#caller.revive();
    this.#wasReady = false;
    this.#acceptor?.restart();
    this.#move('load');
    this.frame.src = this.#url ?? this.frame.src;
  }

  async unmount(): Promise<void> {
    if (this.state.name === 'unmounted') return;
    const cause = new MuntinError('UNMOUNTED', 'The guest was unmounted');
    this.#move('unmount');
    this.#state.end();
    this.#acceptor?.close(cause);
    this.#close(cause);
    this.#caller.end(cause);
    this.#lanes.detach(cause, true);
    this.#ready.reject(cause);
    clearTimeout(this.#knockTimer);
    this.frame.removeEventListener('load', this.#onLoad);
    document.removeEventListener('securitypolicyviolation', this.#onCsp);
    this.#stopThaw();
    this.#removeFrame();
  }

  [asyncDispose](): Promise<void> {
    return this.unmount();
  }

  #accept(): Acceptor {
    const { handshakeTimeoutMs = 10_000, codec } = this.#options;
    const contract = this.#contract;
    const wanted = [...listProcedures(contract.guest).keys()];
    const acceptor: Acceptor = new Acceptor(
      {
        window,
        guest: () => this.frame.contentWindow,
        origin: this.origin,
        introduction: {
          versions: protocolVersions,
          contract: { name: contract.name, version: contract.version },
          serves: this.#served.map(({ path }) => path),
          calls: this.#limits.calls,
          codecs: codec === undefined ? [structuredCloneName] : [codec.name, structuredCloneName],
        },
        context: () => this.#context,
        judge: (hello) => {
          const message = compareContracts(contract, hello.contract, wanted, hello.serves);
          return message === undefined ? undefined : { code: 'CONTRACT_MISMATCH', message };
        },
        times: { connectMs: handshakeTimeoutMs, readyMs: 3000, checkMs: 5000 },
      },
      {
        welcome: (port, welcome, hello) => this.#open(acceptor, port, welcome, hello),
        opened: () => {
          this.#wasReady = true;
          this.#move('open');
          this.#ready.resolve();
        },
        hold: () => this.#session?.hold(),
        release: () => this.#session?.release(),
        end: (cause, neverRan) => this.#lose(cause, neverRan),
        fail: (error) => this.#fail(error ?? diagnose(acceptor.seen, this.origin, handshakeTimeoutMs, this.#wasReady)),
        alive: () => this.#heartbeat.alive(),
      },
    );
    return acceptor;
  }

  #open(acceptor: Acceptor, port: MessagePort, welcome: Welcome, hello: Hello): void {
    const { codec } = this.#options;
    this.#codec = welcome.codec;
    this.#session = new Session({
      codec: welcome.codec === codec?.name ? codec : undefined,
      side: 'host',
      port,
      peer: { origin: this.origin, session: welcome.session },
      caller: this.#caller,
      lanes: this.#lanes,
      served: this.#served,
      limits: this.#limits,
      peerServes: hello.serves,
      peerCalls: hello.calls,
      greeting: [WELCOME, welcome],
      onReady: (ready) => acceptor.ready(ready),
      onHandlerError: (error, path) => this.#options.onHandlerError?.(error, path),
      onEnd: (cause) => {
        this.#lose(cause, false);
        acceptor.ended(cause);
        this.#checkFrame();
      },
    });
  }

  /** A frame that somebody else has taken out of the page will not connect again; one that was only moved is in it. */
  #checkFrame(): void {
    if (this.frame.isConnected || this.state.name === 'unmounted') return;
    this.#acceptor?.giveUp(
      new MuntinError('FRAME_REMOVED', 'The frame is no longer in the page: mount the guest again'),
    );
  }

  /** The session is over; whether another comes is the acceptor's to know. */
  #lose(cause: MuntinError, neverRan: boolean): void {
    this.#close(cause);
    this.#move('lost', cause);
    this.#caller.detach(cause, neverRan);
    this.#lanes.detach(cause, false);
  }

  #fail(cause: MuntinError): void {
    this.#close(cause);
    this.#move('fail', cause);
    this.#caller.end(cause);
    this.#lanes.detach(cause, true);
    this.#ready.reject(cause);
  }

  #silent(): void {
    this.#move('silent');
    const { onUnresponsive = 'wait', giveUpMs = 30_000 } = this.#options;
    if (onUnresponsive === 'wait') return;
    const again = onUnresponsive !== 'fail' && this.#reloads < onUnresponsive.reload;
    this.#giveUpTimer = setTimeout(
      () => {
        if (again) {
          this.#reloads++;
          this.reload();
        } else
          this.#acceptor?.giveUp(new MuntinError('PEER_UNRESPONSIVE', `The guest has not reacted for ${giveUpMs} ms`));
      },
      giveUpMs * 2 ** this.#reloads,
    );
  }

  #close(cause: MuntinError): void {
    this.#heartbeat.stop();
    clearTimeout(this.#giveUpTimer);
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    session.close(cause, cause.code);
    for (const name of ['sent', 'received', 'batchesSent', 'batchesReceived'] as const)
      this.#past[name] += session.stats[name];
  }

  #loaded(): void {
    this.#move('loaded');
    this.#acceptor?.loaded();
    this.#knock();
  }

  /**
   * Asks the guest in a frame that we did not make for a hello, until it says one: a knock is lost where nobody listens yet, or where the
   * goodbye of an earlier mount is still on its way. A frame whose document we can read still shows the blank page it began with.
   */
  #knock(): void {
    clearTimeout(this.#knockTimer);
    if (this.#url !== undefined || this.#acceptor?.state !== 'waiting') return;
    if (this.frame.contentDocument === null) this.#acceptor.knock();
    this.#knockTimer = setTimeout(() => this.#knock(), knockPauseMs);
  }

  #blocked({ blockedURI, effectiveDirective, disposition }: SecurityPolicyViolationEvent): void {
    if (disposition !== 'enforce' || !/^(frame|child|default)-src/.test(effectiveDirective)) return;
    if (tryUrl(blockedURI)?.origin !== this.origin) return;
    const text = `This page's Content-Security-Policy (${effectiveDirective}) does not let ${show(this.origin)} load: add it to frame-src`;
    this.#acceptor?.giveUp(new MuntinError('BLOCKED_BY_CSP', text));
  }

  #move(signal: MountSignal, cause?: MuntinError): void {
    const name = lifecycle[this.state.name][signal];
    if (name === undefined) return;
    if (name === 'loading' || name === 'reconnecting') this.#ready.renew();
    this.#state.set(cause === undefined ? { name } : { name, cause });
  }
}

/** A promise with its ends in hand. A rejection that nobody waits for is not an unhandled one: `state$` tells it, too. */
class Deferred {
  promise: Promise<void> = Promise.resolve();
  resolve: () => void = () => undefined;
  reject: (error: MuntinError) => void = () => undefined;
  #isSettled = true;

  constructor() {
    this.renew();
  }

  /** A new promise where the old one has been settled. */
  renew(): void {
    if (!this.#isSettled) return;
    this.#isSettled = false;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = () => {
        this.#isSettled = true;
        resolve();
      };
      this.reject = (error) => {
        this.#isSettled = true;
        reject(error);
      };
    });
    this.promise.catch(() => undefined);
  }
}

/** A copy that the application cannot change behind our back, and the proof that the value can cross. */
function snapshot(context: unknown): unknown {
  try {
    return structuredClone(context);
  } catch (cause) {
    throw notCloneable(context, 'context', cause);
  }
}

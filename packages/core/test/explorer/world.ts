// One mount as it may be: a host, the frame that it watches, every document that the frame has shown, and attackers. Both drivers are the
// real ones; they are given a clock, ports, windows and ids of this world, in which nothing happens but what the explorer chooses.
import { MuntinError } from '../../src/errors.ts';
import type { AcceptEvents, AcceptOptions, Acceptor } from '../../src/handshake/accept.ts';
import type { Clock } from '../../src/handshake/clock.ts';
import type { Connector, ConnectorEvents, ConnectorOptions } from '../../src/handshake/connect.ts';
import type { Hello, HostSignal } from '../../src/handshake/messages.ts';
import { CALL, GOODBYE, READY, WELCOME } from '../../src/link/messages.ts';
import { Steps } from '../../src/steps.ts';

/** The two drivers that are explored: ours, or ones with a mistake. */
export interface Drivers {
  readonly Acceptor: new (options: AcceptOptions, events: AcceptEvents) => Acceptor;
  readonly Connector: new (options: ConnectorOptions, events: ConnectorEvents) => Connector;
}

/** What may still happen in one history; each is spent. */
export interface Budgets {
  /** Documents that replace the one before: reloads, navigations. */
  navigations: number;
  /** Hellos that a guest says again because its timer has fired. */
  hellos: number;
  /** Messages of the window that are lost. */
  drops: number;
  /** What attackers do. */
  attacks: number;
  /** What the applications do: reload, check, knock, calls of the guest, a guest that exposes again. */
  acts: number;
  /** Time-outs, and time that passes unused. */
  timeouts: number;
}

/** Ours, one whose contract does not fit, one of the pinned origin without Muntin, and one of another origin. */
export type DocumentKind = 'guest' | 'older' | 'blank' | 'stranger';

type Batch = readonly (readonly [kind: number, ...fields: readonly unknown[]])[];

/** One thing that can happen next. */
export interface Action {
  readonly name: string;
  readonly cost?: keyof Budgets;
  readonly run: () => void;
}

const pinned = 'https://guest.example';
const evil = 'https://evil.example';
const hostOrigin = 'https://host.example';

/** A clock that stands still until it is told to go on; what waits for it fires when the explorer says so. */
class HandClock implements Clock {
  time = 0;
  readonly waiting = new Map<number, () => void>();
  #last = 0;

  now(): number {
    return this.time;
  }

  after(_: number, run: () => void): () => void {
    const id = ++this.#last;
    this.waiting.set(id, run);
    return () => this.waiting.delete(id);
  }

  /** Fires one of those that wait: the oldest, or the newest. */
  fire(which: 'oldest' | 'newest'): void {
    const id = [...this.waiting.keys()].at(which === 'oldest' ? 0 : -1);
    const run = id === undefined ? undefined : this.waiting.get(id);
    if (id !== undefined) this.waiting.delete(id);
    run?.();
  }
}

/** One end of a channel. What is posted lies in the queue of the other end until it is delivered. */
class Port {
  onmessage: ((event: { readonly data: unknown; readonly ports: readonly unknown[] }) => void) | null = null;
  onmessageerror: unknown = null;
  isClosed = false;
  peer: Port | undefined;
  readonly queue: Batch[] = [];

  postMessage(batch: Batch): void {
    if (!this.isClosed && this.peer?.isClosed === false) this.peer.queue.push(batch);
  }

  close(): void {
    this.isClosed = true;
    this.queue.length = 0;
  }

  /** As much of a MessagePort as the drivers touch. */
  get asPort(): MessagePort {
    return this as unknown as MessagePort;
  }
}

class Channel {
  readonly host = new Port();
  readonly guest = new Port();
  readonly doc: Doc | undefined;
  /** Whether somebody has the guest's end who outlives its document. */
  isGivenAway = false;

  constructor(doc: Doc | undefined) {
    this.doc = doc;
    this.host.peer = this.guest;
    this.guest.peer = this.host;
  }
}

/** One document of the frame. */
class Doc {
  readonly number: number;
  readonly kind: DocumentKind;
  readonly clock = new HandClock();
  readonly channels: Channel[] = [];
  connector: Connector | undefined;
  receive: ((event: MessageEvent) => void) | undefined;
  session = '';
  port: Port | undefined;
  hasLoaded = false;
  sessions = 0;
  exposes = 0;

  constructor(number: number, kind: DocumentKind) {
    this.number = number;
    this.kind = kind;
  }
}

interface HostSession {
  readonly id: string;
  readonly port: Port;
  readonly doc: Doc | undefined;
  isReady: boolean;
  isHeld: boolean;
  held: Batch[];
}

/** A message on its way to the host's window. */
interface WindowMessage {
  readonly data: unknown;
  readonly from: Doc | undefined;
  readonly origin: string;
  readonly isFrame: boolean;
  readonly port: Port | undefined;
}

export class World {
  readonly left: Budgets;
  readonly docs: Doc[] = [];
  readonly channels: Channel[] = [];
  readonly toHost: WindowMessage[] = [];
  readonly toFrame: { readonly data: HostSignal; readonly origin: string }[] = [];
  readonly log: string[] = [];
  readonly acceptor: Acceptor;
  readonly #drivers: Drivers;
  readonly #clock = new HandClock();
  readonly #steps = new Steps();
  #receive: ((event: MessageEvent) => void) | undefined;
  #session: HostSession | undefined;
  #ids = 0;
  /** The newest document that the host has had a sign of: its load or its hello. */
  #seen = 0;
  #fails = 0;
  violation: string | undefined;

  constructor(drivers: Drivers, budgets: Budgets) {
    this.#drivers = drivers;
    this.left = { ...budgets };
    this.acceptor = new drivers.Acceptor(this.#acceptOptions(), this.#acceptEvents());
    this.#show('guest');
  }

  get doc(): Doc {
    const doc = this.docs.at(-1);
    if (doc === undefined) throw new Error('the frame shows nothing');
    return doc;
  }

  /** What is the case, in a string: two histories that end in the same are one. */
  get key(): string {
    const { acceptor, docs, channels, toHost, toFrame } = this;
    const session = this.#session;
    const numberOf = (port: Port | undefined): number =>
      channels.findIndex(({ host, guest }) => host === port || guest === port);
    return JSON.stringify([
      acceptor.state,
      acceptor.seen,
      this.#seen,
      this.#fails,
      this.#clock.time,
      this.#clock.waiting.size,
      session && [session.id, numberOf(session.port), session.isReady, session.isHeld, session.held],
      this.log.filter((line) => !line.startsWith('call')).slice(-4),
      docs.map(({ kind, connector, port, hasLoaded, clock, exposes }) => [
        kind,
        connector?.state,
        numberOf(port),
        hasLoaded,
        clock.waiting.size,
        clock.time,
        exposes,
      ]),
      channels.map(({ host, guest, isGivenAway }) => [
        host.isClosed,
        guest.isClosed,
        host.queue,
        guest.queue.map((batch) => batch.map(([kind]) => kind)),
        isGivenAway,
      ]),
      toHost.map(({ data, from, origin, isFrame, port }) => [data, from?.number, origin, isFrame, numberOf(port)]),
      toFrame,
    ]);
  }

  /** Everything that can happen next, with what it costs. */
  get actions(): Action[] {
    const all = [...this.#deliveries(), ...this.#documents(), ...this.#acts(), ...this.#attacks(), ...this.#times()];
    return all.filter(({ cost }) => cost === undefined || this.left[cost] > 0);
  }

  run({ cost, run }: Action): void {
    if (cost !== undefined) this.left[cost]--;
    run();
    this.#check();
  }

  /**
   * What comes of it when nothing goes wrong any more: everything arrives, timers of hellos fire, the host asks for signs of life. Says
   * what is not as it should be then.
   */
  settle(): string | undefined {
    const { doc, acceptor } = this;
    if (!doc.hasLoaded) this.#load(doc);
    for (let round = 0; round < 4; round++) {
      for (let steps = 0; steps < 200; steps++) {
        const next = this.#deliveries().find(({ cost }) => cost === undefined);
        if (next === undefined) break;
        next.run();
      }
      if (acceptor.state === 'held') acceptor.check();
      if (doc.connector?.state === 'calling') doc.clock.fire('newest');
    }
    this.#check();
    if (this.violation !== undefined || acceptor.state === 'barred') return this.violation;
    const isServed = acceptor.state === 'open' && doc.session === this.#session?.id && this.#session.doc === doc;
    const state = doc.connector?.state;
    // A guest that has given up waits for a knock, which only a host sends that comes later.
    if (doc.kind === 'guest' && state !== 'failed')
      return isServed ? undefined : `host ${acceptor.state}, guest ${state}`;
    if (doc.kind === 'guest') return isServed ? 'the guest has failed in an open session' : undefined;
    for (let round = 0; round < 3; round++) this.#clock.fire('oldest');
    if (acceptor.state === 'open') return `the host is open with a ${doc.kind} in the frame`;
    return acceptor.state === 'waiting' || acceptor.state === 'opening'
      ? `the host stays ${acceptor.state}`
      : undefined;
  }

  #acceptOptions(): AcceptOptions {
    return {
      endpoint: {
        origin: pinned,
        canNavigate: true,
        listen: (receive) => {
          this.#receive = receive;
          return () => undefined;
        },
        recognise: ({ source, origin }) => (source !== frame ? undefined : origin === pinned ? 'guest' : 'stranger'),
        post: (data) => void this.toFrame.push({ data, origin: pinned }),
        whyGone: () => undefined,
      },
      introduction: introductionOf('1.0.0'),
      notes: () => [],
      judge: ({ contract }) =>
        contract.version === '1.0.0' ? undefined : { code: 'CONTRACT_MISMATCH', message: 'too old' },
      times: { connectMs: 10, busyMs: 30 },
      step: this.#steps.run,
      clock: this.#clock,
      newId: () => `id${++this.#ids}`,
    };
  }

  #acceptEvents(): AcceptEvents {
    return {
      welcome: (port, welcome) => {
        const mine = this.channels.find(({ host }) => host.asPort === port);
        if (mine === undefined || mine.host.isClosed) return this.#violate('it welcomes on a port that was closed');
        if (this.#session !== undefined) this.#violate('two sessions are alive');
        if (mine.doc === undefined || mine.doc.kind !== 'guest')
          this.#violate(`it welcomes ${mine.doc?.kind ?? 'an attacker'}`);
        this.#session = {
          id: welcome.session,
          port: mine.host,
          doc: mine.doc,
          isReady: false,
          isHeld: false,
          held: [],
        };
        mine.host.postMessage([[WELCOME, welcome]]);
        this.log.push(`welcome ${mine.doc?.number}`);
      },
      opened: () => void this.log.push('opened'),
      hold: () => {
        if (this.#session !== undefined) this.#session.isHeld = true;
      },
      release: () => this.#release(),
      end: (cause) => this.#end(cause.code),
      fail: () => {
        this.#fails++;
        this.#end('failed');
      },
      revive: () => void this.log.push('revived'),
      alive: () => void this.log.push('alive'),
      spent: () => undefined,
    };
  }

  #end(reason: string): void {
    const session = this.#session;
    this.#session = undefined;
    session?.port.postMessage([[GOODBYE, reason]]);
    session?.port.close();
  }

  #release(): void {
    const session = this.#session;
    if (session === undefined) return;
    session.isHeld = false;
    for (const batch of session.held.splice(0)) this.#dispatch(session, batch);
  }

  /** The host's end of a session: as `session.ts` and `mounting.ts`, which stand between the link and the acceptor. */
  #hear(session: HostSession, batch: Batch): void {
    this.acceptor.batch();
    if (this.#session !== session) return;
    const [first] = batch;
    if (first?.[0] === GOODBYE) return this.#goodbye(session, String(first[1]));
    if (session.isHeld && session.isReady) return void session.held.push(batch);
    this.#dispatch(session, batch);
  }

  #dispatch(session: HostSession, batch: Batch): void {
    for (const [kind, value] of batch) {
      if (this.#session !== session) return;
      if (!session.isReady) {
        session.isReady = kind === READY && this.acceptor.ready(value);
        if (!session.isReady) {
          this.#session = undefined;
          session.port.close();
          return this.acceptor.ended(new MuntinError('PROTOCOL_VIOLATION', 'no ready'));
        }
      } else if (kind === CALL) this.#called(session);
    }
  }

  #goodbye(session: HostSession, reason: string): void {
    this.#session = undefined;
    session.port.close();
    const isLater = reason === 'pagehide' || reason === 'later';
    this.acceptor.ended(new MuntinError(isLater ? 'PEER_RELOADED' : 'PEER_CLOSED', reason));
  }

  #called({ doc }: HostSession): void {
    if (doc === undefined || doc.number < this.#seen)
      this.#violate(`a call of document ${doc?.number ?? 'nobody'} is dispatched after document ${this.#seen}`);
    this.log.push('call');
  }

  /** Another document comes into the frame. What lay in the window of the one before is gone. */
  #show(kind: DocumentKind): void {
    const doc = new Doc(this.docs.length + 1, kind);
    this.docs.push(doc);
    this.toFrame.length = 0;
    if (kind === 'stranger') this.#say(doc, { ...introductionOf('1.0.0'), muntin: 'hello', nonce: 'x' }, evil);
    else if (kind !== 'blank') this.#expose(doc);
  }

  #expose(doc: Doc): void {
    doc.exposes++;
    const connector: Connector = new this.#drivers.Connector(
      {
        embedder: {
          hosts: [hostOrigin],
          listen: (receive) => {
            doc.receive = receive;
            return () => undefined;
          },
          hostOf: ({ origin }) => (origin === hostOrigin ? origin : undefined),
          post: (data, _, transfer) => {
            const port = this.channels.find(({ host }) => host === (transfer[0] as unknown))?.host;
            this.toHost.push({ data, from: doc, origin: pinned, isFrame: true, port });
          },
        },
        introduction: introductionOf(doc.kind === 'older' ? '0.9.0' : '1.0.0'),
        timeoutMs: 10,
        clock: doc.clock,
        newId: () => `nonce${doc.number}.${doc.exposes}`,
        newChannel: () => {
          const channel = new Channel(doc);
          doc.channels.push(channel);
          this.channels.push(channel);
          return { port1: channel.guest.asPort, port2: channel.host.asPort };
        },
      },
      {
        begin: () => undefined,
        open: (port, welcome) => {
          doc.session = welcome.session;
          doc.sessions++;
          doc.port = this.channels.find(({ guest }) => guest.asPort === port)?.guest;
          if (doc.port === undefined) return;
          doc.port.onmessage = ({ data }) => this.#guestHears(doc, connector, data);
          doc.port.postMessage([[READY, { session: welcome.session, heard: welcome.versions }]]);
        },
        fail: () => this.#guestEnds(doc),
        end: (cause) => {
          doc.port?.postMessage([[GOODBYE, cause.code]]);
          this.#guestEnds(doc);
        },
      },
    );
    doc.connector = connector;
  }

  #guestHears(doc: Doc, connector: Connector, data: unknown): void {
    const [first] = data as Batch;
    if (first?.[0] !== GOODBYE) return;
    const code = first[1] === 'PEER_NAVIGATED' || first[1] === 'PEER_UNRESPONSIVE' ? first[1] : 'PEER_CLOSED';
    this.#guestEnds(doc);
    connector.ended(new MuntinError(code, 'the host says goodbye'));
  }

  #guestEnds(doc: Doc): void {
    doc.port?.close();
    doc.port = undefined;
    doc.session = '';
  }

  #say(doc: Doc | undefined, data: Hello, origin: string): void {
    const channel = new Channel(doc);
    this.channels.push(channel);
    this.toHost.push({ data, from: doc, origin, isFrame: doc !== undefined, port: channel.host });
  }

  #load(doc: Doc): void {
    doc.hasLoaded = true;
    this.#seen = Math.max(this.#seen, doc.number);
    this.acceptor.loaded();
  }

  #deliveries(): Action[] {
    const actions: Action[] = [];
    const [message] = this.toHost;
    if (message !== undefined) {
      actions.push({ name: 'the host gets a message', run: () => this.#deliver() });
      actions.push({ name: 'a message to the host is lost', cost: 'drops', run: () => void this.toHost.shift() });
    }
    if (this.toFrame.length > 0) {
      actions.push({ name: 'the frame gets a message', run: () => this.#deliverToFrame() });
      actions.push({ name: 'a message to the frame is lost', cost: 'drops', run: () => void this.toFrame.shift() });
    }
    for (const [number, channel] of this.channels.entries()) {
      const { host, guest, doc } = channel;
      const session = this.#session;
      if (host.queue.length > 0 && session?.port === host)
        actions.push({
          name: `the host reads port ${number}`,
          run: () => {
            const batch = host.queue.shift();
            if (batch !== undefined) this.#hear(session, batch);
          },
        });
      if (guest.queue.length > 0 && doc === this.doc && guest.onmessage !== null)
        actions.push({
          name: `the guest reads port ${number}`,
          run: () => guest.onmessage?.({ data: guest.queue.shift(), ports: [] }),
        });
    }
    return actions;
  }

  #deliver(): void {
    const message = this.toHost.shift();
    if (message === undefined) return;
    const { data, from, origin, isFrame, port } = message;
    if (from !== undefined && origin === pinned && isHello(data)) this.#seen = Math.max(this.#seen, from.number);
    this.#receive?.({
      isTrusted: true,
      source: isFrame ? frame : null,
      origin,
      data,
      ports: port === undefined ? [] : [port.asPort],
    } as unknown as MessageEvent);
  }

  #deliverToFrame(): void {
    const { doc } = this;
    const message = this.toFrame.shift();
    if (message === undefined || doc.kind === 'stranger') return; // the target is exact
    doc.receive?.({ isTrusted: true, source: null, origin: hostOrigin, data: message.data } as unknown as MessageEvent);
  }

  #documents(): Action[] {
    const { doc } = this;
    const actions: Action[] = [];
    if (!doc.hasLoaded) actions.push({ name: `document ${doc.number} has loaded`, run: () => this.#load(doc) });
    for (const kind of ['guest', 'older', 'blank', 'stranger'] as const)
      for (const how of ['saying goodbye', 'silently'])
        actions.push({
          name: `the frame goes to a ${kind}, ${how}`,
          cost: 'navigations',
          run: () => {
            if (how === 'saying goodbye') {
              doc.connector?.leave();
              if (doc.port !== undefined) doc.port.postMessage([[GOODBYE, 'pagehide']]);
            }
            for (const { guest, isGivenAway } of doc.channels) if (!isGivenAway) guest.onmessage = null;
            this.#show(kind);
          },
        });
    return actions;
  }

  #acts(): Action[] {
    const { doc, acceptor } = this;
    const actions: Action[] = [
      { name: 'the host asks whether the guest is there', cost: 'acts', run: () => acceptor.check() },
      { name: 'the host knocks', cost: 'acts', run: () => acceptor.knock() },
      {
        name: 'the host loads the frame anew',
        cost: 'acts',
        run: () => {
          acceptor.restart();
          doc.connector?.leave();
          this.#show('guest');
        },
      },
    ];
    if (doc.port !== undefined)
      actions.push({ name: 'the guest calls', cost: 'acts', run: () => doc.port?.postMessage([[CALL]]) });
    if (doc.kind === 'guest' && doc.connector !== undefined)
      actions.push({
        name: 'the guest closes and exposes again',
        cost: 'acts',
        run: () => {
          doc.connector?.close(new MuntinError('PEER_CLOSED', 'the guest closes'));
          doc.clock.waiting.clear();
          this.#expose(doc);
        },
      });
    return actions;
  }

  #attacks(): Action[] {
    const actions: Action[] = [
      {
        name: 'another window says hello',
        cost: 'attacks',
        run: () => this.#say(undefined, { ...introductionOf('1.0.0'), muntin: 'hello', nonce: 'y' }, pinned),
      },
    ];
    for (const [number, channel] of this.channels.entries()) {
      const { doc, guest } = channel;
      if (doc === undefined || guest.isClosed || doc.port !== guest) continue;
      if (!channel.isGivenAway)
        actions.push({
          name: `document ${doc.number} gives port ${number} away`,
          cost: 'attacks',
          run: () => void (channel.isGivenAway = true),
        });
      else
        actions.push({
          name: `who was given port ${number} calls`,
          cost: 'attacks',
          run: () => guest.postMessage([[CALL]]),
        });
    }
    return actions;
  }

  #times(): Action[] {
    const { doc } = this;
    const actions: Action[] = [];
    if (this.#clock.waiting.size > 0)
      actions.push({ name: 'the time to connect is over', cost: 'timeouts', run: () => this.#clock.fire('oldest') });
    actions.push({
      name: 'time passes',
      cost: 'timeouts',
      run: () => {
        this.#clock.time += 1500;
        doc.clock.time += 1500;
      },
    });
    if (doc.connector?.state === 'calling') {
      actions.push({ name: 'the guest says hello again', cost: 'hellos', run: () => doc.clock.fire('newest') });
      actions.push({ name: 'the guest gives up', cost: 'timeouts', run: () => doc.clock.fire('oldest') });
    }
    return actions;
  }

  /** What must be at every moment. */
  #check(): void {
    const { state } = this.acceptor;
    const hasSession = ['opening', 'doubted', 'open', 'held'].includes(state);
    if (hasSession !== (this.#session !== undefined))
      this.#violate(`the host is ${state} ${hasSession ? 'without' : 'with'} a session`);
    for (const doc of this.docs)
      if (doc.sessions > doc.exposes + this.#fails)
        this.#violate(`document ${doc.number} has had ${doc.sessions} sessions, and asked for ${doc.exposes}`);
    if (this.#session?.isReady === true && this.#session.isHeld !== (state === 'held'))
      this.#violate(`the host is ${state}, and its session is ${this.#session.isHeld ? '' : 'not '}held`);
  }

  #violate(what: string): void {
    this.violation ??= what;
  }
}

/** The window of the frame. */
const frame = {};

function isHello(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'muntin' in data && data.muntin === 'hello';
}

function introductionOf(version: string) {
  return { versions: [1], contract: { name: 'acme', version }, serves: [''], calls: 8, codecs: ['structured-clone'] };
}

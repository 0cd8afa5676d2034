// A small model of one mount: a host, the frame that it watches, every document that the frame has shown, and attackers. The transition
// tables are the real ones (`next` reads them); what is modelled is the two drivers and what carries messages between them. Each
// piece names the lines that it mirrors: a change there has to be made here too.
import {
  type GuestEffect,
  type GuestSignalName,
  type GuestState,
  type HostEffect,
  type HostSignalName,
  type HostState,
  next,
  type Table,
} from '../../src/handshake/machine.ts';

/** The two tables that are explored. */
export interface Tables {
  readonly host: Table<HostState, HostSignalName, HostEffect>;
  readonly guest: Table<GuestState, GuestSignalName, GuestEffect>;
}

/** What may still happen in one history; each is spent. */
export interface Budgets {
  /** Documents that replace the one before: reloads, navigations. */
  navigations: number;
  /** Hellos that a guest says again because its timer has fired, per document. */
  hellos: number;
  /** Messages of the window that are lost. */
  drops: number;
  /** Messages of the window that come twice. */
  duplicates: number;
  /** Messages of attackers. */
  attacks: number;
  /** What the applications do: reload, close, check, knock, and calls of the guest. */
  acts: number;
  /** Timers of failure: no ready, no `here`, nobody connects. */
  timeouts: number;
}

/** Ours, one whose contract does not fit, one of the pinned origin without Muntin, and one of another origin. */
type DocumentKind = 'guest' | 'older' | 'blank' | 'stranger';

/** One document of the frame: for `guest` and `older`, an `Offerer` and its session. */
interface Doc {
  readonly kind: DocumentKind;
  state: GuestState;
  /** The port whose other end went with the latest hello; 0 for none. */
  offered: number;
  /** The open session, and the port it is on. */
  session: number;
  port: number;
  hellos: number;
  /** The session whose welcome it took last. */
  took: number;
  loaded: boolean;
}

type ToHost = readonly ['ready', session: number] | readonly ['call'] | readonly ['goodbye', reason: string];
type ToGuest = readonly ['welcome', session: number] | readonly ['refuse'] | readonly ['goodbye', code: string];

/** One MessageChannel that a guest made. Who holds the guest's end: its document, or somebody it was given to. */
interface Channel {
  /** Who made it; 0 for an attacker. */
  readonly doc: number;
  guestEnd: 'doc' | 'holder' | 'closed';
  hostEnd: 'open' | 'closed';
  toHost: ToHost[];
  toGuest: ToGuest[];
  /** The session that a holder has read in the welcome. */
  heard: number;
}

/** A message on the host's window. `source` and `origin` are what the browser vouches for. */
interface WindowMessage {
  readonly kind: 'hello' | 'here';
  readonly source: 'frame' | 'other' | 'none';
  readonly origin: 'pinned' | 'evil';
  /** Which document sent it; 0 for another window. */
  readonly sender: number;
  /** For a hello the document that it names; for `here` the nonce of the check. */
  readonly nonce: number;
  readonly session: number;
  readonly port: number;
  readonly isFitting: boolean;
}

/** A message on the frame's window, posted with the pinned origin as its exact target, or by an attacker. */
interface FrameMessage {
  readonly kind: 'check' | 'knock' | 'welcome';
  readonly nonce: number;
  readonly isOurs: boolean;
}

/** The host's end of a session: mount.ts `#open`, session.ts. */
interface HostSession {
  readonly id: number;
  readonly port: number;
  isReady: boolean;
  isHeld: boolean;
}

interface Host {
  state: HostState;
  /** `#hello`: the latest, 0 for none. */
  hello: number;
  helloNonce: number;
  nonce: number;
  session: number;
  asked: number;
  documents: number;
  connectTimer: boolean;
  answerTimer: boolean;
  /** `#session` of the mount; 0 for none. */
  mounted: number;
  /** The application was told that connecting has failed, and has not asked for a reload since. */
  hasFailed: boolean;
}

export interface World {
  host: Host;
  /** By number, from 1; the last is in the frame. */
  docs: Doc[];
  channels: Map<number, Channel>;
  sessions: HostSession[];
  toHost: WindowMessage[];
  toFrame: FrameMessage[];
  /** The newest document of the frame that the host has had a sign of: its load or its hello. */
  seen: number;
  nextSession: number;
  nextNonce: number;
  left: Budgets;
  /** What must never be, and was. */
  violation: string | undefined;
}

/** One thing that can happen next. */
export interface Action {
  readonly name: string;
  readonly run: (world: World) => void;
}

/** How a world begins: the frame's first document has loaded its script and says hello; nothing has arrived. */
export function begin(budgets: Budgets): World {
  const world: World = {
    host: {
      state: 'waiting',
      hello: 0,
      helloNonce: 0,
      nonce: 0,
      session: 0,
      asked: 0,
      documents: 0,
      connectTimer: true, // the constructor of the Acceptor calls #expectConnection
      answerTimer: false,
      mounted: 0,
      hasFailed: false,
    },
    docs: [],
    channels: new Map(),
    sessions: [],
    toHost: [],
    toFrame: [],
    seen: 0,
    nextSession: 1,
    nextNonce: 1,
    left: { ...budgets },
    violation: undefined,
  };
  show(world, 'guest');
  return world;
}

export function copy(world: World): World {
  const channels = new Map<number, Channel>();
  for (const [id, channel] of world.channels)
    channels.set(id, { ...channel, toHost: [...channel.toHost], toGuest: [...channel.toGuest] });
  return {
    ...world,
    host: { ...world.host },
    docs: world.docs.map((doc) => ({ ...doc })),
    channels,
    sessions: world.sessions.map((session) => ({ ...session })),
    toHost: [...world.toHost],
    toFrame: [...world.toFrame],
    left: { ...world.left },
  };
}

/** The same for two worlds exactly when nothing that can happen tells them apart, but for what is left of the budgets. */
export function keyOf(world: World): string {
  const { host, docs, channels, sessions, toHost, toFrame } = world;
  let key = `${world.seen},${world.violation ?? ''}`;
  key += `,${host.state.slice(0, 5)},${host.hello},${host.helloNonce},${host.nonce},${host.session},${host.asked},${host.documents}`;
  key += `,${Number(host.connectTimer)}${Number(host.answerTimer)}${Number(host.hasFailed)},${host.mounted}`;
  for (const { kind, state, offered, session, port, hellos, took, loaded } of docs)
    key += `D${kind[0]}${state[0]}${state[1]},${offered},${session},${port},${hellos},${took},${Number(loaded)}`;
  for (const [id, { doc, guestEnd, hostEnd, toHost: up, toGuest: down, heard }] of channels)
    key += `C${id},${doc},${guestEnd[0]}${hostEnd[0]},${heard},${up.join('>')}|${down.join('<')}`;
  for (const { id, port, isReady, isHeld } of sessions) key += `S${id},${port},${Number(isReady)}${Number(isHeld)}`;
  for (const { kind, source, origin, sender, nonce, session, port, isFitting } of toHost)
    key += `H${kind[2]}${source[0]}${origin[0]},${sender},${nonce},${session},${port},${Number(isFitting)}`;
  for (const { kind, nonce, isOurs } of toFrame) key += `F${kind[0]},${nonce},${Number(isOurs)}`;
  return key;
}

// ---------------------------------------------------------------------------------------------------------------- the guest's side

function current(world: World): number {
  return world.docs.length;
}

function docOf(world: World, number: number): Doc {
  const doc = world.docs[number - 1];
  if (doc === undefined) throw new Error(`there is no document ${number}`);
  return doc;
}

/** A new document in the frame; Muntin's say hello at once (the constructor of the Offerer). */
function show(world: World, kind: DocumentKind): void {
  const state: GuestState = kind === 'guest' || kind === 'older' ? 'calling' : 'closed';
  world.docs.push({ kind, state, offered: 0, session: 0, port: 0, hellos: 0, took: 0, loaded: false });
  if (state === 'calling') sayHello(world, current(world));
}

/** offer.ts `#sayHello`: the port of the hello before is closed first. */
function sayHello(world: World, number: number): void {
  const doc = docOf(world, number);
  closeGuestEnd(world, doc.offered);
  const port = number * 100 + ++doc.hellos;
  world.channels.set(port, { doc: number, guestEnd: 'doc', hostEnd: 'open', toHost: [], toGuest: [], heard: 0 });
  doc.offered = port;
  world.toHost.push({
    kind: 'hello',
    source: 'frame',
    origin: 'pinned',
    sender: number,
    nonce: number,
    session: 0,
    port,
    isFitting: doc.kind !== 'older',
  });
}

function closeGuestEnd(world: World, port: number): void {
  const channel = world.channels.get(port);
  if (channel === undefined) return;
  channel.guestEnd = 'closed';
  channel.toGuest = []; // a closed port delivers nothing
  forget(world, port);
}

function closeHostEnd(world: World, port: number): void {
  const channel = world.channels.get(port);
  if (channel === undefined) return;
  channel.hostEnd = 'closed';
  channel.toHost = [];
  forget(world, port);
}

/** What can never matter again is no difference between two worlds. */
function forget(world: World, port: number): void {
  const channel = world.channels.get(port);
  if (channel?.guestEnd === 'closed' && (channel.hostEnd === 'closed' || channel.toHost.length === 0)) {
    const isUsed = world.sessions.some((session) => session.port === port);
    const isOnItsWay = world.toHost.some((message) => message.port === port) || world.host.hello === port;
    if (!isUsed && !isOnItsWay) world.channels.delete(port);
  }
}

function postToGuest(world: World, port: number, message: ToGuest): void {
  const channel = world.channels.get(port);
  if (channel !== undefined && channel.hostEnd === 'open' && channel.guestEnd !== 'closed')
    channel.toGuest.push(message);
}

function postToHost(world: World, port: number, message: ToHost): void {
  const channel = world.channels.get(port);
  if (channel !== undefined && channel.guestEnd !== 'closed' && channel.hostEnd === 'open')
    channel.toHost.push(message);
}

/** offer.ts `#signal`, with the effects of expose.ts `#offer`. */
function signalGuest(
  tables: Tables,
  world: World,
  number: number,
  signal: GuestSignalName,
  port = 0,
  session = 0,
): void {
  const doc = docOf(world, number);
  const step = next(tables.guest, doc.state, signal);
  if (step === undefined) return;
  const [state, ...effects] = step;
  doc.state = state;
  for (const effect of effects) {
    switch (effect) {
      case 'hello':
        sayHello(world, number);
        break;
      case 'quiet': // offer.ts `#quiet`
        closeGuestEnd(world, doc.offered);
        doc.offered = 0;
        break;
      case 'open': // expose.ts `#open`: the greeting of the session is its ready
        doc.session = session;
        doc.port = port;
        doc.took = session;
        postToHost(world, port, ['ready', session]);
        break;
      case 'end': // expose.ts `end`: session.close(cause, 'closed')
        postToHost(world, doc.port, ['goodbye', 'closed']);
        closeGuestEnd(world, doc.port);
        break;
      case 'fail':
    }
  }
}

/** offer.ts `#receiveAnswer` on an offered port; session.ts `#receive` on the session's. */
function deliverToGuest(tables: Tables, world: World, port: number): void {
  const channel = world.channels.get(port);
  const message = channel?.toGuest.shift();
  if (channel === undefined || message === undefined) return;
  if (channel.guestEnd === 'holder') {
    if (message[0] === 'welcome') channel.heard = message[1]; // whoever was given the port reads what comes
    return;
  }
  const doc = docOf(world, channel.doc);
  if (doc.state === 'open' && doc.port === port) {
    if (message[0] !== 'goodbye') return; // a second welcome is a violation; it is counted where it is sent
    closeGuestEnd(world, port);
    signalGuest(tables, world, channel.doc, 'ended');
    if (message[1] === 'PEER_NAVIGATED') signalGuest(tables, world, channel.doc, 'knock'); // offer.ts `ended`
  } else if (doc.offered === port) {
    if (message[0] === 'refuse') signalGuest(tables, world, channel.doc, 'refuse');
    else if (message[0] === 'welcome') {
      doc.offered = 0; // `this.#ports.delete(host)`: it is the session's now
      signalGuest(tables, world, channel.doc, 'welcome', port, message[1]);
    } else closeGuestEnd(world, port); // `#wrong`
  }
}

/** offer.ts `#receive`. Posted with an exact target, a message of the host reaches documents of the pinned origin only. */
function deliverToFrame(tables: Tables, world: World, { kind, nonce, isOurs }: FrameMessage): void {
  const number = current(world);
  const doc = docOf(world, number);
  const isMuntin = doc.kind === 'guest' || doc.kind === 'older';
  if (!isMuntin || !isOurs || kind === 'welcome') return; // source, origin, `isHostSignal`
  if (kind === 'knock') signalGuest(tables, world, number, 'knock');
  else if (doc.state === 'open')
    world.toHost.push({
      kind: 'here',
      source: 'frame',
      origin: 'pinned',
      sender: number,
      nonce,
      session: doc.session,
      port: 0,
      isFitting: true,
    });
}

// ----------------------------------------------------------------------------------------------------------------- the host's side

/** accept.ts `#signal`. */
function signalHost(tables: Tables, world: World, signal: HostSignalName): void {
  const { host } = world;
  const step = next(tables.host, host.state, signal);
  if (step === undefined) return;
  const [state, ...effects] = step;
  const from = host.state;
  host.state = state;
  for (const effect of effects) {
    switch (effect) {
      case 'welcome':
        welcome(world);
        host.answerTimer = true; // #expectAnswer
        break;
      case 'refuse': // accept.ts `#refuse`
        postToGuest(world, host.hello, ['refuse']);
        closeHostEnd(world, host.hello);
        break;
      case 'dismiss':
        closeHostEnd(world, host.hello);
        break;
      case 'replace':
      case 'end':
        lose(world, codeOf(signal, from));
        break;
      case 'retract':
        lose(world, 'PEER_RELOADED');
        break;
      case 'check': // hold, ask, expect an answer
        host.asked = 0;
        for (const session of world.sessions) if (session.id === host.mounted) session.isHeld = true;
        check(world);
        host.answerTimer = true;
        break;
      case 'release':
        for (const session of world.sessions) if (session.id === host.mounted) session.isHeld = false;
        break;
      case 'opened': // the state of the mount; nothing travels
        break;
      case 'fail': // mount.ts `#fail` closes what session there is
        host.hasFailed = true;
        lose(world, codeOf(signal, from));
    }
  }
  if (signal === 'restart') host.hasFailed = false;
  // accept.ts `#setTimers`
  if (!isConnecting(host.state)) host.connectTimer = false;
  else if (!isConnecting(from) || signal === 'restart') host.connectTimer = true;
  if (!isAsking(host.state)) host.answerTimer = false;
}

/** The cause with which accept.ts signals: `#receiveHello`, `#meetStranger`, `restart`, `close`; without one, the default of `end`. */
function codeOf(signal: HostSignalName, from: HostState): string {
  if (signal === 'hello' || signal === 'restart') return 'PEER_RELOADED';
  if (signal === 'stranger') return from === 'open' || from === 'held' ? 'PEER_NAVIGATED' : 'GUEST_ORIGIN_MISMATCH';
  return signal === 'silent' || signal === 'timeout' ? 'PEER_NAVIGATED' : signal;
}

const isConnecting = (state: HostState): boolean => state === 'waiting' || state === 'opening' || state === 'doubted';
const isAsking = (state: HostState): boolean => state === 'opening' || state === 'doubted' || state === 'held';

/** accept.ts `check`. */
function check(world: World): void {
  if (world.host.asked === 0) world.host.asked = world.nextNonce++;
  world.toFrame.push({ kind: 'check', nonce: world.host.asked, isOurs: true });
}

/** accept.ts `#welcome`, mount.ts `#open`. */
function welcome(world: World): void {
  const { host } = world;
  if (host.hello === 0) return;
  const channel = world.channels.get(host.hello);
  if (channel === undefined || channel.hostEnd === 'closed')
    blame(world, 'a session is opened on a port that was closed');
  if (world.sessions.some((session) => session.port === host.hello))
    blame(world, 'two sessions are opened on one port');
  host.nonce = host.helloNonce;
  host.session = world.nextSession++;
  host.asked = 0;
  postToGuest(world, host.hello, ['welcome', host.session]);
  world.sessions.push({ id: host.session, port: host.hello, isReady: false, isHeld: false });
  host.mounted = host.session;
}

/** mount.ts `#close`: the session says goodbye, with the code of what ended it, and closes its port. */
function lose(world: World, code: string): void {
  const ended = world.sessions.find((session) => session.id === world.host.mounted);
  world.host.mounted = 0;
  if (ended === undefined) return;
  world.sessions = world.sessions.filter((session) => session !== ended);
  postToGuest(world, ended.port, ['goodbye', code]);
  closeHostEnd(world, ended.port);
}

/** accept.ts `#receive`. */
function deliverToHost(tables: Tables, world: World, message: WindowMessage): void {
  const { host } = world;
  // The listener is gone once the Acceptor is closed; the other guards are its first lines.
  if (host.state === 'closed' || message.source !== 'frame') return closeHostEnd(world, message.port);
  if (message.kind === 'hello') world.seen = Math.max(world.seen, message.sender);
  if (message.origin !== 'pinned') {
    closeHostEnd(world, message.port);
    if (message.kind === 'hello') signalHost(tables, world, 'stranger');
    return;
  }
  if (message.kind === 'here') {
    // accept.ts `#receiveHere`
    if (host.asked === 0 || message.nonce !== host.asked || message.session !== host.session) return;
    host.asked = 0;
    return signalHost(tables, world, 'here');
  }
  // accept.ts `#receiveHello`
  const earlier = host.hello;
  host.hello = message.port;
  host.helloNonce = message.nonce;
  if (!message.isFitting) signalHost(tables, world, 'misfit');
  else if (message.nonce === host.nonce) signalHost(tables, world, 'again');
  else if (++host.documents > maxDocuments) signalHost(tables, world, 'loop');
  else signalHost(tables, world, 'hello');
  forget(world, earlier);
}

const maxDocuments = 5;

/** link.ts `#drain`, session.ts `#receive`: nothing while held; ready first; then a call is dispatched or a goodbye ends it. */
function deliverFromPort(tables: Tables, world: World, session: HostSession): void {
  const channel = world.channels.get(session.port);
  const message = channel?.toHost.shift();
  if (channel === undefined || message === undefined) return;
  if (!session.isReady) {
    // accept.ts `ready`
    if (message[0] !== 'ready' || message[1] !== world.host.session)
      return endByItself(tables, world, session, 'broken');
    signalHost(tables, world, 'ready');
    session.isReady = true;
  } else if (message[0] === 'call') dispatch(world, session, channel);
  else if (message[0] === 'goodbye') endByItself(tables, world, session, message[1] === 'pagehide' ? 'left' : 'broken');
  else endByItself(tables, world, session, 'broken');
  forget(world, session.port);
}

/** session.ts `#end`, then mount.ts `onEnd`: the mount loses its session, then the acceptor hears of it. */
function endByItself(tables: Tables, world: World, session: HostSession, how: 'left' | 'broken'): void {
  world.sessions = world.sessions.filter((other) => other !== session);
  postToGuest(world, session.port, ['goodbye', how]);
  closeHostEnd(world, session.port);
  lose(world, how);
  signalHost(tables, world, how);
}

// ---------------------------------------------------------------------------------------------------------------- what must hold

function blame(world: World, violation: string): void {
  world.violation ??= violation;
}

/** Freshness: a call runs only in the session that is open, and never once a later document has shown itself in the frame. */
function dispatch(world: World, session: HostSession, { doc }: Channel): void {
  const { host } = world;
  if (host.state !== 'open') blame(world, `a call is dispatched while the host is ${host.state}`);
  if (session.id !== host.session) blame(world, 'a call of an earlier session is dispatched');
  if (world.seen > doc)
    blame(world, `a call of document ${doc} is dispatched after document ${world.seen} has shown itself`);
}

/** What holds in every world, besides what is blamed where it happens. */
export function judge(world: World): string | undefined {
  if (world.violation !== undefined) return world.violation;
  const { host, sessions } = world;
  if (sessions.length > 1) return 'two sessions are alive at once';
  const session = sessions.find(({ id }) => id === host.mounted);
  const hasSession = ['opening', 'doubted', 'open', 'held'].includes(host.state);
  if (hasSession !== (session !== undefined))
    return `the host is ${host.state} ${hasSession ? 'without' : 'with'} a session`;
  if (isConnecting(host.state) !== host.connectTimer) return `the host is ${host.state} and its connecting has no end`;
  if (isAsking(host.state) && !host.answerTimer) return `the host is ${host.state} and waits for ever`;
  if (host.hasFailed && host.state !== 'failed' && host.state !== 'closed')
    return `the host is ${host.state} after it has told the application that connecting failed`;
  if (session === undefined) return undefined;
  const channel = world.channels.get(session.port);
  if (channel === undefined || channel.hostEnd === 'closed') return 'the session of the host has no port';
  if (channel.doc === 0) return 'a session is opened with an attacker';
  const doc = docOf(world, channel.doc);
  if (doc.kind !== 'guest') return `a session is opened with a document that is ${doc.kind}`;
  if (host.state !== 'open' && host.state !== 'held') return undefined;
  const isTaken = doc.took === session.id || channel.heard === session.id;
  if (!isTaken) return 'the host is open, and its guest has not taken the welcome';
  if (doc.state === 'open' && doc.session !== session.id && channel.doc === current(world))
    return 'both are open, in different sessions';
  return undefined;
}

// ------------------------------------------------------------------------------------------------------------ what can happen next

/** Everything that can happen in a world. */
export function listActions(tables: Tables, world: World): Action[] {
  const actions: Action[] = [];
  const add = (name: string, run: (world: World) => void): void => void actions.push({ name, run });
  const { left } = world;

  // Messages of the frame come in their order, those of ports in any order with them.
  const heard = new Set<number>();
  for (const [index, message] of world.toHost.entries()) {
    const line = overtaking.isOn ? message.sender : 0;
    if (heard.has(line)) continue;
    heard.add(line);
    const name = `${message.kind} of document ${message.sender}`;
    add(`deliver ${name}`, (then) => {
      then.toHost.splice(index, 1);
      deliverToHost(tables, then, message);
    });
    if (left.drops > 0)
      add(`drop ${name}`, (then) => {
        then.left.drops--;
        then.toHost.splice(index, 1);
        closeHostEnd(then, message.port);
      });
    if (left.duplicates > 0 && message.kind === 'here')
      // a port cannot come twice: a second hello is a replay, see below
      add(`duplicate ${name}`, (then) => {
        then.left.duplicates--;
        then.toHost.push(message);
      });
  }
  const [signal] = world.toFrame;
  if (signal !== undefined) {
    add(`deliver ${signal.kind} ${signal.isOurs ? 'of the host' : 'of an attacker'}`, (then) => {
      then.toFrame.shift();
      deliverToFrame(tables, then, signal);
    });
    if (left.drops > 0)
      add(`drop ${signal.kind}`, (then) => {
        then.left.drops--;
        then.toFrame.shift();
      });
    if (left.duplicates > 0)
      add(`duplicate ${signal.kind}`, (then) => {
        then.left.duplicates--;
        then.toFrame.push(signal);
      });
  }
  for (const [port, channel] of world.channels)
    if (channel.toGuest.length > 0)
      add(`deliver ${channel.toGuest[0]?.[0]} on port ${port}`, (then) => deliverToGuest(tables, then, port));
  for (const [index, session] of world.sessions.entries()) {
    const first = world.channels.get(session.port)?.toHost[0];
    if (first !== undefined && !session.isHeld)
      add(`deliver ${first[0]} on port ${session.port}`, (then) => {
        const same = then.sessions[index];
        if (same !== undefined) deliverFromPort(tables, then, same);
      });
  }

  listDocumentActions(tables, world, add);
  listHostActions(tables, world, add);
  if (left.attacks > 0) listAttacks(tables, world, add);
  return actions;
}

type Add = (name: string, run: (world: World) => void) => void;

function listDocumentActions(tables: Tables, world: World, add: Add): void {
  const { left } = world;
  const number = current(world);
  for (const [index, doc] of world.docs.entries())
    if (!doc.loaded && isInOrder(world, index + 1))
      add(`load of document ${index + 1}`, (then) => load(tables, then, index + 1));
  const doc = docOf(world, number);
  if (doc.state === 'calling' && doc.hellos <= left.hellos)
    add(`document ${number} says hello again`, (then) => sayHello(then, number));
  if (doc.state === 'calling' && left.timeouts > 0)
    add(`document ${number} gives up`, (then) => {
      then.left.timeouts--;
      signalGuest(tables, then, number, 'timeout');
    });
  if (left.acts > 0 && doc.state === 'open')
    add(`document ${number} calls`, (then) => {
      then.left.acts--;
      postToHost(then, doc.port, ['call']);
    });
  if (left.acts > 0 && doc.kind === 'guest' && doc.state !== 'closed')
    add(`document ${number} closes`, (then) => {
      then.left.acts--;
      signalGuest(tables, then, number, 'close');
    });
  // Whoever holds a port that a document gave away says what it likes.
  for (const [port, channel] of world.channels) {
    if (channel.guestEnd !== 'holder' || left.attacks === 0) continue;
    for (const message of [['ready', channel.heard], ['call']] as const)
      add(`the holder of port ${port} sends ${message[0]}`, (then) => {
        then.left.attacks--;
        postToHost(then, port, message);
      });
  }
  if (left.navigations === 0) return;
  for (const kind of ['guest', 'older', 'blank', 'stranger'] as const)
    for (const how of ['says goodbye', 'is gone', 'gives its port away'] as const) {
      if (how === 'says goodbye' && doc.state !== 'open') continue;
      if (how === 'gives its port away' && (doc.kind !== 'guest' || left.attacks === 0)) continue;
      add(`document ${number} ${how}, then ${kind}`, (then) => navigate(then, kind, how));
    }
}

/** The `load` of a document comes after what the documents before it had posted. */
function isInOrder(world: World, number: number): boolean {
  return overtaking.isOn || world.toHost.every(({ sender }) => sender >= number);
}

/**
 * Whether a later document's load or message may overtake what an earlier one in the same frame had posted. Browsers post in order, but
 * the HTML Standard does not promise it: `load` and messages come from two task sources, and two documents may be in two processes.
 */
export const overtaking = { isOn: false };

/** accept.ts `loaded`; mount.ts `#loaded`. */
function load(tables: Tables, world: World, number: number): void {
  docOf(world, number).loaded = true;
  world.seen = Math.max(world.seen, number);
  signalHost(tables, world, 'load');
}

/** Another document comes; the one that was there takes its ports along, unless it has given the one in use to somebody. */
function navigate(world: World, kind: DocumentKind, how: string): void {
  const number = current(world);
  const doc = docOf(world, number);
  world.left.navigations--;
  const kept = how === 'gives its port away' ? doc.port || doc.offered : 0;
  if (how === 'says goodbye') postToHost(world, doc.port, ['goodbye', 'pagehide']); // expose.ts `#onPageHide`
  for (const [port, channel] of [...world.channels]) {
    if (channel.doc !== number || channel.guestEnd === 'closed') continue;
    if (port !== kept) closeGuestEnd(world, port);
    else {
      channel.guestEnd = 'holder';
      channel.heard = doc.session;
    }
  }
  doc.state = 'closed';
  show(world, kind);
}

function listHostActions(tables: Tables, world: World, add: Add): void {
  const { host, left } = world;
  if (host.connectTimer && left.timeouts > 0)
    add('the host gives up connecting', (then) => {
      then.left.timeouts--;
      signalHost(tables, then, 'timeout');
    });
  if (host.answerTimer && left.timeouts > 0)
    add('the host has no answer in time', (then) => {
      then.left.timeouts--;
      signalHost(tables, then, 'silent');
    });
  if (left.acts === 0) return;
  if (host.state === 'open')
    add('the heartbeat asks', (then) => {
      then.left.acts--;
      check(then);
    });
  if (host.state === 'waiting')
    add('the host knocks', (then) => {
      then.left.acts--;
      then.toFrame.push({ kind: 'knock', nonce: 0, isOurs: true });
    });
  if (host.state !== 'closed' && left.navigations > 0)
    add('the host reloads the frame', (then) => {
      then.left.acts--;
      then.host.documents = 0;
      signalHost(tables, then, 'restart');
      navigate(then, 'guest', docOf(then, current(then)).state === 'open' ? 'says goodbye' : 'is gone');
    });
  if (host.state !== 'closed')
    add('the host closes', (then) => {
      then.left.acts--;
      signalHost(tables, then, 'close');
      lose(then, 'UNMOUNTED'); // mount.ts `unmount`
    });
}

/**
 * What an attacker may say: all with the true nonces and session, as if it had overheard everything but the port. What comes from other
 * windows has no order with anything, so it arrives as soon as it is said.
 */
function listAttacks(tables: Tables, world: World, add: Add): void {
  const number = current(world);
  const { host } = world;
  const say = (name: string, message: Omit<WindowMessage, 'port' | 'isFitting'>, isAtOnce = true): void =>
    add(name, (then) => {
      const port = message.kind === 'hello' ? 9000 + then.left.attacks : 0;
      then.left.attacks--;
      if (port !== 0)
        then.channels.set(port, { doc: 0, guestEnd: 'holder', hostEnd: 'open', toHost: [], toGuest: [], heard: 0 });
      const whole = { ...message, port, isFitting: true };
      if (isAtOnce) deliverToHost(tables, then, whole);
      else then.toHost.push(whole);
    });
  const replayed = { kind: 'hello', nonce: number, session: 0, sender: 0 } as const;
  const forged = { kind: 'here', nonce: host.asked, session: host.session, sender: 0 } as const;
  say('another window replays the hello', { ...replayed, source: 'other', origin: 'evil' });
  say('another window of the pinned origin replays the hello', { ...replayed, source: 'other', origin: 'pinned' });
  say('a hello comes without a source', { ...replayed, source: 'none', origin: 'pinned' });
  if (host.asked !== 0) say('another window says here', { ...forged, source: 'other', origin: 'evil' });
  if (docOf(world, number).kind === 'stranger') {
    const inFrame = { source: 'frame', origin: 'evil', sender: number } as const;
    say('the stranger in the frame says hello', { ...replayed, ...inFrame }, false);
    say('the stranger in the frame replays a hello', { ...replayed, nonce: host.nonce, ...inFrame }, false);
    if (host.asked !== 0) say('the stranger in the frame says here', { ...forged, ...inFrame }, false);
  }
  for (const kind of ['check', 'knock', 'welcome'] as const)
    add(`an attacker sends the guest a ${kind}`, (then) => {
      then.left.attacks--;
      deliverToFrame(tables, then, { kind, nonce: host.asked, isOurs: false });
    });
}

// --------------------------------------------------------------------------------------------------------------------- and then?

/**
 * What comes of a world when nothing more goes wrong: everything is delivered; who is calling calls again; then the time-outs pass. Both
 * must end open in one session, or neither; and where both are willing, without a time-out.
 */
export function settle(tables: Tables, start: World): string | undefined {
  const world = copy(start);
  world.left = { ...world.left, navigations: 0, drops: 0, duplicates: 0, attacks: 0, acts: 0, timeouts: 0, hellos: 0 };
  const number = current(world);
  const doc = docOf(world, number);
  // Time passes: hellos are said again before anybody loses patience; the host's question has its end; then those of connecting.
  for (let round = 0; round < 3; round++) {
    for (let hellos = 0; hellos < 4; hellos++) {
      const endless = deliverAll(tables, world);
      if (endless !== undefined) return endless;
      if (doc.state !== 'calling') break;
      if (hellos < 3) sayHello(world, number);
    }
    if (isConnecting(world.host.state) && doc.kind === 'guest' && doc.state === 'calling')
      return `the guest calls and calls, and the host is ${world.host.state}`;
    if (world.host.answerTimer) signalHost(tables, world, 'silent');
  }
  if (doc.state === 'calling') signalGuest(tables, world, number, 'timeout');
  let stuck = deliverAll(tables, world);
  if (world.host.connectTimer) signalHost(tables, world, 'timeout');
  stuck ??= deliverAll(tables, world);
  if (doc.state === 'calling') signalGuest(tables, world, number, 'timeout'); // it was told to begin anew
  stuck ??= deliverAll(tables, world) ?? judge(world);
  if (stuck !== undefined) return stuck;
  const { host } = world;
  if (host.state === 'open') {
    const port = world.sessions[0]?.port ?? 0;
    if (world.channels.get(port)?.guestEnd === 'holder') return undefined; // nothing has told the host that its document is gone
    return doc.state === 'open' && doc.session === host.session
      ? undefined
      : `the host stays open alone, the guest is ${doc.state}`;
  }
  if (host.state !== 'failed' && host.state !== 'closed') return `the host stays ${host.state}`;
  return doc.state === 'failed' || doc.state === 'closed'
    ? undefined
    : `the guest stays ${doc.state} alone, the host is ${host.state}`;
}

function deliverAll(tables: Tables, world: World): string | undefined {
  for (let count = 0; count < 200; count++) {
    const [action] = listActions(tables, world);
    if (action === undefined) return undefined;
    action.run(world);
  }
  return 'messages beget messages without end';
}

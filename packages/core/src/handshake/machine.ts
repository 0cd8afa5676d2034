// Both sides of the handshake as tables: where one is, what happens, what to do about it and where that leads. A pure function reads
// them; the drivers (`connect.ts`, `accept.ts`) own every effect. A pair that is not in a table is ignored.

/** What a table says: the next state, and the effects in their order. */
export type Step<State, Effect> = readonly [next: State, ...effects: readonly Effect[]];
export type Table<State extends string, Signal extends string, Effect extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Signal, Step<State, Effect>>>>>
>;

/** The next step, or `undefined` where the signal means nothing in this state. */
export function next<State extends string, Signal extends string, Effect extends string>(
  table: Table<State, Signal, Effect>,
  state: State,
  signal: Signal,
): Step<State, Effect> | undefined {
  return table[state][signal];
}

/**
 * - `waiting`: for a hello. `opening`: welcomed, for its ready. `doubted`: the same, and the frame has loaded since, so that the document
 *   that said hello may be gone. `open`. `held`: open, but nothing is dispatched until the document has shown that it is still there.
 * - `failed`: connecting has failed, and a hello that comes late is welcome. `barred`: it has failed because of what the guest did, and
 *   only the host can begin again. `closed`: for good.
 */
export type HostState = 'waiting' | 'opening' | 'doubted' | 'open' | 'held' | 'failed' | 'barred' | 'closed';

/**
 * - `hello`: from a new document on the pinned origin. `again`: from the document that is being, or was, welcomed. `misfit`: a hello
 *   whose version or contract does not fit. `second`: the same, from the very document that has the session: it exposes something else, too. `loop`: a hello of one document too many. `stranger`: a hello from our frame, from another origin.
 * - `ready`: on the session's port. `load`: of the frame. `stale`: something comes on the port, and the document has not shown for a while
 *   that it is there. `elsewhere`: the frame shows a document that is not the guest's. `here`: the answer to our check.
 * - `left`: the peer said goodbye, and may come back. `gone`: it said goodbye for good. `broken`: it broke a rule or went over a limit.
 * - `timeout`: of connecting, or evidence that there will be no guest. `restart`: the host loads the frame anew. `close`: by the host.
 */
export type HostSignalName =
  | 'hello'
  | 'again'
  | 'misfit'
  | 'second'
  | 'loop'
  | 'stranger'
  | 'ready'
  | 'load'
  | 'stale'
  | 'elsewhere'
  | 'here'
  | 'left'
  | 'gone'
  | 'broken'
  | 'timeout'
  | 'restart'
  | 'close';

/**
 * - `welcome`: open a session on the port that came with the hello. `refuse`: answer on that port and close it. `dismiss`: close it.
 * - `replace`: end the session since its document is gone. `end`: end it.
 * - `opened`: the session is open. `check`: hold it and ask the window anew. `hold`: dispatch nothing. `release`: dispatch again.
 * - `fail`: give up. `revive`: the mount had failed, and connects after all. `knock`: ask for a hello.
 */
export type HostEffect =
  | 'welcome'
  | 'refuse'
  | 'dismiss'
  | 'replace'
  | 'end'
  | 'opened'
  | 'check'
  | 'hold'
  | 'release'
  | 'fail'
  | 'revive'
  | 'knock';

type HostRow = Table<HostState, HostSignalName, HostEffect>[HostState];

export const hostTable: Table<HostState, HostSignalName, HostEffect> = /* @__PURE__ */ makeHostTable();

// Made by a call that bundlers know to be pure: the guest does not have this table.
function makeHostTable(): Table<HostState, HostSignalName, HostEffect> {
  /** What every state with a session has in common. */
  const withSession = {
    hello: ['opening', 'replace', 'welcome'],
    misfit: ['failed', 'replace', 'refuse', 'fail'],
    loop: ['barred', 'replace', 'refuse', 'fail'],
    stranger: ['failed', 'end', 'dismiss', 'fail'],
    elsewhere: ['waiting', 'end'],
    left: ['waiting'],
    gone: ['failed', 'fail'],
    broken: ['barred', 'fail'],
    timeout: ['failed', 'end', 'fail'],
    restart: ['waiting', 'end'],
    close: ['closed', 'end'],
  } as const satisfies HostRow;

  return {
    waiting: {
      hello: ['opening', 'welcome'],
      again: ['opening', 'welcome'],
      misfit: ['failed', 'refuse', 'fail'],
      loop: ['barred', 'refuse', 'fail'],
      stranger: ['failed', 'dismiss', 'fail'],
      timeout: ['failed', 'fail'],
      restart: ['waiting'],
      close: ['closed'],
    },
    opening: {
      ...withSession,
      // The answer to its first hello is on its way: a guest keeps the ports of all its hellos.
      again: ['opening', 'dismiss'],
      second: ['opening', 'refuse'],
      // It may have given up on this port only, because this page was busy.
      left: ['waiting', 'knock'],
      ready: ['open', 'opened'],
      load: ['doubted'],
    },
    doubted: {
      ...withSession,
      again: ['doubted', 'dismiss'],
      second: ['doubted', 'refuse'],
      left: ['waiting', 'knock'],
      ready: ['held', 'opened', 'check'],
    },
    open: {
      ...withSession,
      again: ['open', 'dismiss'],
      second: ['open', 'refuse'],
      load: ['held', 'check'],
      stale: ['held', 'hold'],
    },
    held: {
      ...withSession,
      again: ['held', 'dismiss'],
      second: ['held', 'refuse'],
      load: ['held', 'check'],
      here: ['open', 'release'],
    },
    failed: {
      hello: ['opening', 'revive', 'welcome'],
      again: ['opening', 'revive', 'welcome'],
      misfit: ['failed', 'refuse'],
      loop: ['barred', 'refuse', 'fail'],
      stranger: ['failed', 'dismiss'],
      restart: ['waiting'],
      close: ['closed'],
    },
    barred: {
      hello: ['barred', 'dismiss'],
      again: ['barred', 'dismiss'],
      misfit: ['barred', 'dismiss'],
      loop: ['barred', 'dismiss'],
      stranger: ['barred', 'dismiss'],
      restart: ['waiting'],
      close: ['closed'],
    },
    closed: {},
  };
}

/** `calling`: says hello. `open`. `failed`: has given up, or was sent away; a knock starts again. `closed`: for good. */
export type GuestState = 'calling' | 'open' | 'failed' | 'closed';

/**
 * - `welcome`: one that answers our hello. `refuse`: the host's no. `timeout`: nobody welcomed us in time.
 * - `knock`: the host asks for a hello. `ended`: the session ended by itself. `close`: by the guest.
 */
export type GuestSignalName = 'welcome' | 'refuse' | 'timeout' | 'knock' | 'ended' | 'close';

/**
 * - `hello`: begin to say it. `again`: say it once more, now. `quiet`: stop, and say goodbye on every port that was offered.
 * - `open`: the session. `fail`: tell why there is none. `end`: end it.
 */
export type GuestEffect = 'hello' | 'again' | 'quiet' | 'open' | 'fail' | 'end';

export const guestTable: Table<GuestState, GuestSignalName, GuestEffect> = {
  calling: {
    welcome: ['open', 'quiet', 'open'],
    refuse: ['failed', 'quiet', 'fail'],
    timeout: ['failed', 'quiet', 'fail'],
    // The ports of earlier hellos stay: a welcome may be on its way to one of them.
    knock: ['calling', 'again'],
    close: ['closed', 'quiet'],
  },
  open: {
    ended: ['failed', 'fail'],
    close: ['closed', 'end'],
  },
  failed: {
    knock: ['calling', 'hello'],
    close: ['closed'],
  },
  closed: {},
};

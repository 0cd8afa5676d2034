// Both sides of the handshake as tables: where one is, what happens, what to do about it and where that leads. A pure function reads
// them; the drivers (`offer.ts`, `accept.ts`) own every effect. A pair that is not in a table is ignored.

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
 * - `failed`: given up; a reload of the frame by the host starts again. `closed`: for good.
 */
export type HostState = 'waiting' | 'opening' | 'doubted' | 'open' | 'held' | 'failed' | 'closed';

/**
 * - `hello`: from a new document on the pinned origin. `again`: from the document that is being, or was, welcomed. `misfit`: a hello
 *   whose version or contract does not fit. `loop`: a hello of one document too many. `stranger`: a hello from our frame, from another origin.
 * - `ready`: on the session's port. `load`: of the frame. `here`: the answer to our check. `silent`: no ready, or no `here`, in time.
 * - `left`: the peer said goodbye because its page goes away. `broken`: the session ended by violation, limit or goodbye for good.
 * - `timeout`: of connecting, or evidence that the guest is gone. `restart`: the host loads the frame anew. `close`: by the host.
 */
export type HostSignalName =
  | 'hello'
  | 'again'
  | 'misfit'
  | 'loop'
  | 'stranger'
  | 'ready'
  | 'load'
  | 'here'
  | 'silent'
  | 'left'
  | 'broken'
  | 'timeout'
  | 'restart'
  | 'close';

/**
 * - `welcome`: open a session on the port that came with the hello. `refuse`: answer on that port and close it. `dismiss`: close it.
 * - `replace`: end the session since its document is gone. `retract`: end it unseen, its document asks again. `end`: end it.
 * - `opened`: the session is open. `check`: hold it and ask the window. `release`: dispatch again. `fail`: give up.
 */
export type HostEffect =
  | 'welcome'
  | 'refuse'
  | 'dismiss'
  | 'replace'
  | 'retract'
  | 'end'
  | 'opened'
  | 'check'
  | 'release'
  | 'fail';

export const hostTable: Table<HostState, HostSignalName, HostEffect> = {
  waiting: {
    hello: ['opening', 'welcome'],
    again: ['opening', 'welcome'],
    misfit: ['failed', 'refuse', 'fail'],
    loop: ['failed', 'refuse', 'fail'],
    stranger: ['failed', 'dismiss', 'fail'],
    timeout: ['failed', 'fail'],
    restart: ['waiting'],
    close: ['closed'],
  },
  opening: {
    hello: ['opening', 'replace', 'welcome'],
    again: ['opening', 'retract', 'welcome'],
    misfit: ['failed', 'replace', 'refuse', 'fail'],
    loop: ['failed', 'replace', 'refuse', 'fail'],
    stranger: ['failed', 'end', 'dismiss', 'fail'],
    ready: ['open', 'opened'],
    load: ['doubted'],
    silent: ['waiting', 'end'],
    left: ['waiting'],
    broken: ['failed', 'fail'],
    timeout: ['failed', 'end', 'fail'],
    restart: ['waiting', 'end'],
    close: ['closed', 'end'],
  },
  doubted: {
    hello: ['opening', 'replace', 'welcome'],
    again: ['opening', 'retract', 'welcome'],
    misfit: ['failed', 'replace', 'refuse', 'fail'],
    loop: ['failed', 'replace', 'refuse', 'fail'],
    stranger: ['failed', 'end', 'dismiss', 'fail'],
    ready: ['held', 'opened', 'check'],
    silent: ['waiting', 'end'],
    left: ['waiting'],
    broken: ['failed', 'fail'],
    timeout: ['failed', 'end', 'fail'],
    restart: ['waiting', 'end'],
    close: ['closed', 'end'],
  },
  open: {
    hello: ['opening', 'replace', 'welcome'],
    again: ['open', 'dismiss'],
    misfit: ['failed', 'replace', 'refuse', 'fail'],
    loop: ['failed', 'replace', 'refuse', 'fail'],
    stranger: ['failed', 'end', 'dismiss', 'fail'],
    load: ['held', 'check'],
    left: ['waiting'],
    broken: ['failed', 'fail'],
    timeout: ['failed', 'end', 'fail'],
    restart: ['waiting', 'end'],
    close: ['closed', 'end'],
  },
  held: {
    hello: ['opening', 'replace', 'welcome'],
    again: ['held', 'dismiss'],
    misfit: ['failed', 'replace', 'refuse', 'fail'],
    loop: ['failed', 'replace', 'refuse', 'fail'],
    stranger: ['failed', 'end', 'dismiss', 'fail'],
    load: ['held', 'check'],
    here: ['open', 'release'],
    silent: ['waiting', 'end'],
    left: ['waiting'],
    broken: ['failed', 'fail'],
    timeout: ['failed', 'end', 'fail'],
    restart: ['waiting', 'end'],
    close: ['closed', 'end'],
  },
  failed: {
    hello: ['failed', 'dismiss'],
    again: ['failed', 'dismiss'],
    misfit: ['failed', 'dismiss'],
    loop: ['failed', 'dismiss'],
    stranger: ['failed', 'dismiss'],
    restart: ['waiting'],
    close: ['closed'],
  },
  closed: {},
};

/** `calling`: says hello. `open`. `failed`: has given up, or was sent away; a knock starts again. `closed`: for good. */
export type GuestState = 'calling' | 'open' | 'failed' | 'closed';

/**
 * - `welcome`: one that answers our hello. `refuse`: the host's no. `timeout`: nobody welcomed us in time.
 * - `knock`: the host asks for a hello. `ended`: the session ended by itself. `close`: by the guest.
 */
export type GuestSignalName = 'welcome' | 'refuse' | 'timeout' | 'knock' | 'ended' | 'close';

/** `hello`: begin to say it. `quiet`: stop, and close what was offered. `open`: the session. `fail`: tell why there is none. `end`: end it. */
export type GuestEffect = 'hello' | 'quiet' | 'open' | 'fail' | 'end';

export const guestTable: Table<GuestState, GuestSignalName, GuestEffect> = {
  calling: {
    welcome: ['open', 'quiet', 'open'],
    refuse: ['failed', 'quiet', 'fail'],
    timeout: ['failed', 'quiet', 'fail'],
    knock: ['calling', 'quiet', 'hello'],
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

import { describe, expect, it } from 'vitest';
import { contract, type HandlerContext, mutation, observable, query, type } from '../../src/index.ts';
import {
  CALL,
  CANCEL,
  CREDIT,
  FAILURE,
  GOODBYE,
  isMessage,
  NEXT,
  NOTE,
  READY,
  REFUSE,
  RESULT,
  WELCOME,
} from '../../src/link/messages.ts';
import { type Hostile, openHostileGuest, openHostileHost } from '../fixtures/hostile-peer.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';

const vault = contract({
  name: 'test/vault',
  version: '1.0.0',
  guest: {
    read: query<unknown, unknown>(),
    wipe: mutation({ input: type<void>(), output: type<void>(), errors: { locked: type<{ until: number }>() } }),
    watch: observable<void, number>(),
  },
  host: {
    read: query<unknown, unknown>(),
    watch: observable<void, number>(),
    wipe: mutation({ input: type<void>(), output: type<void>(), errors: { locked: type<{ until: number }>() } }),
  },
});

const readIndex = 1;
const watchIndex = 3;
const inherited = [
  'constructor',
  '__proto__',
  'prototype',
  'then',
  'at',
  'length',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  '__lookupGetter__',
  'isPrototypeOf',
];

interface Victim extends Hostile<(typeof vault)['host']> {
  readonly ran: string[];
}

/** An honest guest that notes every handler that runs. */
function open(): Victim {
  const ran: string[] = [];
  const handlers = {
    read: (value: unknown) => {
      ran.push('read');
      return value;
    },
    wipe: () => void ran.push('wipe'),
    watch: () => {
      ran.push('watch');
      return [1, 2, 3];
    },
  };
  return Object.assign(openHostileHost(vault, { handlers }), { ran });
}

/** An array with this length and nothing in it: a few bytes on the wire. */
function sparse(length: number, ...first: unknown[]): unknown[] {
  const array = [...first];
  array.length = length;
  return array;
}

const long = 'x'.repeat(1025);
const notNumbers = [
  '5',
  null,
  undefined,
  true,
  {},
  [],
  [5],
  Number.NaN,
  Infinity,
  5.5,
  -1,
  2 ** 53,
  1e308,
  5n,
  new Date(5),
];

const notBatches: readonly unknown[] = [
  undefined,
  null,
  0,
  'batch',
  true,
  5n,
  {},
  { length: 1, 0: [CANCEL, 1] },
  { '0': [CANCEL, 1] },
  new Map([[0, [CANCEL, 1]]]),
  new Set([[CANCEL, 1]]),
  new Uint8Array([CANCEL, 1]),
  new Error('batch'),
  { muntin: 'hello' },
];

const notMessages: readonly unknown[] = [
  undefined,
  null,
  0,
  'x',
  {},
  [],
  [[]],
  { 0: CALL, 1: 1, 2: 1, 3: 1, 4: 0, length: 5 },
  new Map(),
  new Uint8Array(5),
  // kinds that there are not
  ...[
    -1,
    -0.5,
    1.5,
    99,
    255,
    2 ** 32,
    2 ** 53,
    Number.NaN,
    Infinity,
    -Infinity,
    5n,
    '5',
    'at',
    null,
    undefined,
    [5],
  ].map((kind) => [kind, 1, 1, 1, 0]),
  ...inherited.map((kind) => [kind, 1, 1, 1, 0]),
  // too short, too long
  [CALL],
  [CALL, 1],
  [CALL, 1, 1],
  [CALL, 1, 1, 1],
  [CALL, 1, 1, 1, 0, 'more'],
  [CALL, 1, 1, 1, 0, [], 'more'],
  [RESULT],
  [RESULT, 1],
  [RESULT, 1, 1, 'more'],
  [FAILURE, 1, 'code'],
  [FAILURE, 1, 'code', 'message'],
  [FAILURE, 1, 'code', 'message', undefined, 'more'],
  [NEXT, 1],
  [NEXT, 1, [], 'more'],
  [CREDIT, 1],
  [CREDIT, 1, 1, 'more'],
  [CANCEL],
  [CANCEL, 1, 'more'],
  [GOODBYE],
  [GOODBYE, 'closed', 'more'],
  [NOTE, 0],
  [NOTE, 0, {}, 'more'],
  [NOTE, -1, {}],
  [NOTE, 'length', {}],
  // lengths that would take a minute or the memory to walk
  sparse(2 ** 32 - 1, CALL, 1, 1, 1, 0),
  sparse(2 ** 32 - 1, CANCEL, 1),
  sparse(5, CALL),
  sparse(3, NEXT),
  sparse(100_000_000),
  [CALL, 1, 1, 1, 0, sparse(2 ** 32 - 1)],
  [RESULT, 1, 1, sparse(2 ** 32 - 1)],
  [NEXT, 1, [], sparse(2 ** 32 - 1)],
  [CALL, 1, 1, 1, 0, [[sparse(2 ** 32 - 1), 0, 70_000, []]]],
  [CALL, 1, 1, 1, 0, [[[], 1, 70_000, sparse(2 ** 32 - 1)]]],
  // fields of a wrong type
  ...notNumbers.map((id) => [CALL, id, 1, 1, 0]),
  ...notNumbers.map((procedure) => [CALL, 1, procedure, 1, 0]),
  ...notNumbers.map((credit) => [CALL, 1, watchIndex, undefined, credit]),
  ...notNumbers.map((id) => [RESULT, id, 1]),
  ...notNumbers.map((id) => [FAILURE, id, 'code', 'message', undefined]),
  ...notNumbers.map((id) => [NEXT, id, []]),
  ...notNumbers.map((id) => [CANCEL, id]),
  ...notNumbers.map((id) => [CREDIT, id, 1]),
  ...[0, -0, ...notNumbers].map((count) => [CREDIT, 1, count]),
  ...[undefined, null, 5, {}, [], long, ['x']].map((code) => [FAILURE, 1, code, 'message', undefined]),
  ...[undefined, null, 5, {}, [], long, ['x']].map((message) => [FAILURE, 1, 'code', message, undefined]),
  ...[undefined, null, 5, {}, 'values', { length: 1 }, new Set([1]), new Uint8Array(1)].map((values) => [
    NEXT,
    1,
    values,
  ]),
  ...[undefined, null, 5, {}, [], long].map((reason) => [GOODBYE, reason]),
];

describe('the guard', () => {
  it('knows more than sixty malformed messages', () => {
    expect(notMessages.length + notBatches.length).toBeGreaterThan(60);
  });

  it.each(notBatches.map((batch, index) => [index, batch]))(
    'ends a session for batch %i, which is none',
    async (_, batch) => {
      const peer = open();
      peer.post(batch);
      expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
      expect(peer.ended?.code).toBe('PROTOCOL_VIOLATION');
      expect(peer.ran).toEqual([]);
    },
  );

  it.each(notMessages.map((message, index) => [index, message]))(
    'ends a session for message %i, which is none, and runs nothing that comes behind it',
    async (_, message) => {
      const peer = open();
      peer.post([message, [CALL, 1, readIndex, 1, 0]]);
      expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
      await turns(1);
      expect(peer.ended?.code).toBe('PROTOCOL_VIOLATION');
      expect(peer.ran).toEqual([]);
    },
  );

  it.each([5000, 2 ** 32 - 1])('ends a session for a batch of %i holes', async (length) => {
    const peer = open();
    peer.post(sparse(length));
    expect(await peer.goodbye()).toBe('LIMIT_EXCEEDED');
  });

  it('ends a session for a batch of few holes', async () => {
    const peer = open();
    peer.post(sparse(3));
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
  });

  it('takes every message of an honest peer', () => {
    const messages = [
      [WELCOME, {}],
      [REFUSE, {}],
      [READY, {}],
      [NOTE, 0, undefined],
      [GOODBYE, 'x'.repeat(1024)],
      [CALL, 1, 0, undefined, 0],
      [CALL, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, {}, 1024],
      [RESULT, 1, undefined],
      [FAILURE, 1, 'code', '', undefined],
      [NEXT, 1, []],
      [NEXT, 1, [undefined]],
      [CREDIT, 1, 1],
      [CANCEL, 1],
    ];
    for (const message of messages) expect(isMessage(message)).toBe(true);
  });

  it.each([
    ['welcome', [WELCOME, {}]],
    ['refuse', [REFUSE, { code: 'VERSION_MISMATCH', message: '' }]],
    ['ready', [READY, { session: 'test', heard: [1] }]],
  ])('ends a session for a %s in the middle of it', async (_, message) => {
    const peer = open();
    peer.post([message, [CALL, 1, readIndex, 1, 0]]);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    expect(peer.ran).toEqual([]);
  });

  it.each([
    ['the ping', 0],
    ['a procedure', 1],
    ['the context, which it is not the guest that gives', 4],
    ['nothing', 99],
  ])('ends a session for a note from a guest that is for %s', async (_, mark) => {
    const peer = openHostileGuest(vault, { read: () => 0, wipe: () => undefined, watch: () => [] });
    peer.post([[NOTE, mark, {}]]);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
  });

  it.each(inherited)('answers a procedure that is called %s as none, since names do not travel', async (name) => {
    const peer = open();
    peer.post([[CALL, 1, name, 1, 0]]);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    expect(peer.ran).toEqual([]);
  });
});

describe('ids', () => {
  it.each([
    ['0', [[CALL, 0, readIndex, 1, 0]]],
    ['-0', [[CALL, -0, readIndex, 1, 0]]],
    ['of the other direction', [[CALL, 2, readIndex, 1, 0]]],
    [
      'reused',
      [
        [CALL, 1, readIndex, 1, 0],
        [CALL, 1, readIndex, 1, 0],
      ],
    ],
    [
      'going down',
      [
        [CALL, 5, readIndex, 1, 0],
        [CALL, 3, readIndex, 1, 0],
      ],
    ],
    [
      'reused as a stream',
      [
        [CALL, 1, watchIndex, undefined, 1],
        [CALL, 1, watchIndex, undefined, 1],
      ],
    ],
    [
      'reused after they were cancelled',
      [
        [CALL, 1, watchIndex, undefined, 1],
        [CANCEL, 1],
        [CALL, 1, watchIndex, undefined, 1],
      ],
    ],
  ])('that are %s end the session', async (_, batch) => {
    const peer = open();
    peer.post(batch);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    expect(peer.ran.length).toBe(batch.length - 1 - batch.filter(([kind]) => kind === CANCEL).length);
  });

  it.each([
    ['a result', (id: number) => [RESULT, id, 1]],
    ['a failure', (id: number) => [FAILURE, id, 'HANDLER_FAILED', '', undefined]],
    ['values', (id: number) => [NEXT, id, [1]]],
  ])('that were never issued end the session with %s', async (_, message) => {
    for (const id of [0, 1, 3, 4, 100, Number.MAX_SAFE_INTEGER]) {
      const peer = open();
      void peer.client.read(1).catch(() => undefined); // id 2
      await peer.call();
      peer.post([message(id)]);
      expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    }
  });

  it.each([
    ['cancel', [CANCEL, 77]],
    ['credit', [CREDIT, 77, 1]],
  ])('that run nothing make a %s void', async (_, message) => {
    const peer = open();
    peer.post([message, [CALL, 1, readIndex, 'x', 0]]);
    expect(await peer.answer(1)).toEqual([RESULT, 1, 'x']);
    expect(peer.ended).toBeUndefined();
  });

  it('do not settle a call twice', async () => {
    const peer = open();
    const first = peer.client.read('first');
    const [, id] = await peer.call();
    peer.post([
      [RESULT, id, 'one'],
      [RESULT, id, 'two'],
      [FAILURE, id, 'HANDLER_FAILED', 'three', undefined],
    ]);
    expect(await first).toBe('one');
    const second = peer.client.read('second');
    const [, next] = await peer.call(2);
    peer.post([
      [FAILURE, next, 'HANDLER_FAILED', 'one', undefined],
      [RESULT, next, 'two'],
    ]);
    expect(await rejection(second)).toMatchObject({ code: 'HANDLER_FAILED', message: 'one' });
    expect(peer.ended).toBeUndefined();
  });

  it('belong to one session: the next one refuses answers to them', async () => {
    const peer = open();
    const lost = rejection(peer.client.wipe());
    const [, id] = await peer.call();
    peer.post([[GOODBYE, 'pagehide']]);
    expect(await lost).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
    const { port1, port2 } = new MessageChannel();
    const { openEnd } = await import('../fixtures/open-pair.ts');
    const second = openEnd({ side: 'guest', port: port1, calls: vault.host, served: [], caller: peer.caller });
    port2.postMessage([[RESULT, id, undefined]]);
    await until(() => second.ended !== undefined);
    expect(second.ended?.code).toBe('PROTOCOL_VIOLATION');
    port2.close();
  });
});

describe('stream values', () => {
  async function subscribe(window: number): Promise<{ peer: Victim; id: unknown; seen: unknown[] }> {
    const peer = open();
    const seen: unknown[] = [];
    peer.client
      .watch(undefined, { window })
      .subscribe({ next: (value) => seen.push(value), error: () => seen.push('error') });
    const [, id] = await peer.call();
    return { peer, id, seen };
  }

  it.each([
    ['one more in one message', 4, [[1, 2, 3, 4, 5]]],
    ['without end in one message', 4, [sparse(2 ** 32 - 1)]],
  ])('beyond their credit end the session: %s', async (_, window, messages) => {
    const { peer, id, seen } = await subscribe(window);
    peer.post(messages.map((values) => [NEXT, id, values]));
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    expect(seen).toEqual(['error']);
  });

  it('of a consumer that takes nothing end the session once the window is over', async () => {
    const peer = open();
    const iterator = peer.client.watch(undefined, { window: 2 })[Symbol.asyncIterator]();
    const first = iterator.next();
    const [, id] = await peer.call();
    peer.post([
      [NEXT, id, [1]],
      [NEXT, id, [2]],
    ]);
    expect(await first).toEqual({ done: false, value: 1 });
    peer.post([[NEXT, id, [3]]]);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    expect(await iterator.next()).toEqual({ done: false, value: 2 });
    await expect(iterator.next()).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  });

  it('for a call end the session, and reject it', async () => {
    const peer = open();
    const call = rejection(peer.client.read(1));
    const [, id] = await peer.call();
    peer.post([[NEXT, id, [1]]]);
    expect(await call).toMatchObject({ code: 'LINK_CLOSED', cause: { code: 'PROTOCOL_VIOLATION' } });
  });

  it('after the end of a stream are late, not seen and no violation', async () => {
    const { peer, id, seen } = await subscribe(4);
    peer.post([
      [NEXT, id, [1]],
      [RESULT, id, undefined],
      [NEXT, id, [2]],
      [CALL, 1, readIndex, 0, 0],
    ]);
    await peer.answer(1);
    expect(seen).toEqual([1]);
  });

  it('that are none grant nothing and are not seen', async () => {
    const { peer, id, seen } = await subscribe(4);
    peer.post(Array.from({ length: 50 }, () => [NEXT, id, []]));
    peer.post([[NEXT, id, [1]]]);
    await until(() => seen.length === 1);
    expect(seen).toEqual([1]);
  });
});

describe('codes', () => {
  const names = [
    ...Object.getOwnPropertyNames(Object.prototype),
    ...Object.getOwnPropertyNames(Function.prototype),
    ...inherited,
  ];
  const own = [
    'LINK_CLOSED',
    'CALL_TIMED_OUT',
    'CALL_CANCELLED',
    'UNMOUNTED',
    'INVALID_OPTION',
    'PROTOCOL_VIOLATION',
    'RELOAD_LOOP',
  ];

  it.each([...new Set([...names, ...own, '', ' locked', 'LOCKED', 'locked\0'])])(
    'that are not declared become HANDLER_FAILED: %s',
    async (code) => {
      const peer = open();
      const call = rejection(peer.client.wipe());
      const [, id] = await peer.call();
      peer.post([[FAILURE, id, code, 'text', { until: 5 }]]);
      const error = await call;
      expect(error).toMatchObject({ code: 'HANDLER_FAILED', message: 'text' });
      expect(error).toHaveProperty('data', undefined);
    },
  );

  it.each([
    'PROCEDURE_NOT_FOUND',
    'INPUT_INVALID',
    'OUTPUT_INVALID',
    'VALUE_NOT_CLONEABLE',
    'VALUE_TOO_LARGE',
    'OVERLOADED',
    'STREAM_OVERFLOW',
  ])('that a peer may use arrive as they are: %s', async (code) => {
    const peer = open();
    const call = rejection(peer.client.wipe());
    const [, id] = await peer.call();
    peer.post([[FAILURE, id, code, 'text', undefined]]);
    expect(await call).toMatchObject({ code, name: 'MuntinError', mayHaveRun: false });
  });

  it('that are declared arrive with their data', async () => {
    const peer = open();
    const call = rejection(peer.client.wipe());
    const [, id] = await peer.call();
    peer.post([[FAILURE, id, 'locked', 'text', { until: 5 }]]);
    expect(await call).toMatchObject({ code: 'locked', data: { until: 5 } });
  });

  it('bring the issues of an input, and nothing else in their place', async () => {
    const issues = [{ message: 'too short', path: ['name', 0] }];
    const others: readonly unknown[] = [
      'text',
      { 0: issues[0], length: 1 },
      [{ message: 5, path: [] }],
      [{ message: 'x', path: 'name' }],
      [{ message: 'x', path: [{}] }],
      [{ message: 'x', path: Array(2) }],
      [null],
      Array(3),
      Array.from({ length: 33 }, () => issues[0]),
    ];
    const peer = open();
    for (const [nth, data] of [issues, ...others].entries()) {
      const call = rejection(peer.client.wipe());
      const [, id] = await peer.call(nth + 1);
      peer.post([[FAILURE, id, 'INPUT_INVALID', 'text', data]]);
      expect(await call).toMatchObject({ code: 'INPUT_INVALID', data: nth === 0 ? issues : undefined });
    }
  });

  it("never make an error of the peer's class, stack or cause", async () => {
    const peer = open();
    const call = rejection(peer.client.wipe());
    const [, id] = await peer.call();
    peer.post([[FAILURE, id, 'INPUT_INVALID', 'text', new RangeError('theirs')]]);
    const error = await call;
    expect(error).toHaveProperty('name', 'MuntinError');
    expect(error).not.toHaveProperty('cause');
    expect(error).toHaveProperty('stack', expect.not.stringContaining('theirs'));
  });
});

describe('what is attached to a value', () => {
  it('ends a peer that attaches one long path many times', async () => {
    const peer = open();
    const attachment = [Array<string>(20_000).fill('x'), 0, 70_000, []];
    const attachments = Array.from({ length: 65_536 }, () => attachment);
    peer.post([[CALL, 1, readIndex, null, 0, attachments]]);
    expect(await peer.goodbye()).toBe('PROTOCOL_VIOLATION');
    expect(peer.ran).toEqual([]);
  });

  it('is put into a large map without listing the map for each', async () => {
    const peer = open();
    const map = new Map(Array.from({ length: 200_000 }, (_, index) => [index, null]));
    const attachments = Array.from({ length: 50_000 }, (_, index) => [[index], 0, 70_000 + index, []]);
    const start = performance.now();
    peer.post([[CALL, 1, readIndex, map, 0, attachments]]);
    await peer.answer(1);
    expect(performance.now() - start).toBeLessThan(10_000);
  }, 60_000);
});

describe('limits of calls and streams', () => {
  const never = new Promise<never>(() => undefined);

  it('end a peer that has more calls at once than it may', async () => {
    const ran: unknown[] = [];
    const peer = openHostileHost(vault, {
      handlers: { read: (input) => (ran.push(input), never), wipe: () => undefined, watch: () => [] },
      limits: { calls: 3 },
    });
    peer.post([1, 3, 5, 7].map((id) => [CALL, id, readIndex, id, 0]));
    expect(await peer.goodbye()).toBe('LIMIT_EXCEEDED');
    expect(peer.ended?.message).toContain('calls, 3');
    expect(ran).toEqual([1, 3, 5]);
  });

  it('free the place of a call whose handler heeds its signal, and of one that was answered', async () => {
    const untilAborted = ({ signal }: HandlerContext): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const peer = openHostileHost(vault, {
      handlers: {
        read: (input, context) => (input === 'wait' ? untilAborted(context) : input),
        wipe: () => undefined,
        watch: () => [],
      },
      limits: { calls: 1 },
    });
    peer.post([
      [CALL, 1, readIndex, 'wait', 0],
      [CANCEL, 1],
      [CALL, 3, readIndex, 'a', 0],
    ]);
    expect(await peer.answer(3)).toEqual([RESULT, 3, 'a']);
    peer.post([[CALL, 5, readIndex, 'b', 0]]);
    expect(await peer.answer(5)).toEqual([RESULT, 5, 'b']);
    expect(peer.ended).toBeUndefined();
  });

  it('answer OVERLOADED to the one stream too many, and take another when one has ended', async () => {
    const peer = openHostileHost(vault, {
      handlers: { read: () => 0, wipe: () => undefined, watch: () => never },
      limits: { streams: 2 },
    });
    peer.post([1, 3, 5].map((id) => [CALL, id, watchIndex, undefined, 1]));
    expect(await peer.answer(5)).toMatchObject({ 2: 'OVERLOADED' });
    peer.post([
      [CANCEL, 1],
      [CALL, 7, watchIndex, undefined, 1],
      [CALL, 9, watchIndex, undefined, 1],
    ]);
    expect(await peer.answer(9)).toMatchObject({ 2: 'OVERLOADED' });
    expect(peer.heard.some(([, id]) => id === 7)).toBe(false);
    expect(peer.ended).toBeUndefined();
  });

  it('answer PROCEDURE_NOT_FOUND to indexes that are not served and to the wrong kind', async () => {
    const peer = open();
    peer.post([
      [CALL, 1, 5, undefined, 0],
      [CALL, 3, 65_535, undefined, 0],
      [CALL, 5, watchIndex, undefined, 0],
      [CALL, 7, readIndex, undefined, 1],
      [CALL, 9, 0, undefined, 1],
    ]);
    for (const id of [1, 3, 5, 7, 9]) expect(await peer.answer(id)).toMatchObject({ 2: 'PROCEDURE_NOT_FOUND' });
    expect(peer.ran).toEqual([]);
    expect(peer.ended).toBeUndefined();
  });

  it('keep a consumer that grants itself endless credit from stopping the page', async () => {
    let asked = 0;
    function* forever(): Generator<number> {
      for (;;) yield asked++;
    }
    const peer = openHostileHost(vault, {
      handlers: { read: (input) => input, wipe: () => undefined, watch: forever },
    });
    peer.post([[CALL, 1, watchIndex, undefined, Number.MAX_SAFE_INTEGER]]);
    await turns();
    peer.post([[CREDIT, 1, Number.MAX_SAFE_INTEGER]]);
    await turns();
    peer.post([[CALL, 3, readIndex, 'still here', 0]]);
    expect(await peer.answer(3)).toEqual([RESULT, 3, 'still here']);
    expect(asked).toBeLessThan(200_000);
  });
});

import { of, Subject } from 'rxjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { superjsonCodec } from '../../src/codec/superjson.ts';
import { exposeLane, wrap } from '../../src/comlink/entry.ts';
import { byReference, contract, MuntinError, observable, query, type } from '../../src/index.ts';
import { CALL, UNREAD } from '../../src/link/messages.ts';
import { mayContainReference } from '../../src/reference/detect.ts';
import { loadLazyPart } from '../../src/reference/lazy.ts';
import { openHostileHost } from '../fixtures/hostile-peer.ts';
import { openPair, type Pair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';

const procedures = {
  take: query<unknown, string>(),
  give: query<void, unknown>(),
  fail: query({ input: type<void>(), errors: { bad: type<unknown>() } }),
  feed: observable<void, unknown>(),
  open: observable<unknown, number>(),
  hold: query<(value: unknown) => Promise<unknown>, string>(),
  watch: query<{ signal: AbortSignal }, string>(),
} as const;
const c = contract({ name: 'test/unreadable', version: '1.0.0', host: procedures, guest: procedures });

/** What this text is in arrives as browsers deliver what they can clone and cannot read, such as a WebAssembly.Module of another process. */
const mark = 'cannot be read there';

/** A value that is found nowhere near the top, with something unreadable in it. */
function unreadable(): unknown {
  return { rows: Array.from({ length: 400 }, (_, id) => ({ id })), last: { deep: [mark] } };
}

/** A channel between two pages that do not share everything. */
class Apart extends MessageChannel {
  constructor() {
    super();
    for (const port of [this.port1, this.port2]) {
      const post = port.postMessage.bind(port) as (data: unknown, transfer: readonly Transferable[]) => void;
      Object.defineProperty(port, 'postMessage', {
        value: (data: unknown, transfer: readonly Transferable[] = []) => {
          const isLost = hasMark(structuredClone(data, { transfer: [...transfer].filter(isPort) }));
          post(isLost ? mark : data, isLost ? [] : transfer);
        },
      });
      let hear: ((event: MessageEvent) => void) | null = null;
      port.addEventListener('message', (event) => {
        const { data }: { readonly data: unknown } = event;
        if (data === mark) port.onmessageerror?.call(port, new MessageEvent('messageerror'));
        else hear?.(event);
      });
      Object.defineProperty(port, 'onmessage', {
        set: (given: typeof hear) => {
          hear = given;
          port.start();
        },
      });
    }
  }
}

function isPort(given: Transferable): boolean {
  return given instanceof MessagePort;
}

function hasMark(data: unknown, seen: Set<unknown> = new Set()): boolean {
  if (data === mark) return true;
  if (typeof data !== 'object' || data === null || seen.has(data) || data instanceof MessagePort) return false;
  seen.add(data);
  const parts = data instanceof Map || data instanceof Set ? [...data] : Object.values(data);
  return parts.some((part) => hasMark(part, seen));
}

beforeAll(loadLazyPart);

type Side = Pair<typeof c>['host'];

function start(isCoded: boolean): Pair<typeof c> {
  vi.stubGlobal('MessageChannel', Apart);
  const handlers = {
    take: () => 'taken',
    give: unreadable,
    fail: () => {
      throw new MuntinError('bad', 'declared', { data: unreadable() });
    },
    feed: () => of('first', 'second', 'third', 'fourth', 'fifth', unreadable(), 'last'),
    open: () => [1],
    hold: async (call: (value: unknown) => Promise<unknown>) => {
      const error = await rejection(call(unreadable()));
      return error instanceof MuntinError ? error.code : String(error);
    },
    watch: ({ signal }: { signal: AbortSignal }) =>
      new Promise<string>((resolve) => {
        signal.addEventListener('abort', () => resolve('aborted'));
      }),
  };
  const pair = openPair(c, { host: handlers, guest: handlers, ...(isCoded ? { codec: superjsonCodec() } : {}) });
  vi.unstubAllGlobals();
  return pair;
}

/** What fails, and how, with an unreadable value in it. */
const carriers: Readonly<Record<string, (side: Side, other: Side) => Promise<unknown>>> = {
  'an input': ({ client }) => client.take(unreadable()),
  'the input of a stream': ({ client }) => client.open(unreadable()).forEach(() => undefined),
  'an input beside a callback': ({ client }) => client.take([byReference(() => 1), unreadable()]),
  'a result': ({ client }) => client.give(),
  'the data of an error': ({ client }) => client.fail(),
  'an argument of a callback': async ({ client }) => {
    throw new MuntinError((await client.hold(byReference(async () => 'called'))) as 'VALUE_NOT_CLONEABLE', '');
  },
  'a result of a callback': async ({ client }) => {
    const held = client.hold(byReference(async () => unreadable()));
    throw new MuntinError((await held) as 'VALUE_NOT_CLONEABLE', '');
  },
  'a value of a stream': async ({ client }) => {
    const got: unknown[] = [];
    const error = await rejection(client.feed().forEach((value) => void got.push(value)));
    expect(got.slice(0, 5)).toEqual(['first', 'second', 'third', 'fourth', 'fifth']);
    throw error;
  },
  'a value of a stream that waits for credit': async ({ client }) => {
    const got: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const value of client.feed(undefined, { window: 4 })) got.push(value);
    };
    const error = await rejection(read());
    // What is behind it may be on its way already.
    expect(got.slice(0, 5)).toEqual(['first', 'second', 'third', 'fourth', 'fifth']);
    throw error;
  },
  'an argument of a lane': async (side, other) => {
    exposeLane({ 'muntin.lanes': () => other.lanes }, 'lane', { go: () => 'gone' });
    const lane = wrap<{ go(value: unknown): string }>({ 'muntin.lanes': () => side.lanes }, 'lane');
    const error = await rejection(lane.go(unreadable()));
    expect(String(error)).toContain('could not read');
    expect(await lane.go(1)).toBe('gone');
    throw new MuntinError('VALUE_NOT_CLONEABLE', '', { cause: error });
  },
  'a result of a lane': async (side, other) => {
    exposeLane({ 'muntin.lanes': () => other.lanes }, 'lane', { go: unreadable });
    const lane = wrap<{ go(): unknown }>({ 'muntin.lanes': () => side.lanes }, 'lane');
    const error = await rejection(lane.go());
    expect(String(error)).toContain('could not read');
    throw new MuntinError('VALUE_NOT_CLONEABLE', '', { cause: error });
  },
};

describe.each(['structured clone', 'superjson'])('with %s, what the other page cannot read', (codec) => {
  describe.each(['host', 'guest'] as const)('and the %s sends', (name) => {
    it.each(Object.entries(carriers))('fails alone where it is %s', async (carrier, fail) => {
      const pair = start(codec === 'superjson');
      const side = pair[name];
      // In one turn with it: calls before and behind, of which none may be lost.
      const before = side.client.take(1);
      const failing = rejection(fail(side, pair[name === 'host' ? 'guest' : 'host']));
      const others = [before, side.client.take(2), side.client.take(byReference(() => 3)), side.client.take(4)];
      expect(await failing).toMatchObject({ code: 'VALUE_NOT_CLONEABLE' });
      expect(await Promise.all(others)).toEqual(['taken', 'taken', 'taken', 'taken']);
      expect([pair.host.ended, pair.guest.ended]).toEqual([undefined, undefined]);
      // What was lost with it is given back; what was not is held there until it is collected.
      expect(pair.host.session.references + pair.guest.session.references).toBeLessThanOrEqual(
        carrier.endsWith('of a callback') ? 2 : 1,
      );
    });

    it('fires a signal whose reason it is', async () => {
      const pair = start(codec === 'superjson');
      const controller = new AbortController();
      const watching = pair[name].client.watch({ signal: controller.signal });
      await turns();
      controller.abort(unreadable());
      expect(await watching).toBe('aborted');
      expect([pair.host.ended, pair.guest.ended]).toEqual([undefined, undefined]);
    });
  });
});

describe('a peer', () => {
  it('is not believed that it could not read what was not sent', async () => {
    const peer = openHostileHost(c, {});
    peer.post([[UNREAD, 77]]);
    await until(() => peer.ended !== undefined);
    expect(peer.ended?.code).toBe('PROTOCOL_VIOLATION');
  });
});

describe('what was lost', () => {
  it('is lost once: who says so again is not believed', async () => {
    const peer = openHostileHost(c, {
      handlers: {
        take: () => 'x',
        give: () => unreadable(),
        fail: () => undefined,
        *feed() {},
        *open() {},
        hold: () => 'x',
        watch: () => 'x',
      },
    });
    peer.post([[CALL, 1, 2, undefined, 0]]);
    await peer.answer(1);
    // Behind its ready: the second batch.
    peer.post([[UNREAD, 2]]);
    await turns();
    expect(peer.ended).toBeUndefined();
    peer.post([[UNREAD, 2]]);
    await until(() => peer.ended !== undefined);
    expect(peer.ended?.code).toBe('VALUE_NOT_CLONEABLE');
  });
});

describe('a context, which nobody could be told of', () => {
  const rows = Array.from({ length: 400 }, (_, id) => ({ id }));

  it.each<[string, object]>([
    [
      'what is bound to its page',
      new (class {
        readonly [Symbol.toStringTag] = 'AudioData';
      })(),
    ],
    ['what clones in silence', new Subject()],
  ])('is looked at whole: it has no %s', (_, part) => {
    expect(mayContainReference({ rows, last: [part] }, true)).toBe(true);
    expect(mayContainReference({ rows, last: [1] }, true)).toBe(false);
  });

  it('may go in a circle', () => {
    const circle: { rows: unknown; self?: unknown } = { rows };
    circle.self = circle;
    expect(mayContainReference(circle, true)).toBe(false);
  });
});

import {
  around,
  byReference,
  contract,
  MuntinError,
  mutation,
  observable,
  query,
  type Remote,
  transfer,
  type,
} from '@muntin/core';
import { exposeLane, wrap } from '@muntin/core/comlink';
import { interval, Subject } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type TestMount, type TestMountOptions, testMount } from '../src/index.ts';

const ticker = contract({
  name: 'test/ticker',
  version: '1.0.0',
  guest: {
    quote: query<{ symbol: string }, number>(),
    save: mutation<string, void>(),
    slow: query<void, string>(),
    prices: observable<void, number>(),
    lend: query<void, Remote<() => string>>(),
  },
  host: { open: mutation<{ path: string }, string>() },
  context: type<{ theme: 'light' | 'dark' }>(),
});
type Ticker = typeof ticker;

const prices = new Subject<number>();
const guestHandlers = {
  quote: ({ symbol }: { symbol: string }): number => symbol.length,
  save: (): void => undefined,
  slow: (): Promise<string> => new Promise<string>(() => undefined),
  prices: () => prices,
  lend: () => byReference(() => 'lent'),
};
const context = { theme: 'dark' } as const;
const hostHandlers = { open: ({ path }: { path: string }): string => `opened ${path}` };

function start(change: Partial<TestMountOptions<Ticker>> = {}): TestMount<Ticker> {
  const test = testMount(ticker, {
    guest: { handlers: guestHandlers },
    host: { handlers: hostHandlers, context, handshakeTimeoutMs: 300 },
    ...change,
  });
  onTestFinished(() => test.unmount());
  return test;
}

async function rejection(promise: Promise<unknown>): Promise<MuntinError<string>> {
  const error: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof MuntinError) return error;
  throw new Error(`it did not reject with a MuntinError: ${String(error)}`);
}

describe('testMount', () => {
  it('connects both sides: calls, streams, references, context', async () => {
    const { widget, flush } = start();
    expect(await widget.guest.quote({ symbol: 'ACME' })).toBe(4);
    const got: number[] = [];
    const subscription = widget.guest.prices().subscribe((price) => got.push(price));
    await flush();
    prices.next(1);
    prices.next(2);
    await flush();
    expect(got).toEqual([1, 2]);
    subscription.unsubscribe();
    const lent = await widget.guest.lend();
    expect(await lent()).toBe('lent');
  });

  it('has the shell of the guest, which calls the host and gets its context', async () => {
    const test = start();
    expect(() => test.shell).toThrow('shell is asked for too early');
    await test.widget.ready;
    expect(await test.shell.host.open({ path: '/a' })).toBe('opened /a');
    expect(test.shell.context).toEqual({ theme: 'dark' });
    test.widget.setContext({ theme: 'light' });
    await test.flush();
    expect(test.shell.context).toEqual({ theme: 'light' });
  });

  it('clones values as between two pages', async () => {
    const sent = { symbol: 'ACME' };
    let got: unknown;
    const { widget } = start({ guest: { handlers: { ...guestHandlers, quote: (input) => ((got = input), 1) } } });
    await widget.guest.quote(sent);
    expect(got).toEqual(sent);
    expect(got).not.toBe(sent);
    expect(await rejection(widget.guest.save(Symbol('s') as never))).toHaveProperty('code', 'VALUE_NOT_CLONEABLE');
  });

  it('fails a value that the other side cannot read, as between two pages, and nothing else', async () => {
    const echo = contract({ name: 'test/echo', version: '1.0.0', guest: { echo: query<unknown, unknown>() } });
    const { widget, unmount } = testMount(echo, { guest: { handlers: { echo: (x) => x } }, host: {} });
    let deep: unknown = 1;
    for (let n = 0; n < 3_000; n++) deep = { deep };
    const bytes = new Uint8Array(4);
    const twice = transfer({ bytes }, [bytes.buffer]);
    expect(await widget.guest.echo(twice)).toEqual({ bytes: new Uint8Array(4) });
    await expect(widget.guest.echo(deep)).rejects.toMatchObject({ code: expect.stringMatching(/^VALUE_/) as unknown });
    expect(await widget.guest.echo(1)).toBe(1);
    await unmount();
  });

  it('refuses memory that pages of two origins cannot share', async () => {
    const echo = contract({ name: 'test/echo', version: '1.0.0', guest: { echo: query<unknown, unknown>() } });
    const { widget, unmount } = testMount(echo, { guest: { handlers: { echo: (x) => x } }, host: {} });
    const shared = { deep: [new Map([['bytes', new Uint8Array(new SharedArrayBuffer(4))]])] };
    await expect(widget.guest.echo(shared)).rejects.toHaveProperty('code', 'VALUE_NOT_CLONEABLE');
    expect(await widget.guest.echo(1)).toBe(1);
    await unmount();
  });

  it('runs the script of a guest anew for each document', async () => {
    let documents = 0;
    const test = start({
      guest: (expose) => {
        const number = ++documents;
        expose({ handlers: { ...guestHandlers, quote: () => number } });
      },
    });
    expect(await test.widget.guest.quote({ symbol: 'A' })).toBe(1);
    const first = test.shell;
    test.reload();
    expect(await test.widget.guest.quote({ symbol: 'A' })).toBe(2);
    expect(test.shell).not.toBe(first);
    expect(first.state.name).toBe('closed');
    test.widget.reload();
    expect(await test.widget.guest.quote({ symbol: 'A' })).toBe(3);
  });

  it('takes extensions and hooks of both sides', async () => {
    const seen: string[] = [];
    const hook = (side: string) =>
      around({
        incoming: (call, next) => (seen.push(`${side} is asked ${call.path}`), next()),
        outgoing: (call, next) => (seen.push(`${side} asks ${call.path}`), next()),
      });
    const { widget } = start({
      guest: { handlers: guestHandlers, use: [hook('guest')] },
      host: { handlers: hostHandlers, context, use: [hook('host')] },
    });
    await widget.guest.quote({ symbol: 'A' });
    expect(seen).toEqual(['host asks quote', 'guest is asked quote']);
  });

  it('records what has travelled, and the states', async () => {
    const { widget, events } = start();
    await widget.guest.quote({ symbol: 'ACME' });
    const lines = events.map((event) => (event.type === 'state' ? event.name : `${event.direction} ${event.kind}`));
    expect(lines).toEqual([
      ...['loading', 'sent welcome', 'handshaking'],
      ...['sent call', 'received ready', 'ready', 'received result'],
    ]);
  });
});

describe('faults', () => {
  it('reload: a mutation on its way is lost, a query is sent again', async () => {
    const test = start({ guest: { handlers: { ...guestHandlers, save: () => new Promise<void>(() => undefined) } } });
    await test.widget.ready;
    const save = rejection(test.widget.guest.save('x'));
    const quote = test.widget.guest.quote({ symbol: 'ACME' });
    await test.flush();
    test.reload();
    const error = await save;
    expect(error).toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
    expect(error.cause).toMatchObject({ code: 'PEER_RELOADED' });
    expect(await quote).toBe(4);
  });

  it('freeze and thaw: the mount says that the guest is unresponsive, and nothing is lost', async () => {
    const test = start({ host: { handlers: hostHandlers, context, unresponsiveMs: 40 } });
    await test.widget.ready;
    test.freeze();
    const quote = test.widget.guest.quote({ symbol: 'ACME' });
    await vi.waitFor(() => expect(test.widget.state.name).toBe('unresponsive'));
    test.thaw();
    expect(await quote).toBe(4);
    await vi.waitFor(() => expect(test.widget.state.name).toBe('ready'));
  });

  it('navigate: the mount fails when its time to connect is over', async () => {
    const test = start();
    await test.widget.ready;
    test.navigate();
    await test.flush();
    const save = await rejection(test.widget.guest.save('x'));
    expect(save.cause).toMatchObject({ code: 'PEER_NAVIGATED' });
    expect(test.widget.state).toMatchObject({ name: 'failed', cause: { code: 'PEER_NAVIGATED' } });
  });

  it.each(['loading', 'handshaking', 'ready'])('navigate as a listener hears %s', async (name) => {
    const test = start();
    let isDone = false;
    test.widget.state$.subscribe((state) => {
      if (state.name !== name || isDone) return;
      isDone = true;
      test.navigate();
    });
    await vi.waitFor(() =>
      expect(test.widget.state).toMatchObject({
        name: 'failed',
        cause: { code: name === 'ready' ? 'PEER_NAVIGATED' : 'GUEST_SILENT' },
      }),
    );
    await test.expectNoLeaks();
  });

  it('navigate from the script of the guest, while it runs', async () => {
    const test = start({
      guest: (expose) => {
        const shell = expose({ handlers: guestHandlers });
        shell.state$.subscribe(() => test.navigate());
      },
    });
    await test.widget.ready.catch(() => undefined);
    expect(test.shell.state.name).toBe('closed');
    await test.expectNoLeaks();
  });

  it('close: the mount says that its frame was removed', async () => {
    const test = start();
    await test.widget.ready;
    const slow = rejection(test.widget.guest.slow());
    test.close();
    expect((await slow).cause).toMatchObject({ code: 'FRAME_REMOVED' });
    expect(test.widget.state).toMatchObject({ name: 'failed', cause: { code: 'FRAME_REMOVED' } });
  });

  it('latency: each message takes so long, and keeps its place', async () => {
    const test = start();
    await test.widget.ready;
    test.setLatency(200);
    const start_ = performance.now();
    const first = test.widget.guest.quote({ symbol: 'A' });
    await new Promise((resolve) => setTimeout(resolve, 50)); // its batch is on its way
    test.setLatency(5);
    const second = test.widget.guest.quote({ symbol: 'AB' });
    const order: number[] = [];
    await Promise.all([first.then((value) => order.push(value)), second.then((value) => order.push(value))]);
    expect(order).toEqual([1, 2]);
    expect(performance.now() - start_).toBeGreaterThanOrEqual(199);
    expect(() => test.setLatency(-1)).toThrow('the latency is -1');
  });

  it('flush and expectSettled end although a stream ticks on and on', async () => {
    const test = start({
      guest: { handlers: { ...guestHandlers, prices: () => interval(1) } },
    });
    const subscription = test.widget.guest.prices().subscribe();
    await test.widget.ready;
    await expect(test.flush()).rejects.toThrow('messages still move');
    await expect(test.expectSettled()).rejects.toThrow('the end of the stream "prices"');
    subscription.unsubscribe();
    await test.flush();
  });

  it('a guest that never calls expose fails the mount', async () => {
    const test = start({ guest: () => undefined });
    await expect(test.widget.ready).rejects.toMatchObject({ code: 'GUEST_SILENT' });
  });
});

describe('under fake timers', () => {
  it('time-outs come when the test says so', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const test = start();
    await test.flush();
    expect(test.widget.state.name).toBe('ready');
    const slow = rejection(test.widget.guest.slow(undefined, { timeoutMs: 60_000 }));
    await test.flush();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(test.events.at(-1)).not.toMatchObject({ kind: 'cancel' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(await slow).toHaveProperty('code', 'CALL_TIMED_OUT');
  });

  it('latency passes with them', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const test = start();
    await test.flush();
    test.setLatency(4000);
    let answer: number | undefined;
    void test.widget.guest.quote({ symbol: 'ACME' }).then((value) => (answer = value));
    await test.flush();
    await vi.advanceTimersByTimeAsync(4000);
    await test.flush();
    expect(answer).toBeUndefined();
    await vi.advanceTimersByTimeAsync(4000);
    await test.flush();
    expect(answer).toBe(4);
  });
});

describe('expectSettled', () => {
  it('passes where all is done, and waits for what is nearly done', async () => {
    const { widget, expectSettled } = start();
    void widget.guest.quote({ symbol: 'A' });
    await expect(expectSettled()).resolves.toBeUndefined();
  });

  it('lists calls, streams and handlers that are not', async () => {
    const { widget, expectSettled } = start();
    const cancel = new AbortController();
    const slow = rejection(widget.guest.slow(undefined, { signal: cancel.signal }));
    const subscription = widget.guest.prices().subscribe(() => undefined);
    await expect(expectSettled()).rejects.toThrow(
      [
        'not everything has settled:',
        '- the host waits for the answer of "slow"',
        '- the host waits for the end of the stream "prices"',
        '- the handler of "slow" of the guest still runs',
      ].join('\n'),
    );
    subscription.unsubscribe();
    cancel.abort();
    await slow;
  });

  it('lists calls over lanes', async () => {
    const test = start();
    await test.widget.ready;
    const never = new Promise<void>(() => undefined);
    const stop = exposeLane(test.shell, 'db', { now: () => 1, never: () => never });
    const db = wrap<{ now(): number; never(): Promise<void> }>(test.widget, 'db');
    expect(await db.now()).toBe(1);
    await test.expectSettled();
    const call = db.never().catch(() => undefined);
    await expect(test.expectSettled()).rejects.toThrow('- the host waits for an answer of the lane "db"');
    stop();
    await test.unmount();
    await call;
  });
});

describe('expectNoLeaks', () => {
  it('passes where handlers heed their signal, and nothing is left', async () => {
    const { widget, expectNoLeaks } = start({
      guest: {
        handlers: {
          ...guestHandlers,
          slow: (_, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new Error('no longer wanted')));
            }),
        },
      },
    });
    const slow = rejection(widget.guest.slow());
    widget.guest.prices().subscribe({ error: () => undefined });
    await widget.guest.quote({ symbol: 'A' });
    await expectNoLeaks();
    expect((await slow).code).toBe('LINK_CLOSED');
  });

  it('names the handler that ignores its signal', async () => {
    const { widget, expectNoLeaks } = start();
    const slow = rejection(widget.guest.slow());
    await widget.guest.quote({ symbol: 'A' });
    await expect(expectNoLeaks()).rejects.toThrow('- the handler of "slow" of the guest still runs');
    await slow;
  });

  it('names the handler of a stream that goes on when the stream has ended', async () => {
    let end = (): void => undefined;
    const test = start({
      guest: {
        handlers: {
          ...guestHandlers,
          async *prices() {
            yield 1;
            await new Promise<void>((resolve) => (end = resolve));
          },
        },
      },
    });
    const got: number[] = [];
    const subscription = test.widget.guest.prices().subscribe((price) => got.push(price));
    await test.flush();
    expect(got).toEqual([1]);
    subscription.unsubscribe();
    await test.flush();
    await expect(test.expectSettled()).rejects.toThrow('- the handler of "prices" of the guest still runs');
    end();
    await test.expectNoLeaks();
  });

  it('names the handler of a stream that never returns its source', async () => {
    const test = start({
      guest: { handlers: { ...guestHandlers, prices: () => new Promise<never>(() => undefined) } },
    });
    test.widget.guest.prices().subscribe({ error: () => undefined });
    await test.flush();
    await expect(test.expectNoLeaks()).rejects.toThrow('- the handler of "prices" of the guest still runs');
  });

  it.each(['reload', 'navigate', 'close', 'freeze'] as const)('passes after %s', async (fault) => {
    const test = start();
    await test.widget.ready;
    test[fault]();
    await test.flush();
    await expect(test.expectNoLeaks()).resolves.toBeUndefined();
  });
});

it('refuses wrong options', () => {
  const guest = { handlers: guestHandlers };
  const host = { handlers: hostHandlers, context };
  expect(() => testMount(ticker, { guest, host, hosts: [] } as never)).toThrow('testMount has no option "hosts"');
  expect(() => testMount(ticker, { guest, host: { ...host, urll: '' } } as never)).toThrow('has no option "urll"');
  expect(() => testMount(ticker, { guest: { handler: {} }, host } as never)).toThrow('has no option "handler"');
  expect(() => testMount(ticker, { guest, host: { context } } as never)).toThrow('handlers.open is missing');
});

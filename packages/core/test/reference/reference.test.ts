import { firstValueFrom, interval, map, type Observable, of, Subject, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { byReference, contract, MuntinError, query, type Remote, release, transfer } from '../../src/index.ts';
import { openPair, type Pair } from '../fixtures/open-pair.ts';

const c = contract({
  name: 'test/live',
  version: '1.0.0',
  guest: { give: query<unknown, unknown>(), take: query<unknown, unknown>() },
  host: { take: query<unknown, unknown>() },
});

function open(give: (input: unknown) => unknown = (input) => input): Pair<typeof c> {
  return openPair(c, { guest: { give, take: give }, host: { take: (input) => input } });
}

describe('a value with something live in it', () => {
  it('brings a callback that can be called after the first answer', async () => {
    let held: Remote<(n: number) => number> | undefined;
    const { host } = open((input) => {
      held = (input as { deep: [{ f: Remote<(n: number) => number> }] }).deep[0].f;
    });
    await host.client.give({ deep: [{ f: byReference((n: number) => n * 2) }] });
    expect(await held?.(21)).toBe(42);
    expect(await held?.(4)).toBe(8);
  });

  it('shows only the methods of an object', async () => {
    class Counter {
      count = 0;
      up(by: number): number {
        this.count += by;
        return this.count;
      }
    }
    const { host } = open(() => ({ counter: byReference(new Counter()) }));
    const { counter } = (await host.client.give(1)) as { counter: Remote<Counter> };
    expect(Object.keys(counter)).toEqual(['up']);
    expect(await counter.up(2)).toBe(2);
    expect(await counter.up(3)).toBe(5);
  });

  it('rejects calls of a released reference and forgets it at its owner', async () => {
    const { host } = open(() => byReference(() => 1));
    const f = (await host.client.give(1)) as Remote<() => number>;
    expect(await f()).toBe(1);
    release(f);
    await expect(f()).rejects.toMatchObject({ code: 'REFERENCE_RELEASED' });
  });

  it('brings streams, promises, signals and readable streams', async () => {
    const controller = new AbortController();
    const { host } = open(async (input) => {
      const { subject, iterable, promise, signal, readable, observable } = input as {
        subject: Observable<number>;
        iterable: AsyncIterable<number>;
        promise: Promise<number>;
        signal: AbortSignal;
        readable: ReadableStream<number>;
        observable: Observable<Observable<number>>;
      };
      const values: number[] = [];
      for await (const value of iterable) values.push(value);
      const first = firstValueFrom(subject);
      const aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
      setTimeout(() => {
        s.next(7);
        controller.abort('enough');
      }, 20);
      const reader = readable.getReader();
      const read = [await reader.read(), await reader.read()];
      const inner = await firstValueFrom(observable);
      return {
        values,
        promise: await promise,
        first: await first,
        reason: await aborted,
        read: read.map((step) => step.value),
        inner: await firstValueFrom(inner.pipe(toArray())),
      };
    });
    const s = new Subject<number>();
    const result = await host.client.give({
      subject: s,
      iterable: (async function* () {
        yield* [1, 2, 3];
      })(),
      promise: Promise.resolve(5),
      signal: controller.signal,
      readable: new ReadableStream<number>({
        start(stream) {
          stream.enqueue(1);
          stream.enqueue(2);
          stream.close();
        },
      }),
      observable: of(of(1, 2)),
    });
    expect(result).toEqual({ values: [1, 2, 3], promise: 5, first: 7, reason: 'enough', read: [1, 2], inner: [1, 2] });
  });

  it('takes a stream inside a result', async () => {
    const { host } = open(() => ({ ticks: interval(1).pipe(map((n) => n * 10)) }));
    const { ticks } = (await host.client.give(0)) as { ticks: Observable<number> };
    expect(await firstValueFrom(ticks.pipe(take(3), toArray()))).toEqual([0, 10, 20]);
  });

  it('transfers a buffer and a port', async () => {
    const { host } = open((input) => input);
    const buffer = new ArrayBuffer(1000);
    const { port1, port2 } = new MessageChannel();
    const answer = await host.client.give(transfer({ buffer, size: 1 }, [buffer]));
    expect(buffer.byteLength).toBe(0);
    expect((answer as { buffer: ArrayBuffer }).buffer.byteLength).toBe(1000);
    const got = new Promise((resolve) => {
      port1.onmessage = (event) => resolve(event.data);
    });
    const pair = open((input) => {
      (input as { port: MessagePort }).port.postMessage('hi');
    });
    await pair.host.client.give(transfer({ port: port2 }, [port2]));
    expect(await got).toBe('hi');
    port1.close();
  });

  it('finds something live deep in a large value', async () => {
    const { host } = open((input) => (input as { f: Remote<() => number> }[]).at(-1)?.f());
    const rows = Array.from({ length: 5000 }, (_, index) => ({ index, f: null as unknown }));
    rows.push({ index: -1, f: byReference(() => 'found') });
    expect(await host.client.give(rows)).toBe('found');
  });

  it('rejects calls of references with the session', async () => {
    const { host, guest } = open(() => byReference(() => new Promise(() => undefined)));
    const f = (await host.client.give(1)) as Remote<() => number>;
    const pending = f();
    await host.client.give(1);
    guest.session.close(new MuntinError('PEER_CLOSED', 'bye'), 'closed');
    await expect(pending).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    await expect(f()).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  });
});

import { describe, expect, it } from 'vitest';
import { openWorld, Target, until } from '../../../core/test/fixtures/fake-page.ts';
import { runGuest } from '../../../core/test/fixtures/small-guest.ts';
import { mountWorker, type WorkerMount } from '../../src/index.ts';
import { board, pass, withFakeTime } from '../fixtures/mounted.ts';

withFakeTime();

/** A worker whose script is a function; it says what it says to whoever has made it. */
class FakeWorker extends Target {
  readonly #inside = new Target();
  isTerminated = false;

  constructor(script: 'expose' | 'nothing') {
    super();
    if (script === 'nothing') return;
    setImmediate(() => {
      const page = Object.assign(this.#inside, {
        say: (data: unknown, _: string, ports: readonly unknown[]) => {
          if (!this.isTerminated)
            setImmediate(() =>
              this.tell('message', { data: structuredClone(data), ports, origin: '', isTrusted: true }),
            );
        },
        do: (run: () => void) => setImmediate(() => (this.isTerminated ? undefined : run())),
      });
      runGuest(page as never, board, { handlers: { echo: (value: unknown) => value, save: () => 1 } });
    });
  }

  postMessage(data: unknown): void {
    setImmediate(() => this.#inside.tell('message', { data, origin: 'https://host.example', isTrusted: true }));
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

const workers: FakeWorker[] = [];

function mountBoard(
  scripts: readonly ('expose' | 'nothing' | 'none')[],
  options: object = {},
): WorkerMount<typeof board> {
  openWorld();
  workers.length = 0;
  const worker = (): never => {
    const script = scripts[workers.length] ?? 'expose';
    if (script === 'none') throw new TypeError('no such address');
    const made = new FakeWorker(script);
    workers.push(made);
    return made as never;
  };
  return mountWorker(board, { worker, handlers: { ask: (value: number) => value }, ...options });
}

describe('a guest in a worker', () => {
  it('connects, is made anew by reload, and is terminated by unmount', async () => {
    const mounted = mountBoard([]);
    await mounted.ready;
    await expect(mounted.guest.echo(1)).resolves.toBe(1);
    expect(mounted.worker).toBe(workers[0]);
    mounted.reload();
    await until(() => workers.length === 2 && mounted.state.name === 'ready');
    expect(workers[0]?.isTerminated).toBe(true);
    await expect(mounted.guest.echo(2)).resolves.toBe(2);
    await mounted.unmount();
    expect(workers[1]?.isTerminated).toBe(true);
    expect(mounted.worker).toBeUndefined();
  });

  it('that cannot be made fails the mount with what was thrown', async () => {
    const mounted = mountBoard(['none']);
    await expect(mounted.ready).rejects.toMatchObject({
      code: 'GUEST_NOT_LOADED',
      message: 'The worker could not be made: no such address',
    });
    await mounted.unmount();
  });

  it.each([
    ['a promise', Promise.resolve()],
    ['undefined', undefined],
    ['object', { postMessage: () => undefined }],
  ])('that is %s is none', async (what, made) => {
    openWorld();
    const handlers = { ask: (value: number) => value };
    const mounted = mountWorker(board, { worker: () => made as never, handlers });
    await expect(mounted.ready).rejects.toMatchObject({
      code: 'GUEST_NOT_LOADED',
      message: `worker() returned ${what}: return the Worker itself`,
    });
    await mounted.unmount();
  });

  it.each([
    ['boom', /has thrown before it said hello: boom/],
    ['', /could not be loaded: is its address right/],
  ])('whose script fails with %j fails the mount', async (message, expected) => {
    const mounted = mountBoard(['nothing']);
    workers[0]?.tell('error', { message });
    void pass(1000);
    await expect(mounted.ready).rejects.toMatchObject({
      code: 'GUEST_NOT_LOADED',
      message: expect.stringMatching(expected),
    });
    await mounted.unmount();
  });

  it('whose script throws after it has said hello, or while it is another by now, goes on', async () => {
    const mounted = mountBoard(['nothing', 'expose']);
    workers[0]?.tell('error', { message: 'early' });
    mounted.reload();
    await until(() => mounted.state.name === 'ready');
    workers[0]?.tell('error', { message: 'not there any more' });
    workers[1]?.tell('error', { message: 'its own' });
    await pass(1000);
    expect(mounted.state.name).toBe('ready');
    await mounted.unmount();
  });

  it('that never says hello is said to be silent, with what to call', async () => {
    const mounted = mountBoard(['nothing'], { handshakeTimeoutMs: 1000 });
    void pass(3000);
    await expect(mounted.ready).rejects.toMatchObject({
      code: 'GUEST_SILENT',
      message: expect.stringContaining('expose() of "@muntin/guest/worker"'),
    });
    await mounted.unmount();
  });

  it('that was there and has closed itself is said to have left', async () => {
    const mounted = mountBoard([], { handshakeTimeoutMs: 1000 });
    await mounted.ready;
    mounted.reload();
    workers[1]?.terminate(); // before it could say hello
    void pass(3000);
    await expect(mounted.ready).rejects.toMatchObject({ code: 'GUEST_SILENT' });
    await mounted.unmount();
  });

  it.each([{ worker: undefined }, { worker: '/worker.js' }])('refuses %j', (options) => {
    expect(() => mountBoard([], options)).toThrow('give a function that makes one');
  });
});

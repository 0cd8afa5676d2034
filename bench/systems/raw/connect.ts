import { acceptPort, createFrame } from '../../page/frame.ts';
import type { Connection } from '../../page/system.ts';

/** Mounts the guest, and calls it by messages on its port. */
export async function connect(url: string, into: Element): Promise<Connection> {
  const frame = createFrame(url, into);
  const port = await acceptPort(frame);
  const pending = new Map<number, (value: never) => void>();
  const consumers = new Map<number, (value: unknown) => void>();
  let lastId = 0;
  port.onmessage = ({ data }: MessageEvent) => {
    const [id, value] = data;
    const consumer = consumers.get(id);
    if (consumer !== undefined) return consumer(value);
    const settle = pending.get(id);
    pending.delete(id);
    settle?.(value as never);
  };
  const call = <T>(name: string, input?: unknown, transfer: Transferable[] = []): Promise<T> =>
    new Promise((resolve) => {
      const id = ++lastId;
      pending.set(id, resolve);
      port.postMessage([id, name, input], transfer);
    });
  return {
    add: (input) => call('add', input),
    echo: (value) => call('echo', value),
    transfer: (buffer) => call('transfer', buffer, [buffer]),
    visit: async (ticks, onDone) => {
      const callback = ++lastId;
      consumers.set(callback, (count) => onDone(Number(count)));
      const answer = await call<number>('visit', [ticks, callback]);
      consumers.delete(callback);
      return answer;
    },
    stream: (request, next) => {
      const id = ++lastId;
      consumers.set(id, next);
      port.postMessage([id, 'stream', request]);
      return {
        cancel: () => {
          consumers.delete(id);
          port.postMessage([id, 'cancel']);
        },
      };
    },
    produced: () => call('produced'),
    stop: () => call('stop'),
    close: () => {
      port.close();
      frame.remove();
    },
  };
}

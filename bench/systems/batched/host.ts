import { acceptPort, createFrame } from '../../page/frame.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';

/** The limit: all calls of a turn in one message, all answers in one, 512 stream values in one. No check, no credit, no errors. */
const batched: System = {
  cannot: { codec: 'raw by hand has the same', schema: 'raw by hand has the same' },
  streams: '512 values in a message',
  connect: async (url, into) => {
    const frame = createFrame(url, into);
    const port = await acceptPort(frame);
    const pending = new Map<number, (value: never) => void>();
    const consumers = new Map<number, (value: unknown) => void>();
    let lastId = 0;
    let calls: [id: number, name: string, input: unknown][] = [];
    const flush = (): void => {
      port.postMessage(['calls', calls]);
      calls = [];
    };
    port.onmessage = ({ data }: MessageEvent) => {
      if (data[0] === 'values') {
        const [, id, values] = data;
        for (const value of values) consumers.get(id)?.(value);
      } else
        for (const [id, value] of data[1]) {
          const settle = pending.get(id);
          pending.delete(id);
          settle?.(value as never);
        }
    };
    const call = <T>(name: string, input?: unknown): Promise<T> =>
      new Promise((resolve) => {
        const id = ++lastId;
        pending.set(id, resolve);
        if (calls.push([id, name, input]) === 1) queueMicrotask(flush);
      });
    return {
      add: (input) => call('add', input),
      echo: (value) => call('echo', value),
      transfer: (buffer) =>
        new Promise((resolve) => {
          const id = ++lastId;
          pending.set(id, resolve);
          port.postMessage(['transfer', id, buffer], [buffer]);
        }),
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
        port.postMessage(['stream', id, request]);
        return {
          cancel: () => {
            consumers.delete(id);
            port.postMessage(['cancel', id]);
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
  },
};

serve(batched);

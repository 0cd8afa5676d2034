import { newMessagePortRpcSession } from 'capnweb';
import { acceptPort, createFrame } from '../../page/frame.ts';
import type { StreamRequest, Sum, Tick } from '../../page/job.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';

// Its own stub type follows `unknown` into every depth; these are the calls as an application would see them.
interface Guest extends Disposable {
  add(input: Sum): Promise<number>;
  echo(value: unknown): Promise<unknown>;
  visit(value: { ticks: readonly Tick[]; onDone: (count: number) => void }): Promise<number>;
  produced(): Promise<number>;
  stop(): Promise<void>;
  stream(request: StreamRequest): Promise<ReadableStream<unknown>>;
}

const capnweb: System = {
  streams: 'a ReadableStream with its own flow control',
  cannot: {
    rows: 'its README: Map is not supported',
    transfer: 'it has no way to transfer',
  },
  connect: async (url, into) => {
    const frame = createFrame(url, into);
    const port = await acceptPort(frame);
    const guest = newMessagePortRpcSession(port) as unknown as Guest;
    const read = (request: StreamRequest, next: (value: unknown) => unknown): { cancel(): void } => {
      let cancel = (): void => undefined;
      void (async () => {
        const reader = (await guest.stream(request)).getReader();
        cancel = () => void reader.cancel();
        for (let step = await reader.read(); !step.done; step = await reader.read()) {
          const wait = next(step.value);
          if (wait instanceof Promise) await wait;
        }
      })();
      return { cancel: () => cancel() };
    };
    return {
      add: async (input) => guest.add(input),
      echo: async (value) => guest.echo(value),
      visit: async (ticks, onDone) => guest.visit({ ticks, onDone }),
      stream: read,
      pull: read,
      produced: async () => guest.produced(),
      stop: async () => guest.stop(),
      close: () => {
        guest[Symbol.dispose]();
        frame.remove();
      },
    };
  },
};

serve(capnweb);

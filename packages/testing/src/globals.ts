/** What is used of Node's `worker_threads`. */
interface Threads {
  readonly MessageChannel: new () => MessageChannel;
  readonly MessagePort: unknown;
  readonly receiveMessageOnPort: (port: MessagePort) => { readonly message: unknown } | undefined;
}

const isThreads = (module: unknown): module is Threads =>
  typeof module === 'object' && module !== null && 'receiveMessageOnPort' in module;

/**
 * Jest's jsdom environment hides what Node has and every browser has: it is given back, for sessions are carried by it. A browser has all of it,
 * and is never asked for the module of Node.
 */
export async function bringPorts(): Promise<void> {
  if (typeof MessageChannel !== 'undefined') return;
  const name = 'node:worker_threads'; // bundlers look for nothing here
  const threads: unknown = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  if (isThreads(threads)) Object.assign(globalThis, portsOf(threads));
}

function portsOf({ MessageChannel: Channel, MessagePort: Port, receiveMessageOnPort: take }: Threads): object {
  const clone = (value: unknown, options: StructuredSerializeOptions = {}): unknown => {
    const { port1, port2 } = new Channel();
    try {
      port1.postMessage(value, options);
      return take(port2)?.message;
    } finally {
      port1.close();
    }
  };
  const isThere = typeof structuredClone !== 'undefined';
  return { MessageChannel: Channel, MessagePort: Port, ...(isThere ? {} : { structuredClone: clone }) };
}

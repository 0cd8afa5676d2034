import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';
import { createFrame, windowOf } from '../../page/frame.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';

const mcpApps: System = {
  handshake: true,
  streams: 'a log notification of the view for each value; stopped by a call of our own',
  cannot: {
    callback: 'arguments of a tool are data',
    schema: 'schemas of its tools are JSON Schemas, which have neither Date nor Map',
    transfer: 'it has no way to transfer',
  },
  connect: async (url, into) => {
    const frame = createFrame(url, into);
    const bridge = new AppBridge(null, { name: 'bench', version: '1.0.0' }, { logging: {} });
    const consumers: ((value: unknown) => unknown)[] = [];
    bridge.onloggingmessage = ({ logger, data }) => void consumers[Number(logger)]?.(data);
    const ready = new Promise<void>((resolve) => {
      bridge.oninitialized = () => resolve();
    });
    await bridge.connect(new PostMessageTransport(windowOf(frame), windowOf(frame)));
    await ready;
    const call = async (name: string, input: object = {}): Promise<unknown> => {
      const { structuredContent } = await bridge.callTool({ name, arguments: { ...input } });
      return Object(structuredContent).value;
    };
    return {
      add: async (input) => Number(await call('add', input)),
      echo: (value) => call('echo', { value }),
      stream: (request, next) => {
        void call('stream', { logger: String(consumers.push(next) - 1), request });
        return { cancel: () => void call('stop') };
      },
      produced: async () => Number(await call('produced')),
      stop: () => call('stop'),
      close: () => {
        void bridge.close();
        frame.remove();
      },
    };
  },
};

serve(mcpApps);

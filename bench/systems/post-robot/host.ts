import postRobot from 'post-robot';
import { createFrame, windowOf } from '../../page/frame.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';

const postRobotSystem: System = {
  handshake: true,
  streams: 'a message of the guest for each value, fire and forget; stopped by a call of our own',
  cannot: {
    copy: 'its README: values are what JSON has, and functions, promises, errors and regular expressions',
    transfer: 'it has no way to transfer',
    rows: 'its README: Date and Map are not among its values',
  },
  connect: (url, into) => {
    const frame = createFrame(url, into);
    const guest = windowOf(frame);
    const domain = new URL(url).origin;
    const consumers: ((value: unknown) => unknown)[] = [];
    const listener = postRobot.on('next', { window: guest, domain }, ({ data }) => {
      void consumers[data.id]?.(data.value);
    });
    const call = async (name: string, input?: unknown): Promise<unknown> =>
      (await postRobot.send(guest, name, input, { domain })).data;
    return {
      add: async (input) => Number(await call('add', input)),
      echo: (value) => call('echo', value),
      visit: async (ticks, onDone) => Number(await call('visit', { ticks, onDone })),
      stream: (request, next) => {
        void call('stream', { id: consumers.push(next) - 1, request });
        return { cancel: () => void call('stop') };
      },
      produced: async () => Number(await call('produced')),
      stop: () => call('stop'),
      close: () => {
        listener.cancel();
        frame.remove();
      },
    };
  },
};

serve(postRobotSystem);

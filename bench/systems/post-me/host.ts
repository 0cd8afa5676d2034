import { ParentHandshake, WindowMessenger } from 'post-me';
import { createFrame, windowOf } from '../../page/frame.ts';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';
import type { Methods } from './guest.ts';

const postMe: System = {
  handshake: true,
  streams: 'an event of the guest for each value; stopped by a call of our own',
  says: 'its handshake is given 100 attempts in place of five',
  connect: async (url, into) => {
    const frame = createFrame(url, into);
    const messenger = new WindowMessenger({
      localWindow: window,
      remoteWindow: windowOf(frame),
      remoteOrigin: new URL(url).origin,
    });
    // By default it gives up after five attempts within half a second, in which 50 guests do not load.
    const connection = await ParentHandshake(messenger, {}, 100);
    const remote = connection.remoteHandle<Methods>();
    let streams = 0;
    return {
      add: (input) => remote.call('add', input),
      echo: (value) => remote.call('echo', value),
      transfer: (buffer) => remote.customCall('give', [buffer], { transfer: [buffer] }),
      visit: (ticks, onDone) => remote.call('visit', ticks, onDone),
      stream: (request, next) => {
        const event = `values${++streams}`;
        remote.addEventListener(event, next);
        void remote.call('stream', event, request);
        return { cancel: () => void remote.call('stop') };
      },
      produced: () => remote.call('produced'),
      stop: () => remote.call('stop'),
      close: () => {
        connection.close();
        frame.remove();
      },
    };
  },
};

serve(postMe);

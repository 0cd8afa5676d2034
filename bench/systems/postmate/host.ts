import Postmate from 'postmate';
import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';

const noAnswer = 'its calls have no answers, and what it gets takes no input';
const oneByOne = 'several guests of one origin that connect at the same time did not all connect';

const postmate: System = {
  handshake: true,
  streams: 'an event of the guest for each value; stopped by a call of our own',
  says: 'a call is get() of a model function, which takes no input: the guest answers a constant',
  cannot: {
    copy: noAnswer,
    transfer: noAnswer,
    codec: noAnswer,
    schema: noAnswer,
    callback: noAnswer,
    curve: noAnswer,
    nested: noAnswer,
    rows: noAnswer,
    payload: noAnswer,
    fifty: oneByOne,
    guests: oneByOne,
    memory: oneByOne,
  },
  connect: async (url, container) => {
    const child = await new Postmate({ container, url, name: 'bench' });
    let streams = 0;
    return {
      // What is expected is added here, so that its cost is in the figure as everywhere; the guest's part of it is 7.
      add: async ({ a, b }) => Number(await child.get('seven')) - 7 + a + b,
      echo: () => Promise.reject(new Error(noAnswer)),
      stream: (request, next) => {
        const event = `values${++streams}`;
        child.on(event, next);
        child.call('stream', { event, request });
        return { cancel: () => child.call('stop', undefined) };
      },
      produced: async () => Number(await child.get('produced')),
      stop: async () => child.call('stop', undefined),
      close: () => child.destroy(),
    };
  },
};

serve(postmate);

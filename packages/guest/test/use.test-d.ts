import { around, contract, type HandlerContext, mutation } from '@muntin/core';
import { expectTypeOf, test } from 'vitest';
import { expose } from '../src/index.ts';
import { expose as exposePopup } from '../src/popup.ts';
import { expose as exposeWorker } from '../src/worker.ts';

const notes = contract({ name: 'test/notes', version: '1.0.0', guest: { save: mutation<string, number>() } });
const counting = around<{ count: number }>({ incoming: (_, next) => next({ context: { count: 1 } }) });
const use = [counting] as const;
const hosts = ['https://shell.example'];

test('what a hook adds to the context is in the types of the handlers of a guest', () => {
  const handlers = { save: (text: string, { count }: HandlerContext & { count: number }) => text.length + count };
  void [
    () =>
      expose(notes, {
        hosts,
        use: [counting],
        handlers: {
          save: (_, { count }) => {
            expectTypeOf(count).toEqualTypeOf<number>();
            return count;
          },
        },
      }),
    () => exposePopup(notes, { hosts, use, handlers }),
    () => exposeWorker(notes, { use, handlers }),
    // @ts-expect-error -- the handler wants what nothing adds
    () => expose(notes, { hosts, handlers }),
  ];
});

import { expect, it, onTestFinished } from 'vitest';
import { readLimits } from '../../src/link/limits.ts';
import { Link } from '../../src/link/link.ts';
import { CANCEL, type Message } from '../../src/link/messages.ts';
import { turns } from '../fixtures/turns.ts';

it.each(['release', 'resume'] as const)(
  'tells each message once, in order, where one of them calls %s',
  async (name) => {
    const { port1, port2 } = new MessageChannel();
    onTestFinished(() => port2.close());
    const told: unknown[] = [];
    const link: Link = new Link(
      port1,
      {
        batch: undefined,
        message: (message: Message) => {
          told.push(message[1]);
          if (told.length === 2) link[name]();
          return true;
        },
        walk: () => undefined,
        batchSender: () => undefined,
        keep: (value) => value,
        broken: (error) => void told.push(error.code),
      },
      readLimits(undefined),
    );
    onTestFinished(() => link.close());
    port2.postMessage([
      [CANCEL, 1],
      [CANCEL, 2],
      [CANCEL, 3],
    ]);
    port2.postMessage([[CANCEL, 4]]);
    await turns();
    expect(told).toEqual([1, 2, 3, 4]);
  },
);

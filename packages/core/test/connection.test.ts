import { expect, test } from 'vitest';
import { MuntinError } from '../src/errors.ts';
import { Connection, readLimits, replayAfter } from '../src/internal.ts';

const cause = new MuntinError('PEER_RELOADED', 'The session is over');

test('a session that ends after its connection leaves it ended, until one may come again', async () => {
  const connection = new Connection({
    side: 'host',
    contract: { name: 'test/board', version: '1.0.0' },
    served: [],
    calls: {},
    use: undefined,
    limits: readLimits(),
    codec: undefined,
    onHandlerError: () => undefined,
  });
  connection.fail(new MuntinError('HANDSHAKE_TIMED_OUT', 'Nobody came'));
  connection.lose(cause, replayAfter);
  await expect(connection.caller.serves('quote')).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  connection.revive();
  const asked = connection.caller.serves('quote');
  const later = new Promise((resolve) => setTimeout(resolve, 20, 'waits'));
  expect(await Promise.race([asked, later])).toBe('waits');
  connection.fail(cause);
  await expect(asked).rejects.toMatchObject({ code: 'LINK_CLOSED', cause });
});

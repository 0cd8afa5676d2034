import { defer, retry } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { contract, observable } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';

const streams = contract({ name: 'test/opening', version: '1.0.0', guest: { list: observable<number, number>() } });

describe('a stream that cannot be opened', () => {
  function closed() {
    const { host, close } = openPair(streams, { host: {}, guest: { list: () => [1] } });
    close();
    return host.client;
  }

  it.each([
    ['the same stream', (client: ReturnType<typeof closed>) => client.list(0)],
    ['one with an option that is none', (client: ReturnType<typeof closed>) => client.list(0, { window: -1 })],
    ['a stream that is made anew', (client: ReturnType<typeof closed>) => defer(() => client.list(0))],
  ])('does not keep the page: a bare retry() subscribes a few times in seconds, to %s', (_, make) => {
    const client = closed();
    vi.useFakeTimers();
    try {
      let subscriptions = 0;
      const subscription = defer(() => {
        subscriptions++;
        return make(client);
      })
        .pipe(retry())
        .subscribe();
      expect(subscriptions).toBe(1);
      vi.advanceTimersByTime(10_000);
      expect(subscriptions).toBeGreaterThan(5);
      expect(subscriptions).toBeLessThan(25);
      subscription.unsubscribe();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('tells its consumer why, behind the turn of the subscription', async () => {
    const client = closed();
    const seen: unknown[] = [];
    const told = new Promise<void>((resolve) => {
      client.list(0).subscribe({
        error: (error) => {
          seen.push(error);
          resolve();
        },
      });
    });
    expect(seen).toEqual([]);
    await told;
    expect(seen).toMatchObject([{ code: 'LINK_CLOSED' }]);
  });
});

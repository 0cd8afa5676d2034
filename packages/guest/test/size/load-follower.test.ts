import { beforeEach, expect, it, vi } from 'vitest';

const file = '../../src/size/follower.ts';

// Every test begins with nothing loaded, and with a part that cannot be loaded.
beforeEach(() => {
  vi.resetModules();
  vi.doMock(file, () => {
    throw new Error('the network is gone');
  });
});

it('who needs what measures hears that it could not be loaded, and the next attempt loads it', async () => {
  const { loadFollower } = await import('../../src/size/load-follower.ts');
  const notLoaded = { code: 'CHUNK_NOT_LOADED', cause: expect.objectContaining({}) };
  await expect(loadFollower()).rejects.toMatchObject(notLoaded);
  await expect(loadFollower()).rejects.toMatchObject(notLoaded);
  vi.doUnmock(file);
  const loaded = await loadFollower();
  expect(loaded.Follower).toBeTypeOf('function');
  expect(await loadFollower()).toBe(loaded);
});

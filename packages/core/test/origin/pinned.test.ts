import { describe, expect, it } from 'vitest';
import { MuntinError } from '../../src/errors.ts';
import { listenTo, pinnedTarget } from '../../src/origins.ts';

/** What every page may see of a window on another origin. */
const windowOf = (postMessage: (...args: unknown[]) => void): Window =>
  ({ closed: false, postMessage }) as unknown as Window;

describe('pinnedTarget', () => {
  it('posts with its exact origin, whatever is posted', () => {
    const posted: unknown[] = [];
    const target = pinnedTarget(
      windowOf((...args) => posted.push(args)),
      'https://app.example',
    );
    const { port1, port2 } = new MessageChannel();
    target.post({ targetOrigin: '*' }, [port1]);
    target.post('*');
    expect(posted).toEqual([
      [{ targetOrigin: '*' }, { targetOrigin: 'https://app.example', transfer: [port1] }],
      ['*', { targetOrigin: 'https://app.example', transfer: [] }],
    ]);
    port2.close();
  });

  it.each(['*', '/', 'null', '', 'https://app.example/', 'https://*.example', 'app.example', 'http://app.example'])(
    'cannot be made for %j',
    (origin) => {
      const make = (): unknown =>
        pinnedTarget(
          windowOf(() => undefined),
          origin,
        );
      expect(make).toThrow(MuntinError);
      expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    },
  );

  it.each([
    ['null', null],
    ['nothing', undefined],
    ['an object', {}],
    ['text', 'window'],
    ['a port', new MessageChannel().port1],
  ] as [string, unknown][])('refuses %s as a window', (_, window) => {
    expect(() => pinnedTarget(window as Window, 'https://app.example')).toThrow(/give the window to talk to/);
  });
});

describe('listenTo', () => {
  it('refuses a pattern before it listens', () => {
    expect(() =>
      listenTo(
        windowOf(() => undefined),
        '*',
        () => undefined,
      ),
    ).toThrow(/a wildcard/);
  });
});

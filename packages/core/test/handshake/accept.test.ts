import { describe, expect, it, vi } from 'vitest';
import type { MuntinError } from '../../src/errors.ts';
import { Acceptor } from '../../src/handshake/accept.ts';
import { isSameDocument, markOf } from '../../src/handshake/origin-mark.ts';

// What a guest says of itself, and who has no origin. The rest of the driver is walked by the explorer.

/** A host that waits for a guest of `https://guest.example`; what comes on its window, and why it has failed. */
function waiting(): { say: (data: unknown, origin?: string) => void; failures: string[]; acceptor: Acceptor } {
  let receive: (event: MessageEvent) => void = () => undefined;
  const failures: string[] = [];
  const none = (): void => undefined;
  const acceptor = new Acceptor(
    {
      endpoint: {
        origin: 'https://guest.example',
        canNavigate: true,
        listen: (listener) => {
          receive = listener;
          return none;
        },
        recognise: ({ origin }) => (origin === 'https://guest.example' ? 'guest' : 'stranger'),
        post: none,
      },
      introduction: { versions: [1], contract: { name: 'a', version: '1.0.0' }, serves: [''], calls: 1, codecs: [] },
      notes: none,
      judge: () => undefined,
      times: { connectMs: 1000, busyMs: 1000 },
      step: (run) => run(),
      clock: { now: () => 0, after: () => none },
    },
    {
      welcome: none,
      opened: none,
      hold: none,
      release: none,
      end: none,
      fail: (error: MuntinError | undefined) => void failures.push(`${error?.code}: ${error?.message}`),
      revive: none,
      alive: none,
      spent: none,
    },
  );
  const say = (data: unknown, origin = 'https://guest.example'): void =>
    receive({ isTrusted: true, data, origin, ports: [], source: null } as unknown as MessageEvent);
  return { say, failures, acceptor };
}

describe('a host that waits', () => {
  it('fails when its guest says that it refuses it', () => {
    Object.assign(globalThis, { self: { origin: 'https://host.example' } });
    const { say, failures } = waiting();
    say({ muntin: 'trouble', why: 'refused' });
    expect(failures).toEqual([
      expect.stringMatching(/^HOST_NOT_ALLOWED: .*"https:\/\/host\.example": add it to "hosts"/),
    ]);
  });

  it('remembers that a script threw, and waits on', () => {
    const { say, failures, acceptor } = waiting();
    say({ muntin: 'trouble', why: 'threw' });
    expect([acceptor.seen.hasThrown, failures]).toEqual([true, []]);
    acceptor.restart();
    expect(acceptor.seen.hasThrown).toBe(false);
  });

  it.each([
    ['another word', { muntin: 'trouble', why: 'else' }, 'https://guest.example'],
    ['a word of a stranger', { muntin: 'trouble', why: 'refused' }, 'https://evil.example'],
  ])('does not heed %s', (_, data, origin) => {
    const { say, failures, acceptor } = waiting();
    say(data, origin);
    expect([acceptor.seen.hasThrown, failures, acceptor.state]).toEqual([false, [], 'waiting']);
  });

  it.each([
    ['null', /^GUEST_SANDBOXED: .*allow-same-origin/],
    ['https://login.example', /^GUEST_ORIGIN_MISMATCH: .*redirected/],
  ])('says what the origin %s of a hello means', (origin, expected) => {
    const { say, failures } = waiting();
    say({ muntin: 'hello' }, origin);
    expect(failures).toEqual([expect.stringMatching(expected)]);
  });
});

describe('the origin of a document without one', () => {
  const event = (origin: string, document: string): MessageEvent => ({ origin, document }) as unknown as MessageEvent;
  const from = (of: { document: string }): object => {
    if (of.document === 'unknown') throw new TypeError('no origin');
    return { document: of.document, isSameOrigin: (other: { document: string }) => other.document === of.document };
  };
  const read = (document: string, origin = 'null'): ReturnType<typeof markOf> => markOf(event(origin, document));

  it('tells documents apart where the browser shows it, and nobody where it does not', () => {
    vi.stubGlobal(
      'Origin',
      Object.assign(() => undefined, { from }),
    );
    expect(isSameDocument(read('one'), read('one'))).toBe(true);
    expect(isSameDocument(read('one'), read('two'))).toBe(false);
    expect([read('one', 'https://guest.example'), read('unknown')]).toEqual([undefined, undefined]);
    vi.stubGlobal('Origin', undefined);
    expect([read('one'), isSameDocument(undefined, undefined)]).toEqual([undefined, true]);
    vi.unstubAllGlobals();
  });
});

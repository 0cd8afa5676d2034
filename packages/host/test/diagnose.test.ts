import { afterEach, describe, expect, it, vi } from 'vitest';
import { diagnose } from '../src/container/diagnose.ts';

afterEach(() => vi.unstubAllGlobals());

describe('the diagnosis of a guest that did not connect', () => {
  it.each([
    [{ loads: 0, hellos: 0, malformed: 0 }, 'GUEST_NOT_LOADED', 'no load event'],
    [{ loads: 0, hellos: 0, malformed: 3 }, 'GUEST_NOT_LOADED', 'no load event'],
    [{ loads: 1, hellos: 0, malformed: 0 }, 'GUEST_SILENT', 'expose()'],
    [{ loads: 0, hellos: 1, malformed: 0 }, 'PEER_UNRESPONSIVE', 'said hello'],
    [{ loads: 4, hellos: 0, malformed: 2 }, 'GUEST_SILENT', '2 malformed hellos'],
  ])('from %j is %s', (seen, code, text) => {
    const error = diagnose(seen, 'https://guest.example', 1234, false);
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) });
    expect(error.message).toContain('"https://guest.example"');
    expect(error.message).toContain('1234 ms');
    expect(error.message.includes('Ruled out:')).toBe(seen.hellos === 0);
  });

  it('says that a guest which was there has left', () => {
    const error = diagnose({ loads: 2, hellos: 0, malformed: 0 }, 'https://guest.example', 1234, true);
    expect(error).toMatchObject({ code: 'PEER_NAVIGATED', message: expect.stringContaining('went to another page') });
  });

  it.each([0, 1])(
    'speaks of the headers that a guest needs only in a page that is cross-origin isolated; loads: %i',
    (loads) => {
      const message = (): string =>
        diagnose({ loads, hellos: 0, malformed: 0 }, 'https://guest.example', 1, false).message;
      expect(message()).not.toContain('Embedder-Policy');
      vi.stubGlobal('crossOriginIsolated', true);
      expect(message()).toContain('Cross-Origin-Embedder-Policy and Cross-Origin-Resource-Policy');
    },
  );

  it('speaks of malformed hellos only where there were some', () => {
    expect(diagnose({ loads: 1, hellos: 0, malformed: 0 }, 'https://guest.example', 1, false).message).not.toContain(
      'malformed',
    );
  });
});

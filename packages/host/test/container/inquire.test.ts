import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Case, Scene } from '../../src/container/diagnosis/evidence.ts';

const scene: Scene = { what: 'frame', origin: 'https://guest.example', address: 'https://guest.example/', since: 0 };
const seen = { loads: 1, hellos: 0, malformed: 2, hasThrown: false };
const facts: Case = { seen, timeoutMs: 1234, wasReady: false, probes: true };
const loaded = '../../src/container/diagnosis/loaded.ts';

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal('location', new URL('https://host.example/page'));
  vi.stubGlobal('self', { origin: 'https://host.example' });
  vi.stubGlobal('document', new EventTarget());
  vi.stubGlobal('navigator', { onLine: true });
});

afterEach(() => {
  vi.doUnmock(loaded);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('the inquiry', () => {
  it.each([
    [{}, 'GUEST_SILENT'],
    [{ seen: { ...seen, loads: 0 } }, 'GUEST_NOT_LOADED'],
    [{ seen: { ...seen, hasThrown: true } }, 'GUEST_SCRIPT_FAILED'],
    [{ seen: { ...seen, hellos: 1 } }, 'PEER_UNRESPONSIVE'],
    [{ wasReady: true }, 'PEER_NAVIGATED'],
  ])('has code and facts where its part cannot be loaded: %j', async (more, code) => {
    vi.doMock(loaded, () => {
      throw new Error('deployed in between');
    });
    const { inquire } = await import('../../src/container/diagnosis/inquire.ts');
    const error = await inquire(scene, { ...facts, ...more });
    expect(error.code).toBe(code);
    expect(error.message).toContain('"https://guest.example" 1234 ms; loads: ');
  });

  it('ends where its part takes too long', async () => {
    vi.useFakeTimers();
    vi.doMock(loaded, () => ({ explain: () => new Promise(() => undefined) }));
    const { inquire } = await import('../../src/container/diagnosis/inquire.ts');
    const error = inquire(scene, facts);
    await vi.advanceTimersByTimeAsync(1500);
    await expect(error).resolves.toMatchObject({ code: 'GUEST_SILENT' });
  });

  const answer =
    (status: number, headers: Record<string, string> = {}): (() => Promise<Response>) =>
    () =>
      Promise.resolve(new Response('', { status, headers }));
  const refuse = (): Promise<Response> => Promise.reject(new TypeError('Failed to fetch'));

  it.each<[string, (mode: string, method: string) => Promise<Response>, string]>([
    ['nothing answers', (_, method) => (method === 'HEAD' ? answer(200)() : refuse()), 'GUEST_UNREACHABLE'],
    [
      'nothing answers, in a page that shuts out who does not allow it',
      (_, method) => (method === 'HEAD' ? answer(200, { 'cross-origin-embedder-policy': 'require-corp' })() : refuse()),
      'GUEST_SILENT',
    ],
    ['nothing answers, nor does the own server', refuse, 'GUEST_SILENT'],
    ['a server that lets nobody read', (mode) => (mode === 'cors' ? refuse() : answer(200)()), 'GUEST_SILENT'],
    ['an error status', answer(500), 'GUEST_ERROR_STATUS'],
    ['a header', answer(200, { 'x-frame-options': 'DENY' }), 'GUEST_FORBIDS_FRAMING'],
    ['a policy', answer(200, { 'content-security-policy': "frame-ancestors 'none'" }), 'GUEST_FORBIDS_FRAMING'],
    ['a sandbox', answer(200, { 'content-security-policy': 'sandbox allow-forms' }), 'GUEST_SANDBOXED'],
    ['all in order', answer(200), 'GUEST_SILENT'],
  ])('asks the server: %s', async (_, reply, code) => {
    const asked: string[] = [];
    vi.stubGlobal('fetch', (url: URL | string, { mode = 'cors', method = 'GET', credentials }: RequestInit) => {
      if (method === 'GET') asked.push(`${String(url)} ${credentials}`);
      return reply(mode, method);
    });
    const { inquire } = await import('../../src/container/diagnosis/inquire.ts');
    const error = await inquire(scene, facts);
    expect(error.code).toBe(code);
    expect(new Set(asked)).toEqual(new Set(['https://guest.example/ omit']));
  });

  it('does not ask the server unless it may, nor for a guest that was heard', async () => {
    const fetch = vi.fn<() => Promise<Response>>();
    vi.stubGlobal('fetch', fetch);
    const { inquire } = await import('../../src/container/diagnosis/inquire.ts');
    await inquire(scene, { ...facts, probes: false });
    await inquire(scene, { ...facts, wasReady: true });
    await inquire({ ...scene, address: undefined }, facts);
    expect(fetch).not.toHaveBeenCalled();
  });

  it('does not take a refusal of its own policy for a server that is down', async () => {
    vi.stubGlobal('fetch', () => {
      const event = Object.assign(new Event('securitypolicyviolation'), {
        effectiveDirective: 'connect-src',
        disposition: 'enforce',
      });
      document.dispatchEvent(event);
      return refuse();
    });
    const { inquire } = await import('../../src/container/diagnosis/inquire.ts');
    expect((await inquire(scene, facts)).code).toBe('GUEST_SILENT');
  });
});

import { describe, expect, it } from 'vitest';
import { windowEndpoint, windowHost } from '../../src/handshake/endpoints.ts';

// As much of an event and of a window as is looked at. That browsers fill them in truly is what the stories in e2e show.
const guest = {} as Window;
const other = {} as Window;
const from = (source: Window | null, origin: string): MessageEvent => ({ source, origin }) as MessageEvent;

describe('an endpoint to a window', () => {
  const endpoint = windowEndpoint({} as Window, () => guest, 'https://guest.example');

  it.each([
    ['guest', guest, 'https://guest.example'],
    ['stranger', guest, 'https://evil.example'],
    ['stranger', guest, 'https://guest.example.evil.example'],
    ['stranger', guest, 'https://guest.example:8443'],
    ['stranger', guest, 'null'],
    ['stranger', guest, ''],
    [undefined, other, 'https://guest.example'],
    [undefined, null, 'https://guest.example'],
  ])('takes for a %s what comes from its window, or another, on an origin', (who, source, origin) => {
    expect(endpoint.recognise(from(source, origin))).toBe(who);
  });

  it('knows nobody while there is no window: null is not null', () => {
    const shut = windowEndpoint({} as Window, () => null, 'https://guest.example');
    expect(shut.recognise(from(null, 'https://guest.example'))).toBeUndefined();
  });

  it('takes an opaque origin only where it is told to', () => {
    const opaque = windowEndpoint({} as Window, () => guest, 'null', { secret: () => 'secret' });
    expect(opaque.recognise(from(guest, 'null'))).toBe('guest');
    expect(opaque.recognise(from(guest, 'https://guest.example'))).toBe('stranger');
    expect(opaque.recognise(from(other, 'null'))).toBeUndefined();
  });
});

describe('an embedder in a window', () => {
  const embedder = windowHost(guest, ['https://host.example', 'https://other.example']);

  it.each([
    ['https://host.example', guest, 'https://host.example'],
    ['https://other.example', guest, 'https://other.example'],
    [undefined, guest, 'https://evil.example'],
    [undefined, guest, 'null'],
    [undefined, other, 'https://host.example'],
    [undefined, null, 'https://host.example'],
  ])('is %s for what comes from its window, or another, on an origin', (host, source, origin) => {
    expect(embedder.hostOf(from(source, origin))).toBe(host);
  });
});

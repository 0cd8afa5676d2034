import { describe, expect, it } from 'vitest';
import { pairs } from '../../../../e2e/fixtures/origin-pairs.ts';
import { explainOrigins } from '../../src/origins.ts';

describe('explainOrigins', () => {
  it.each(pairs)(
    'knows what %s is to %s, either way round',
    async (a, b, sameOrigin, sameSite, schemefullySameSite) => {
      for (const [left, right] of [
        [a, b],
        [b, a],
      ] as const) {
        const found = await explainOrigins(left, right);
        expect(found).toMatchObject({ sameOrigin, sameSite, schemefullySameSite });
      }
    },
  );

  it('says the same as the platform where that tells origins', async () => {
    for (const [a, b, sameOrigin] of pairs) {
      const [left, right] = [tupleOrigin(a), tupleOrigin(b)];
      expect(left !== 'null' && left === right, `${a} ${b}`).toBe(sameOrigin);
    }
  });

  it('takes addresses as URL objects', async () => {
    const found = await explainOrigins(new URL('https://a.example/x'), 'https://a.example');
    expect(found.sameOrigin).toBe(true);
    expect(found.a).toEqual({ given: 'https://a.example/x', origin: 'https://a.example', opaque: undefined });
  });

  it.each([
    ['https://app.example', 'https://app.example.', /a dot at the end is part of the name/],
    ['http://localhost:3000', 'http://localhost:30001', /the ports differ \(3000 and 30001\).*one site/],
    ['https://good.example', 'https://good.example.evil.test', /one begins as the other/],
    ['http://app.example', 'https://app.example', /the schemes differ \(http: and https:\)/],
    ['null', 'https://app.example', /"null" has an opaque origin/],
    ['https://app.example', 'file:///a', /"file:\/\/\/a" has an opaque origin, because browsers give each file/],
    ['https://app.example', 'https://app.example/x', /Scheme, host and port are equal/],
  ])('says in words why %s and %s are what they are', async (a, b, reason) => {
    expect((await explainOrigins(a, b)).reason).toMatch(reason);
  });

  it.each([
    ['https://a.example', 'http://b.example', 'readResponse', 'no'],
    ['https://a.example', 'http://localhost:3000', 'readResponse', 'ifGranted'],
    ['https://a.example', 'http://b.example', 'frame', 'no'],
    ['https://a.example', 'http://b.example', 'runScript', 'no'],
    ['http://a.example', 'https://b.example', 'runScript', 'unlessRefused'],
    ['https://a.example', 'blob:https://b.example/1', 'frame', 'no'],
    ['https://a.example', 'blob:https://a.example/1', 'frame', 'yes'],
    ['https://a.example', 'file:///a', 'frame', 'no'],
    ['https://a.example.com', 'https://b.example.com', 'shareCookies', 'ifGranted'],
    ['https://a.example', 'https://a.example:8443', 'shareCookies', 'yes'],
    ['https://a.github.io', 'https://b.github.io', 'shareCookies', 'no'],
    ['wss://a.example', 'https://a.example', 'shareCookies', 'no'],
  ] as const)('of %s and %s: %s is "%s"', async (a, b, power, may) => {
    expect((await explainOrigins(a, b)).may[power].may).toBe(may);
  });

  it.each(['', 'app.example', 'https://', 'https://a b', '//app.example'])(
    'refuses %j, which is no address',
    async (text) => {
      await expect(explainOrigins('https://app.example', text)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    },
  );

  it('names "null" to an opaque page that wants to read a response, and warns of it', async () => {
    const { how } = (await explainOrigins('null', 'https://api.example')).may.readResponse;
    expect(how).toMatch(/Access-Control-Allow-Origin: null/);
    expect(how).toMatch(/allows everybody/);
  });
});

function tupleOrigin(text: string): string {
  if (text === 'null') return text;
  const { protocol, origin } = new URL(text);
  return ['http:', 'https:', 'ws:', 'wss:', 'blob:'].includes(protocol) ? origin : 'null';
}

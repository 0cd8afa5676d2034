import * as fc from 'fast-check';
import { URLPattern } from 'urlpattern-polyfill/urlpattern';
import { describe, expect, it } from 'vitest';
import { readGrants } from '../../src/fetch/grants.ts';
import { type FetchGrant, purposeOf } from '../../src/fetch/index.ts';
import { judge } from '../../src/fetch/judge.ts';
import { loadPathTest } from '../../src/fetch/patterns.ts';
import { readManifest } from '../../src/manifest/manifest.ts';

const own = 'https://shell.example';
const api: FetchGrant = { origin: 'https://api.example', paths: ['/v1/*'] };

async function verdict(
  url: string,
  grants: readonly FetchGrant[] = [api],
  method = 'GET',
  headers: [string, string][] = [],
): Promise<string> {
  const read = readGrants(grants, own);
  const judgement = judge({ url, method, headers }, read, await loadPathTest(read));
  return 'denial' in judgement ? judgement.denial.rule : 'granted';
}

describe('an address', () => {
  it.each([
    'https://api.example/v1/a',
    'https://api.example/v1/',
    'https://api.example/v1/a/b?c=d',
    'https://api.example/v1/a?x=//b;c%2f%00',
    'https://api.example/v1/%C3%A4',
    'https://api.example/v1/%E0%A4%95%E2%82%AC%F0%9F%98%80%20a%21',
    'https://api.example/v1/a?x=100%&y=%0a',
    'https://api.example/v1/a.b',
    'https://api.example/v1/..a',
  ])('%s is granted', async (url) => {
    expect(await verdict(url)).toBe('granted');
  });

  // Each is a trick that has got past somebody's check of a prefix, a host, or a path.
  it.each([
    ['https://api.example@evil.example/v1/a', 'url'],
    ['https://user@api.example/v1/a', 'url'],
    ['https://user:secret@api.example/v1/a', 'url'],
    ['https://@api.example/v1/a', 'url'],
    ['https://:@api.example/v1/a', 'url'],
    ['https://evil.example/https://api.example/v1/a', 'url'],
    ['https://api.example.evil.example/v1/a', 'origin'],
    ['https://evilapi.example/v1/a', 'origin'],
    ['https://api.example:444/v1/a', 'origin'],
    ['https://api.example:443/v1/a', 'url'],
    ['https://api.example:0443/v1/a', 'url'],
    ['https://api.example:/v1/a', 'url'],
    ['http://api.example/v1/a', 'origin'],
    ['https://api.example./v1/a', 'url'],
    ['https://API.example/v1/a', 'url'],
    ['HTTPS://api.example/v1/a', 'url'],
    ['https:api.example/v1/a', 'url'],
    ['https:/api.example/v1/a', 'url'],
    ['https:///api.example/v1/a', 'url'],
    ['//api.example/v1/a', 'url'],
    ['/v1/a', 'url'],
    ['v1/a', 'url'],
    ['', 'url'],
    ['https:\\\\api.example\\v1\\a', 'url'],
    ['https://api.example\\@evil.example/v1/a', 'url'],
    ['https://api.example/v1\\..\\admin', 'url'],
    ['https://evil.example\\.api.example/v1/a', 'url'],
    ['https://api.example/v1/../admin', 'url'],
    ['https://api.example/v1/./a', 'url'],
    ['https://api.example/v1/..', 'url'],
    ['https://api.example/v1/%2e%2e/admin', 'url'],
    ['https://api.example/v1/%2E%2e/admin', 'url'],
    ['https://api.example/v1/.%2e/admin', 'url'],
    ['https://api.example/v1/a%2e', 'url'],
    ['https://api.example/v1/..%2fadmin', 'url'],
    ['https://api.example/v1/..%2Fadmin', 'url'],
    ['https://api.example/v1/..%5cadmin', 'url'],
    ['https://api.example/v1/%252e%252e/admin', 'url'],
    ['https://api.example/v1/a%00', 'url'],
    // No text in UTF-8: some servers read it as "/", or as a dot, all the same.
    ['https://api.example/v1/..%c0%af..%c0%afadmin', 'url'],
    ['https://api.example/v1/%C0%AE%C0%AE/admin', 'url'],
    ['https://api.example/v1/%c1%9cadmin', 'url'],
    ['https://api.example/v1/..%e0%80%afadmin', 'url'],
    ['https://api.example/v1/..%f0%80%80%afadmin', 'url'],
    ['https://api.example/v1/%u002e%u002e%u2215admin', 'url'],
    ['https://api.example/v1/100%', 'url'],
    // Ends a line, or is taken away, where a server passes the path on.
    ['https://api.example/v1/a%0d%0aX-Evil:%201', 'url'],
    ['https://api.example/v1/.%09./admin', 'url'],
    ['https://api.example/v1/a%7f', 'url'],
    ['https://api.example/v1//admin', 'url'],
    ['https://api.example//v1/a', 'url'],
    ['https://api.example/v1/..;/admin', 'url'],
    ['https://api.example/v1/a;b', 'url'],
    ['https://api.example/\tv1/a', 'url'],
    ['https://api.exa\nmple/v1/a', 'url'],
    [' https://api.example/v1/a', 'url'],
    ['https://api.example/v1/a ', 'url'],
    ['https://api.example/v1/a#fragment', 'url'],
    ['https://api.example/v1/a#', 'url'],
    ['https://api.example#@evil.example/v1/a', 'url'],
    ['https://api.example?@evil.example/v1/a', 'url'],
    ['https://api.example/V1/a', 'path'],
    ['https://api.example/v1', 'path'],
    ['https://api.example/v10/a', 'path'],
    ['https://api.example/', 'path'],
    ['https://api.example', 'url'],
    ['https://äpi.example/v1/a', 'url'],
    ['https://xn--pi-uia.example/v1/a', 'origin'],
    ['https://api。example/v1/a', 'url'],
    ['https://ａpi.example/v1/a', 'url'],
    ['https://api%2eexample/v1/a', 'url'],
    ['https://[::ffff:127.0.0.1]/v1/a', 'url'],
    ['https://[::1]/v1/a', 'origin'],
    ['https://[0:0:0:0:0:0:0:1]/v1/a', 'url'],
    ['https://127.1/v1/a', 'url'],
    ['https://0x7f000001/v1/a', 'url'],
    ['https://2130706433/v1/a', 'url'],
    ['https://0177.0.0.1/v1/a', 'url'],
    ['ftp://api.example/v1/a', 'url'],
    ['wss://api.example/v1/a', 'url'],
    ['file:///v1/a', 'url'],
    ['data:text/plain,a', 'url'],
    ['blob:https://api.example/v1/a', 'url'],
    ['javascript:alert(1)//https://api.example/v1/a', 'url'],
    [`https://api.example/v1/${'a'.repeat(8200)}`, 'url'],
  ])('%s is refused: %s', async (url, rule) => {
    expect(await verdict(url)).toBe(rule);
  });
});

describe('method and headers', () => {
  it.each(['POST', 'DELETE', 'get', 'Get', 'PATCH', 'GET ', 'GET\r\nX: y', ''])(
    'the method %j is refused',
    async (method) => {
      expect(await verdict('https://api.example/v1/a', [api], method)).toBe('method');
    },
  );

  it.each([
    ['X-Http-Method-Override', 'DELETE'],
    ['X-Method-Override', 'DELETE'],
    ['Authorization', 'Bearer stolen'],
    ['Cookie', 'a=b'],
    ['Host', 'evil.example'],
    ['Origin', own],
    ['Accept', 'a\r\nX-Evil: 1'],
    ['Accept', 'a\u0100'],
    ['Accept\n', 'a'],
    ['', 'a'],
    ['__proto__', 'a'],
  ])('the header %j: %j is refused', async (name, value) => {
    expect(await verdict('https://api.example/v1/a', [api], 'GET', [[name, value]])).toBe('header');
  });

  it('what is listed is granted, in any spelling', async () => {
    const grants: FetchGrant[] = [{ ...api, headers: ['X-Own'], methods: ['PUT'] }];
    expect(
      await verdict('https://api.example/v1/a', grants, 'PUT', [
        ['x-OWN', '1'],
        ['Content-Type', 'application/json'],
      ]),
    ).toBe('granted');
  });

  it('one grant does not lend its headers to another', async () => {
    const grants: FetchGrant[] = [
      { ...api, headers: ['X-Own'] },
      { ...api, methods: ['DELETE'] },
    ];
    expect(await verdict('https://api.example/v1/a', grants, 'DELETE', [['X-Own', '1']])).toBe('header');
    expect(await verdict('https://api.example/v1/a', grants, 'DELETE')).toBe('granted');
  });
});

describe('a grant', () => {
  it.each<[Partial<FetchGrant>, string]>([
    [{ origin: '*' }, 'wildcard'],
    [{ origin: 'https://*.example' }, 'wildcard'],
    [{ origin: 'https://api.example/' }, 'write "https://api.example"'],
    [{ origin: 'null' }, 'null'],
    [{ origin: 'http://api.example' }, 'TLS'],
    [{ origin: own }, 'isOwnOrigin'],
    [{ isOwnOrigin: true }, 'isOwnOrigin'],
    [{ paths: [] }, 'paths'],
    [{ paths: ['v1'] }, 'paths'],
    [{ methods: ['get'] }, 'methods'],
    [{ methods: ['TRACE'] }, 'methods'],
    [{ headers: ['Cookie'] }, 'headers'],
    [{ headers: ['Sec-Own'] }, 'headers'],
    [{ headers: ['X-HTTP-Method-Override'] }, 'headers'],
    [{ headers: ['*:'] }, 'headers'],
    [{ headers: ['*'] }, 'headers'],
    [{ methods: ['*'] }, 'methods'],
    [{ exposeHeaders: ['*'] }, 'exposeHeaders'],
    [{ exposeHeaders: ['X Total'] }, 'exposeHeaders'],
    [{ exposeHeaders: ['Set-Cookie'] }, 'exposeHeaders'],
    [{ exposeHeaders: [7 as never] }, 'exposeHeaders'],
    [{ headers: [7 as never] }, 'headers'],
    [{ redirects: true, credentials: 'include' }, 'redirects'],
    [{ redirects: true, methods: ['POST'] }, 'redirects'],
    [{ callsPerMinute: -1 }, 'callsPerMinute'],
    [{ maxResponseBytes: 1.5 }, 'maxResponseBytes'],
  ])('with %j is refused', (wrong, named) => {
    expect(() => readGrants([{ ...api, ...wrong }], own)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(named) as unknown }),
    );
  });

  it("for the host's own origin has to say so", async () => {
    expect(await verdict(`${own}/v1/a`)).toBe('origin');
    expect(await verdict(`${own}/v1/a`, [{ ...api, origin: own, isOwnOrigin: true }])).toBe('granted');
  });

  it.each([
    '/v1/..*',
    '/v1/.*',
    '/v1/../*',
    '/v1/../:a',
    '/v1/..:a',
    '/v1/..',
    '/v1/./a',
    '/v1/%2e%2e/*',
    '/v1/.%2E/*',
    '/v1/%2e*',
    '/v1/quotes/../../admin',
    '/v1/.%2E/..\\/*',
    '/v1/\\.\\./*',
    '/v1/{..}*',
    '/v1/.{.}*',
    '/v1/{/..}?*',
    '/v1{/../..}?/a',
    '/v1/.%2{e}/*',
    '/v1\\\\..\\\\*',
    '/v1/.\t./*',
    '/v1/.\n./*',
    '/v1/a b',
    '/v1/a;b',
    '/v1//a',
    '/v1/%2f',
    '/v1/a\\',
  ])('with the path %j, which may not mean what it says, is refused, and in a manifest, too', (path) => {
    const refused = expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('paths') as unknown,
    });
    expect(() => readGrants([{ ...api, paths: [path] }], own)).toThrow(refused);
    const wish = { origin: api.origin, paths: [path], purpose: 'to show them' };
    expect(() =>
      readManifest({
        name: 'a',
        contract: { name: 'a', version: '1.0.0' },
        start_url: '/',
        hosts: ['https://shell.example'],
        fetch: [wish],
      }),
    ).toThrow(refused);
  });

  it('never reaches beyond what its pattern begins with', () => {
    const pieces = [
      '/',
      '.',
      '..',
      '%2e',
      '%2E',
      '\\',
      '{',
      '}',
      '}?',
      '*',
      ':a',
      'a',
      '?',
      '\t',
      '(\\d)',
      'é',
      '-',
      '%2',
      'e',
      '#',
    ];
    const outside = ['/', '/a', '/admin', '/a/b', '/v2/a', '/v', '//', '/a/v1/a'];
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (parts) => {
        const path = `/v1/${parts.join('')}`;
        let pattern: URLPattern;
        try {
          readGrants([{ ...api, paths: [path] }], own);
          pattern = new URLPattern({ pathname: path });
        } catch {
          return; // it is refused
        }
        accepted++;
        expect(outside.filter((pathname) => pattern.test({ pathname }))).toEqual([]);
      }),
      { numRuns: 4000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it.each([
    '/v1/*',
    '/v1/:id',
    '/v1/.well-known/*',
    '/v1/a.b',
    '/v1/...',
    '/a..b/*',
    '/v1/file{.json}?',
    '/:id.json',
    '/v1/a\\:b',
  ])('takes the path %j', (path) => {
    expect(readGrants([{ ...api, paths: [path] }], own)).toHaveLength(1);
  });

  // Each of these takes seconds to hours to find out that a path of 2,048 characters does not fit.
  it.each([
    '/*/a/*/b/*/c',
    '/a/:x-:y-:z',
    '/:a-:b/:c-:d',
    '/*/:a-:b',
    '/{a*}{a*}:b',
    '/((?:a+)+)b',
    '/(a|a)/(a|a)',
    '/([^x]+)/a/([^x]+)/b/([^x]+)/c',
    '/:a?/:b?/:c?',
    '/{a}?{a}?{a}?',
    '/{a}*{a}*',
    '/:a(\\w+)+',
    '/:a*',
    '/**',
  ])('with the path %s is refused', (path) => {
    expect(() => readGrants([{ ...api, paths: [path] }], own)).toThrow(/cheap to try/);
  });

  it.each<[string, string]>([
    ['/v1/:id', '/v1/a'],
    ['/v1/:id(\\d+)', '/v1/42'],
    ['/v1/([a-f0-9]+)/x', '/v1/4f/x'],
    ['/:lang/:page/:part/*', '/a/b/c/d/e'],
    ['/*/items/*/x', '/a/items/b/x'],
    ['/*/items/:id/*', '/a/items/b/x'],
    ['/from-:a-to-:b', '/from-a-to-b'],
    ['/v1/a\\*', '/v1/a*'],
    ['/v1{/a}?', '/v1'],
  ])('with the path %s is for %s, and whatever it is tried on is answered at once', async (pattern, path) => {
    const grants = [{ ...api, paths: [pattern] }];
    expect(await verdict(`https://api.example${path}`, grants)).toBe('granted');
    const start = performance.now();
    for (const unit of ['a', '/a', 'a-', '-', '/items/a', '1', 'from-a-to-'])
      await verdict(`https://api.example/${unit.repeat(2040 / unit.length)}!`, grants);
    expect(performance.now() - start).toBeLessThan(5000); // what is refused above takes longer than any machine is slow
    expect(await verdict(`https://api.example/v1/${'a'.repeat(2045)}`, [{ ...api, paths: ['/v1/*'] }])).toBe('path');
  });

  it.each(['/{', '/:', '/*(', '/:a/:a'])(
    'with %j, which is no pattern, is refused at once, and voids no other',
    (path) => {
      expect(() => readGrants([{ ...api, paths: [path] }], own)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(path) as unknown }),
      );
    },
  );

  it('is what was checked, whatever becomes of the list that it was given', async () => {
    const paths = ['/v1/*'];
    const read = readGrants([{ ...api, paths }], own);
    paths.push('/*');
    const judgement = judge(
      { url: 'https://api.example/admin', method: 'GET', headers: [] },
      read,
      await loadPathTest(read),
    );
    expect(judgement).toMatchObject({ denial: { rule: 'path' } });
  });

  it('says in its sentence where nobody keeps others from reading along', () => {
    expect(purposeOf({ origin: 'http://api.example', paths: ['/*'] })).toMatch(
      /^Read data from http:\/\/api\.example,/,
    );
  });

  it('is a sentence for whoever has to agree', () => {
    expect(purposeOf({ ...api, purpose: 'To show prices.' })).toBe(
      'Read data from api.example under /v1/*, without your cookies, up to 60 times a minute. To show prices.',
    );
    expect(
      purposeOf({
        origin: 'https://api.example',
        paths: ['/*'],
        methods: ['POST'],
        credentials: 'include',
        callsPerMinute: 5,
      }),
    ).toBe('Read and change data (POST) at api.example, signed in as you, up to 5 times a minute.');
  });
});

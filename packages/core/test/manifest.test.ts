import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { manifestOf, readManifest } from '../src/manifest/manifest.ts';

const schema = JSON.parse(readFileSync(new URL('../manifest.schema.json', import.meta.url), 'utf8')) as object;
const fits = new Ajv2020({ strict: true, allErrors: true }).compile(schema);

const small = {
  name: 'ACME prices',
  contract: { name: 'acme/ticker', version: '1.2.0' },
  start_url: '/ticker/',
  hosts: ['https://shell.example'],
};
const wish = { origin: 'https://api.example', paths: ['/'], purpose: 'x' };
const whole = {
  ...small,
  short_name: 'Prices',
  description: 'Prices, live.',
  lang: 'en',
  categories: ['finance'],
  appId: 'ticker',
  publisher: 'ACME',
  supportEmail: 'help@acme.example',
  icons: [{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
  grants: [{ name: 'open', purpose: 'To open an order.' }],
  fetch: [
    {
      origin: 'https://api.example',
      paths: ['/v1/*'],
      methods: ['GET'],
      headers: ['X-Own'],
      purpose: 'To show prices.',
    },
  ],
  permissions: [{ name: 'clipboard-write', purpose: 'To copy a price.' }],
  sandbox: [{ name: 'allow-forms', purpose: 'To send an order.' }],
  csp: { connect: ['wss://live.example'], img: ['data:', 'https://img.example'] },
};

describe('a manifest', () => {
  it.each([
    ['the least', small],
    ['everything', whole],
    ['a host on loopback', { ...small, hosts: ['http://localhost:4100'] }],
  ])('is read, by us and by its schema: %s', (_title, manifest) => {
    expect(readManifest(manifest)).toEqual(manifest);
    expect(fits(manifest)).toBe(true);
  });

  it('is an object of our own, without fields that are not known', () => {
    const hostile = JSON.parse(
      `{"__proto__": {"polluted": true}, "constructor": 1, "extra": 1, ${JSON.stringify(small).slice(1)}`,
    ) as object;
    const read = readManifest(hostile);
    expect(Object.keys(read)).toEqual(Object.keys(small));
    expect('polluted' in read).toBe(false);
    expect(readManifest({ ...small, contract: { ...small.contract, extra: 1 } }).contract).toEqual(small.contract);
  });

  it('has to have its fields itself', () => {
    expect(() => readManifest(Object.create(small))).toThrow('name');
  });

  it.each<[unknown, string]>([
    [null, 'object'],
    ['text', 'object'],
    [[small], 'object'],
    [{ ...small, name: '' }, 'name'],
    [{ ...small, name: 'a'.repeat(257) }, 'name'],
    [{ ...small, name: { toString: () => 'x' } }, 'name'],
    [{ ...small, name: 'ACME\nwants nothing' }, 'name'],
    [{ ...small, grants: [{ name: 'open', purpose: 'To show\u202e.egami na' }] }, 'grants[0].purpose'],
    [{ ...small, description: '\u2066hidden' }, 'description'],
    ...['\u200b', '\u200d', '\ufeff', ' ', 'ACME\u00ad', 'ACME\u{e0041}', '\u3164', 'a\u200eb'].map(
      (name): [unknown, string] => [{ ...small, name }, 'name'],
    ),
    [{ ...small, publisher: 'ACME\u0000' }, 'publisher'],
    [{ ...small, contract: { name: 'a' } }, 'contract.version'],
    [{ ...small, contract: { name: 'a', version: '1' } }, 'contract.version'],
    [{ ...small, start_url: 'a b' }, 'start_url'],
    [{ ...small, hosts: [] }, 'hosts'],
    [{ ...small, hosts: ['*'] }, 'hosts[0]'],
    [{ ...small, hosts: ['https://a.example', 'https://*.example'] }, 'hosts[1]'],
    [{ ...small, hosts: ['https://a.example/'] }, 'hosts[0]'],
    [{ ...small, hosts: Array.from({ length: 101 }, () => 'https://a.example') }, 'hosts'],
    [{ ...small, grants: [{ name: 'open' }] }, 'grants[0].purpose'],
    [{ ...small, permissions: [{ name: 'camera=*', purpose: 'x' }] }, 'permissions[0].name'],
    [{ ...small, sandbox: [{ name: 'allow-scripts allow-same-origin', purpose: 'x' }] }, 'sandbox[0].name'],
    [{ ...small, fetch: [{ origin: 'https://api.example', paths: [], purpose: 'x' }] }, 'fetch[0].paths'],
    ...['/a, without your cookies', '/a\u202eb', '/a\nb', '/ä'].map((path): [unknown, string] => [
      { ...small, fetch: [{ origin: 'https://api.example', paths: [path], purpose: 'x' }] },
      'fetch[0].paths[0]',
    ]),
    [{ ...small, fetch: [{ origin: 'https://api.example/x', paths: ['/'], purpose: 'x' }] }, 'fetch[0].origin'],
    [{ ...small, csp: { script: ["'unsafe-inline'"] } }, 'csp.script[0]'],
    [{ ...small, icons: [{ sizes: 'any' }] }, 'icons[0].src'],
    ...['\u2800', 'A\u2800', 'A\u{1d159}', 'A\u034f', 'A\ud83d', 'A\u{e0041}', 'A\ufff9', 'A\u{1d173}', '\u200d'].map(
      (name): [unknown, string] => [{ ...small, name }, 'name'],
    ),
    [{ ...small, fetch: [{ ...wish, headers: ['*'] }] }, 'fetch[0].headers[0]'],
    ...['TRACE', 'CONNECT', 'TRACK', 'get', 'A B', '*'].map((method): [unknown, string] => [
      { ...small, fetch: [{ ...wish, methods: [method] }] },
      'fetch[0].methods[0]',
    ]),
    [{ ...small, csp: { script: ['data:'] } }, 'csp.script[0]'],
    [{ ...small, csp: { font: ['blob:'] } }, 'csp.font[0]'],
    [{ ...small, csp: { img: ['wss://img.example'] } }, 'csp.img[0]'],
    [{ ...small, csp: { connect: ['wss://[::1]'] } }, 'csp.connect[0]'],
  ])('is refused, by us and by its schema: %j', (manifest, field) => {
    expect(() => readManifest(manifest)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(field) as unknown }),
    );
    expect(fits(manifest)).toBe(false);
  });

  // A schema cannot count. Who grants such a wish would try the guest's own addresses on the guest's own pattern, for minutes.
  it.each(['/*/a/*/b/*/c', '/:a-:b-:c', '/((?:a+)+)', '/{a}*'])('wants no path that is long to try: %s', (path) => {
    expect(() => readManifest({ ...small, fetch: [{ ...wish, paths: [path] }] })).toThrow(
      /fetch\[0\]\.paths\[0\].*cheap/,
    );
  });

  it.each(['/:', '/{a', '/a?'])('wants no path whose pattern would void all grants: %s', (path) => {
    expect(() => readManifest({ ...small, fetch: [{ ...wish, paths: [path] }] })).toThrow(
      /fetch\[0\]\.paths\[0\].*pathname pattern/,
    );
  });

  it.each(['Cookie', 'sec-fetch-site', 'X-HTTP-Method'])('wants no header that no grant can have: %s', (header) => {
    expect(() => readManifest({ ...small, fetch: [{ ...wish, headers: [header] }] })).toThrow('fetch[0].headers[0]');
  });

  it.each(['grants', 'permissions', 'sandbox'])('has one reason for each name in %s', (field) => {
    const wishes = ['to see', 'to hear'].map((purpose) => ({ name: 'camera', purpose }));
    expect(() => readManifest({ ...small, [field]: wishes })).toThrow(`${field}[1].name is "camera"`);
    expect(readManifest({ ...small, [field]: wishes.slice(1) })).toHaveProperty(field, wishes.slice(1));
  });

  it.each([
    '\u06a9\u062a\u0627\u0628\u200c\u0647\u0627',
    '\u0915\u094d\u200d\u0937',
    '\u{1f469}\u200d\u{1f4bb} \u2764\ufe0f',
    '\u845b\u{e0100}',
  ])('may be called %s', (name) => {
    expect(readManifest({ ...small, name }).name).toBe(name);
    expect(fits({ ...small, name })).toBe(true);
  });

  it('says of itself what a contract says', () => {
    expect(manifestOf({ name: 'acme/ticker', version: '1.2.0' })).toEqual({
      name: 'acme/ticker',
      contract: small.contract,
    });
  });
});

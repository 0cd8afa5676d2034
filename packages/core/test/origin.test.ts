import { describe, expect, it } from 'vitest';
import { MuntinError } from '../src/errors.ts';
import { explainOrigin, isOrigin, isSameOrigin, parseOrigin } from '../src/origin.ts';

const accepted: readonly string[] = [
  'https://app.example',
  'https://app.example:8443',
  'https://app.example:80', // the default port of the other scheme
  'https://app.example:65535',
  'https://a',
  'https://intranet',
  'https://a.b.c.d.e.f.example',
  'https://with_underscore.example',
  'https://ab--c.example',
  'https://-edge-.example',
  'https://1st.example',
  'https://127.0.0.1.example', // not an IPv4 address: the last label is not a number
  'https://localhost',
  'https://localhost.evil.example',
  'https://good.example.evil.example', // an origin like any other, and no relation of good.example
  'https://xn--fa-hia.example', // faß
  'https://xn--pple-43d.com', // apple with a Cyrillic а
  'https://192.0.2.1',
  'https://0.0.0.0',
  'https://[::1]',
  'https://[2001:db8::1]:8443',
  'https://[::ffff:7f00:1]',
  'http://localhost',
  'http://localhost:3000',
  'http://localhost:443',
  'http://a.localhost:3000',
  'http://x.a.localhost',
  'http://under_score.localhost',
  'http://127.0.0.1:5173',
  'http://127.255.255.254',
  'http://[::1]',
  'http://[::1]:3000',
];

const tls = 'no TLS (use https or allowInsecure: true)';
const wild = 'a wildcard (list each origin)';
const path = 'a path, query or fragment';
const ascii = 'white space, control or non-ASCII';
const scheme = 'no "https://"';
const invalid = 'an invalid or non-canonical host or port';

/** The text, what it has that an origin has not, and what the message says to write instead. */
const refused: [text: string, reason: string, remedy?: string][] = [
  // patterns and opaque origins
  ['', scheme],
  ['*', wild],
  ['https://*', wild],
  ['https://*.example', wild], // Node finds it canonical, Chromium writes %2A, Firefox throws
  ['https://app.example:*', wild],
  ['https://app.example/*', wild, 'https://app.example'],
  ['null', 'nothing to pin (see opaque: true)'],
  ['https://null/', path, 'https://null'],

  // other schemes, some of which have origins that equal themselves
  ['file:', scheme],
  ['file://', scheme], // in Chromium `new URL('file://').origin` is this very text
  ['file:///etc/passwd', scheme],
  ['data:text/html,hello', scheme],
  ['about:blank', scheme],
  ['about:srcdoc', scheme],
  ['javascript:alert(1)', scheme],
  ['blob:https://app.example/0b5a', scheme, 'https://app.example'],
  ['ws://app.example', scheme],
  ['wss://app.example', scheme],
  ['ftp://app.example', scheme],
  ['custom://app.example', scheme],
  ['chrome-extension://abcdefghijklmnop', scheme],
  ['httpss://app.example', scheme],
  ['https', scheme],
  ['app.example', scheme],
  ['app.example:443', scheme], // its scheme is "app.example:"
  ['localhost:3000', scheme],
  ['//app.example', scheme],
  ['/app', scheme],
  ['https:app.example', scheme, 'https://app.example'],
  ['https:/app.example', scheme, 'https://app.example'],
  ['https:\\\\app.example', scheme, 'https://app.example'],
  ['https:///app.example', invalid, 'https://app.example'],
  ['https://', invalid],
  ['https://:443', 'the default port'],

  // more than an origin
  ['https://app.example/', path, 'https://app.example'],
  ['https://app.example//', path, 'https://app.example'],
  ['https://app.example/path', path, 'https://app.example'],
  ['https://app.example/.', path, 'https://app.example'],
  ['https://app.example\\', path, 'https://app.example'],
  ['https://app.example?', path, 'https://app.example'],
  ['https://app.example?a=b', path, 'https://app.example'],
  ['https://app.example#', path, 'https://app.example'],
  ['https://app.example#https://good.example', path, 'https://app.example'],
  ['https://[::1]/', path, 'https://[::1]'],
  ['https://user@app.example', 'user-info', 'https://app.example'],
  ['https://user:password@app.example', 'user-info', 'https://app.example'],
  ['https://@app.example', 'user-info', 'https://app.example'],
  ['https://:@app.example', 'user-info', 'https://app.example'],
  ['https://good.example@evil.example', 'user-info', 'https://evil.example'],
  ['https://good.example:443@evil.example', 'user-info', 'https://evil.example'],
  ['https://evil.example\\@good.example', path, 'https://evil.example'],
  ['https://good.example%40evil.example', invalid],

  // other spellings
  ['HTTPS://app.example', 'upper case', 'https://app.example'],
  ['https://App.Example', 'upper case', 'https://app.example'],
  ['https://[2001:DB8::1]', 'upper case', 'https://[2001:db8::1]'],
  ['https://XN--FA-HIA.example', 'upper case', 'https://xn--fa-hia.example'],
  ['https://app.example:443', 'the default port', 'https://app.example'],
  ['http://localhost:80', 'the default port', 'http://localhost'],
  ['https://app.example:', invalid, 'https://app.example'],
  ['https://app.example:08443', invalid, 'https://app.example:8443'],
  ['https://app.example:0443', invalid, 'https://app.example'],
  ['https://app.example:65536', invalid],
  ['https://app.example:-1', invalid],
  ['https://app.example:8443a', invalid],
  ['https://app.example:80:80', invalid],
  ['https://app.example.', 'a trailing dot', 'https://app.example'],
  ['https://app.example.:8443', 'a trailing dot', 'https://app.example:8443'],
  ['https://app.example..', 'a trailing dot'],
  ['https://.', 'a trailing dot'],
  ['http://localhost.', 'a trailing dot', 'http://localhost'],
  ['http://127.0.0.1.', 'a trailing dot', 'http://127.0.0.1'],

  // white space, invisible characters and other alphabets
  [' https://app.example', ascii, 'https://app.example'],
  ['https://app.example ', ascii, 'https://app.example'],
  ['https://app.example\n', ascii, 'https://app.example'],
  ['https://app.example\r\n', ascii, 'https://app.example'],
  ['https://good.example\n.evil.example', ascii, 'https://good.example.evil.example'],
  ['ht\ttps://app.example', ascii, 'https://app.example'],
  ['https://app.example\u0000', ascii, 'https://app.example'], // parsers drop it at either end
  ['https://app\u0000.example', ascii],
  ['https://app .example', ascii],
  ['https://a.example https://b.example', ascii],
  ['https://a.example,https://b.example', invalid],
  ['\ufeffhttps://app.example', ascii],
  ['https://app\u00a0.example', ascii],
  ['https://app\u007f.example', ascii],
  ['https://go\u00adod.example', ascii, 'https://good.example'], // soft hyphen
  ['https://go\u200bod.example', ascii, 'https://good.example'], // zero-width space
  ['https://go\u2060od.example', ascii, 'https://good.example'], // word joiner
  ['https://\uff47\uff4f\uff4f\uff44.example', ascii, 'https://good.example'], // full width
  ['https://good\u3002example', ascii, 'https://good.example'], // ideographic full stop
  ['https://app.example\uff0fpath', ascii], // full-width solidus
  ['https://\u0430pple.com', ascii, 'https://xn--pple-43d.com'], // Cyrillic а
  ['https://fa\u00df.example', ascii, 'https://xn--fa-hia.example'], // ß
  ['https://\u212a.example', ascii, 'https://k.example'], // Kelvin sign
  ['https://\u202eelpmaxe.doog', ascii], // right-to-left override
  ['https://\ud800.example', ascii], // lone surrogate

  // hosts
  ['https://.example', invalid],
  ['https://a..example', invalid],
  ['https://a!b.example', invalid],
  ['https://a"b.example', invalid],
  ["https://a'b.example", invalid],
  ['https://a~b.example', invalid],
  ['https://a$b.example', invalid],
  ['https://a(b).example', invalid],
  ['https://a<b.example', invalid],
  ['https://a%b.example', invalid],
  ['https://%61pp.example', invalid, 'https://app.example'],
  ['https://app%2eexample', invalid, 'https://app.example'],
  ['https://app.example%00', invalid],

  // IPv4 and IPv6 in other notations
  ['https://127.1', invalid, 'https://127.0.0.1'],
  ['https://0x7f.0.0.1', invalid, 'https://127.0.0.1'],
  ['https://0177.0.0.1', invalid, 'https://127.0.0.1'],
  ['https://127.0.0.01', invalid, 'https://127.0.0.1'],
  ['https://2130706433', invalid, 'https://127.0.0.1'],
  ['https://\uff11\uff12\uff17.0.0.1', ascii, 'https://127.0.0.1'],
  ['https://256.0.0.1', invalid],
  ['https://1.2.3.4.5', invalid],
  ['https://app.0x1', invalid],
  ['https://[0:0:0:0:0:0:0:1]', invalid, 'https://[::1]'],
  ['https://[::0001]', invalid, 'https://[::1]'],
  ['https://[::ffff:127.0.0.1]', invalid, 'https://[::ffff:7f00:1]'],
  ['https://[::1', invalid],
  ['https://::1', invalid],
  ['https://[::1]x', invalid],
  ['https://[fe80::1%25eth0]', invalid],
  ['https://[127.0.0.1]', invalid],
  ['https://[]', invalid],

  // plain http beyond loopback
  ['http://app.example', tls],
  ['http://app.example:443', tls],
  ['http://localhost.evil.example', tls],
  ['http://evil-localhost', tls],
  ['http://https.example', tls],
  ['http://a.https', tls],
  ['http://notlocalhost', tls],
  ['http://localhost.localdomain', tls],
  ['http://127.0.0.1.evil.example', tls],
  ['http://128.0.0.1', tls],
  ['http://10.127.0.0.1', invalid],
  ['http://0.0.0.0:3000', tls],
  ['http://192.168.0.1', tls],
  ['http://[::]', tls],
  ['http://[::2]', tls],
  ['http://[::ffff:7f00:1]', tls],
  ['http://[2001:db8::1]', tls],
  ['http://127.evil.example', tls],
  ['http://app.example/', `${path}, ${tls}`],
  ['http://evil.example/.localhost', `${path}, ${tls}`],
  ['http://evil.example#.localhost', `${path}, ${tls}`],
  ['http://localhost@evil.example', `user-info, ${tls}`],
  ['http://127.1', invalid, 'http://127.0.0.1'],
  ['http://LOCALHOST:3000', 'upper case', 'http://localhost:3000'],

  // several at once
  [' HTTPS://User@App.Example.:443/Path ', `${ascii}, user-info, ${path}, upper case`, 'https://app.example'],
  ['https://User@App.example:443', 'user-info, the default port, upper case', 'https://app.example'],
];

const remedyIn = (explanation = ''): string | undefined => /; write "(.*)"$/.exec(explanation)?.[1];

const isPlainHttps = (text: string): boolean => /^https:\/\/(\[|[\w-]+(\.[\w-]+)*(:|$))/.test(text);

const isRefusal = (thrown: unknown): boolean => thrown instanceof MuntinError && thrown.code === 'INVALID_OPTION';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

describe('a text', () => {
  it.each(accepted)('is an origin when it is %j', (text) => {
    expect(isOrigin(text)).toBe(true);
    expect(explainOrigin(text)).toBeUndefined();
    expect(parseOrigin(text)).toBe(text);
    expect(new URL(text).origin).toBe(text);
  });

  it.each(refused)('is no origin when it is %j, which has %s', (text, reason, remedy) => {
    expect(isOrigin(text)).toBe(false);
    expect(() => parseOrigin(text)).toThrow(MuntinError);
    const explanation = explainOrigin(text);
    expect(explanation).toMatch(/^it has /);
    expect(explanation).toContain(reason);
    expect(remedyIn(explanation)).toBe(remedy);
    expect(remedy === undefined || isOrigin(remedy)).toBe(true);
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [443, '443'],
    [true, 'true'],
    [1n, 'bigint'],
    [Symbol('https://app.example'), 'symbol'],
    [() => 'https://app.example', 'function'],
    [{}, 'object'],
    [Object.create(null), 'object'],
    [['https://app.example'], 'object'],
    [new String('https://app.example'), 'object'],
    [new URL('https://app.example'), 'object'],
    [{ toString: () => 'https://app.example' }, 'object'],
    [{ toString: () => expect.unreachable(), toJSON: () => expect.unreachable() }, 'object'],
  ])('is not what JavaScript passes instead of one (%#)', (value: unknown, shown) => {
    expect(isOrigin(value)).toBe(false);
    expect(explainOrigin(value)).toBe('it is not a string');
    // @ts-expect-error -- only JavaScript gets this far
    expect(thrownBy(() => parseOrigin(value))).toMatchObject({
      code: 'INVALID_OPTION',
      message: `${shown} is not an origin: it is not a string`,
    });
  });
});

describe('the error for a refused text', () => {
  it('names the value, the reason and the remedy', () => {
    const thrown = thrownBy(() => parseOrigin('https://App.Example:443/'));
    expect(thrown).toBeInstanceOf(MuntinError);
    expect(thrown).toMatchObject({
      code: 'INVALID_OPTION',
      message:
        '"https://App.Example:443/" is not an origin: it has a path, query or fragment, upper case; write "https://app.example"',
    });
  });

  it('quotes control characters, so that the value cannot draw lines of its own', () => {
    expect(() => parseOrigin('https://app.example\n"ok"')).toThrow(String.raw`"https://app.example\n\"ok\"" is not`);
  });

  it.each([
    ['a long host', `https://${'a'.repeat(1e6)}.example/`],
    ['a long path', `https://app.example/${'a/'.repeat(5e5)}`],
    ['many labels and an end that does not fit', `https://${'a.'.repeat(5e5)}!`],
    ['many slashes', '/'.repeat(1e6)],
    ['many dots and colons', 'http://'.concat('.:'.repeat(5e5), 'x')],
    ['many labels before localhost', `http://${'localhost.'.repeat(1e5)}x`],
  ])('stays short for %s', (_, text) => {
    expect(thrownBy(() => parseOrigin(text))).toMatchObject({ message: expect.stringMatching(/^.{20,400}$/) });
  });

  it('shows no remedy that would have to be cut', () => {
    expect(explainOrigin(`https://${'a'.repeat(200)}.example/`)).toBe('it has a path, query or fragment');
  });
});

describe('allowInsecure', () => {
  it.each(['http://app.example', 'http://app.example:8080', 'http://192.168.0.1:3000', 'http://[2001:db8::1]'])(
    'admits %s when it is true',
    (text) => {
      expect(parseOrigin(text, { allowInsecure: true })).toBe(text);
      expect(explainOrigin(text, { allowInsecure: true })).toBeUndefined();
      expect(isOrigin(text)).toBe(false);
    },
  );

  it.each([false, undefined, null, 0, 1, 'true', 'yes', {}, []])('admits nothing when it is %j', (allowInsecure) => {
    // @ts-expect-error -- only JavaScript passes anything but a boolean
    expect(explainOrigin('http://app.example', { allowInsecure })).toBe(`it has ${tls}`);
  });

  it('is not taken from the index that Array.prototype.map passes', () => {
    // @ts-expect-error -- the compiler refuses it too
    expect(() => ['https://app.example', 'http://app.example'].map(parseOrigin)).toThrow(tls);
  });

  it('may be null, as it is from JavaScript', () => {
    // @ts-expect-error -- only JavaScript passes null
    expect(parseOrigin('https://app.example', null)).toBe('https://app.example');
  });

  it.each(refused.filter(([, reason]) => !reason.includes(tls)))('does not admit %j', (text) => {
    expect(explainOrigin(text, { allowInsecure: true })).toMatch(/^it has (?!.*no TLS)/);
  });

  it('gives the remedy that it makes acceptable', () => {
    expect(explainOrigin('http://App.example/', { allowInsecure: true })).toContain('; write "http://app.example"');
  });
});

describe('two origins', () => {
  it.each([
    ['https://good.example', 'https://good.example.evil.example'], // T01
    ['http://localhost:3000', 'http://localhost:30001'], // T02
    ['https://shop.example', 'https://evilshop.example'], // T03
    ['https://good.example', 'https://evil.good.example'],
    ['https://good.example', 'https://good-example.evil'],
    ['https://good.example', 'https://good.example:8443'],
    ['https://good.example', 'https://good.example:80'],
    ['https://good.example', 'https://goodxexample'],
    ['https://good.example', 'https://g00d.example'],
    ['https://apple.com', 'https://xn--pple-43d.com'],
    ['https://fass.example', 'https://xn--fa-hia.example'],
    ['http://localhost', 'https://localhost'],
    ['http://localhost', 'http://a.localhost'],
    ['http://localhost', 'http://127.0.0.1'],
    ['http://127.0.0.1', 'http://127.0.0.10'],
    ['http://127.0.0.1', 'http://[::1]'],
    ['https://127.0.0.1', 'https://[::ffff:7f00:1]'],
  ])('are different, whichever is first: %s and %s', (a, b) => {
    expect(isSameOrigin(parseOrigin(a), parseOrigin(b))).toBe(false);
    expect(isSameOrigin(parseOrigin(b), parseOrigin(a))).toBe(false);
  });

  it.each(accepted)('are the same when both are %s', (text) => {
    expect(isSameOrigin(parseOrigin(text), text)).toBe(true);
  });

  it.each([
    '',
    'null',
    '*',
    'https://app.example/',
    'https://APP.example',
    'https://app.example:443',
    'https://app.example.',
  ])('are different when one says %j, even if it leads to the other', (said) => {
    expect(isSameOrigin(parseOrigin('https://app.example'), said)).toBe(false);
  });
});

/** What texts are put together from, one of each row, the first ones more often. */
const pieces: readonly (readonly string[])[] = [
  ['https://', 'http://', 'HTTPS://', 'https:', 'wss://', 'blob:https://', ' https://', ''],
  ['', 'a.', 'xn--', 'user@', ':@', '.', '127.0.0.1', '[', '*.', '%61', '\u00ad', '\\'],
  [
    'app',
    'localhost',
    '[::1]',
    '127.0.0',
    'a_b',
    '127',
    '0x7f',
    '::1',
    '[2001:db8::0]',
    'fa\u00df',
    'App',
    '-',
    '0',
    '',
  ],
  ['', 'b', '-c', '_d', '1', 'E'],
  ['', '.example', '.localhost', '.1', '.0.0.1', '.256', '..a', ']', '\u3002b', '.a-', '\n'],
  ['', ':3000', ':443', ':80', ':1', '.', ':', ':0443', ':65536', ':x', '@evil.example'],
  ['', '/', '//', '?', '#', '/a', '\\', ' ', '\u0000', '/..'],
];

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Mostly texts that look like origins; one in four with one unit replaced, removed or doubled. */
function* texts(seed: number, count: number): Generator<string> {
  const next = seeded(seed);
  const below = (end: number): number => Math.floor(next() * end);
  for (let made = 0; made < count; made++) {
    const text = pieces.map((choices) => choices[Math.floor(next() ** 2 * choices.length)] ?? '').join('');
    const at = below(text.length);
    const unit = [
      String.fromCharCode(below(0x80)),
      String.fromCharCode(below(0x1_0000)),
      '',
      text.slice(at, at + 1).repeat(2),
    ];
    yield below(4) > 0 ? text : text.slice(0, at) + (unit[below(unit.length)] ?? '') + text.slice(at + 1);
  }
}

describe('any text at all', () => {
  const sample = [...new Set([1, 2, 3, 4].flatMap((seed) => [...texts(seed, 10_000)]))];
  const admitted = sample.filter(isOrigin);

  it('is sometimes accepted and mostly refused in this sample', () => {
    expect(sample.length).toBeGreaterThan(10_000);
    expect(admitted.length).toBeGreaterThan(250);
    expect(admitted.length).toBeLessThan(sample.length / 4);
  });

  it('is accepted only when the URL parser gives it back unchanged and finds nothing else in it', () => {
    const unlike = admitted.filter((text) => new URL(text).origin !== text || new URL(text).href !== `${text}/`);
    expect(unlike).toEqual([]);
  });

  it('is accepted without TLS only on loopback', () => {
    const plain = admitted.filter((text) => !text.startsWith('https://')).map((text) => new URL(text).hostname);
    expect(plain.length).toBeGreaterThan(25);
    expect(plain.filter((host) => !/^(.*\.)?localhost$|^127\.\d+\.\d+\.\d+$|^\[::1\]$/.test(host))).toEqual([]);
  });

  it('is refused though it equals its origin only for its scheme, its host or want of TLS', () => {
    const equalToItsOrigin = sample.filter((text) => URL.canParse(text) && new URL(text).origin === text);
    const refusedAllTheSame = equalToItsOrigin.filter((text) => !isOrigin(text));
    expect(refusedAllTheSame.length).toBeGreaterThan(100);
    expect(refusedAllTheSame.filter(isPlainHttps)).toEqual([]);
  });

  it('is accepted by all three functions or by none, and only parseOrigin throws', () => {
    const divided = sample.filter((text) => {
      const answers = [
        isOrigin(text),
        explainOrigin(text) === undefined,
        !isRefusal(thrownBy(() => parseOrigin(text))),
      ];
      return new Set(answers).size !== 1;
    });
    expect(divided).toEqual([]);
  });

  it('is never answered with a remedy that is refused itself', () => {
    const remedies = sample.flatMap((text) => remedyIn(explainOrigin(text)) ?? []);
    expect(remedies.length).toBeGreaterThan(1_000);
    expect(remedies.filter((remedy) => !isOrigin(remedy))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  commonVersion,
  isEqualList,
  isHello,
  isHere,
  isHostSignal,
  isReady,
  isRefusal,
  isWelcome,
} from '../../src/handshake/messages.ts';

const introduction = {
  versions: [1],
  contract: { name: 'test/a', version: '1.0.0' },
  serves: ['', 'a'],
  calls: 1024,
  codecs: ['structured-clone'],
};
const hello = { muntin: 'hello', ...introduction, nonce: 'n' };
const welcome = {
  ...introduction,
  version: 1,
  heard: [1],
  codec: 'structured-clone',
  session: 's',
  notes: [],
};
const ready = { session: 's', heard: [1] };
const refusal = { code: 'VERSION_MISMATCH', message: 'text' };
const here = { muntin: 'here', nonce: 'n', session: 's' };
const check = { muntin: 'check', nonce: 'n' };

const holes = (length: number): unknown[] => {
  const array: unknown[] = [];
  array.length = length;
  return array;
};
const long = 'x'.repeat(257);
const notTexts: readonly unknown[] = [undefined, null, 5, true, {}, [], ['x'], new Date(), long, 5n];
const notNumberLists: readonly unknown[] = [
  undefined,
  null,
  1,
  '1',
  {},
  { length: 1, 0: 1 },
  new Set([1]),
  ['1'],
  [1.5],
  [Number.NaN],
  [Infinity],
  [null],
  [[1]],
  [1n],
  Array.from({ length: 33 }, () => 1),
  holes(1),
  holes(32),
  holes(2 ** 32 - 1),
  [1, ...holes(1)],
];
const notTextLists: readonly unknown[] = [
  undefined,
  null,
  'a',
  {},
  { length: 1, 0: 'a' },
  new Set(['a']),
  [5],
  [null],
  [['a']],
  [long],
  holes(1),
  holes(2 ** 32 - 1),
  ['a', ...holes(1)],
];
const notObjects: readonly unknown[] = [
  undefined,
  null,
  0,
  'hello',
  true,
  5n,
  [],
  [hello],
  new Map(Object.entries(hello)),
  new Error('hello'),
  new Date(),
  Object.create(hello),
  Object.assign(Object.create(null), hello),
  new Uint8Array(4),
];

/** Every way to spoil one field. */
function spoil(message: object, fields: Readonly<Record<string, readonly unknown[]>>): unknown[] {
  return Object.entries(fields).flatMap(([name, wrong]) => [
    ...wrong.map((value) => ({ ...message, [name]: value })),
    Object.fromEntries(Object.entries(message).filter(([key]) => key !== name)),
  ]);
}

const wrongIntroduction = {
  versions: notNumberLists,
  contract: [
    undefined,
    null,
    'test/a',
    [],
    {},
    { name: 'a' },
    { version: '1' },
    ...notTexts.flatMap((text) => [
      { name: text, version: '1' },
      { name: 'a', version: text },
    ]),
    new Map(),
  ],
  serves: [...notTextLists, Array.from({ length: 65_537 }, () => 'a')],
  calls: [undefined, null, 0, -1, 0.5, Number.NaN, '1024', {}, [5], 5n, -Infinity],
};

const tables: readonly [string, (data: unknown) => boolean, object, unknown[]][] = [
  [
    'a hello',
    isHello,
    hello,
    spoil(hello, {
      muntin: [undefined, null, 'HELLO', 'knock', 'here', ['hello'], 5],
      ...wrongIntroduction,
      codecs: [...notTextLists, Array.from({ length: 33 }, () => 'a')],
      nonce: notTexts,
    }),
  ],
  [
    'a welcome',
    isWelcome,
    welcome,
    spoil(welcome, {
      ...wrongIntroduction,
      version: [undefined, null, '1', 1.5, Number.NaN, Infinity, [1]],
      heard: notNumberLists,
      codec: notTexts,
      session: notTexts,
    }),
  ],
  ['a ready', isReady, ready, spoil(ready, { session: notTexts, heard: notNumberLists })],
  [
    'a refusal',
    isRefusal,
    refusal,
    spoil(refusal, {
      code: [undefined, null, 5, 'version_mismatch', 'LINK_CLOSED', 'constructor', '__proto__', ['VERSION_MISMATCH']],
      message: [undefined, null, 5, {}, ['text'], 'x'.repeat(1025)],
    }),
  ],
  ['a here', isHere, here, spoil(here, { muntin: [undefined, 'hello', 'check'], nonce: notTexts, session: notTexts })],
  ['a check', isHostSignal, check, spoil(check, { muntin: [undefined, 'hello', 'here', 'Knock', 5], nonce: notTexts })],
];

describe.each(tables)('%s', (_, is, honest, wrong) => {
  it('is known as it is, and as it comes through structured clone', () => {
    expect(is(honest)).toBe(true);
    expect(is(structuredClone(honest))).toBe(true);
  });

  it('may have more fields than we know', () => {
    expect(is({ ...honest, later: 5 })).toBe(true);
  });

  it.each([...notObjects, ...wrong].map((data, index) => [index, data]))(
    'is not number %i of what only looks like it',
    (__, data) => {
      expect(is(data)).toBe(false);
    },
  );

  it('inherits nothing', () => {
    expect(is(JSON.parse(JSON.stringify({ ['__proto__x']: honest }).replace('__proto__x', '__proto__')))).toBe(false);
  });
});

describe('guards of the handshake', () => {
  it('know more than 200 malformed messages', () => {
    expect(tables.reduce((sum, [, , , wrong]) => sum + wrong.length, 0)).toBeGreaterThan(200);
  });

  it('take a peer that sets no limit on calls', () => {
    expect(isHello({ ...hello, calls: Infinity })).toBe(true);
  });

  it('take a hello with a secret, and none with one that is no text', () => {
    expect(isHello({ ...hello, secret: 'x' })).toBe(true);
    expect(isHello({ ...hello, secret: undefined })).toBe(true);
    for (const secret of notTexts.slice(1)) expect(isHello({ ...hello, secret })).toBe(false);
  });

  it('take a knock, which is a constant', () => {
    expect(isHostSignal({ muntin: 'knock' })).toBe(true);
  });

  it.each([
    [[1], [1], 1],
    [[1, 2, 3], [2, 3, 4], 3],
    [[3, 1], [1, 2], 1],
    [[1], [2], undefined],
    [[], [], undefined],
  ])('find the highest version of %j and %j: %s', (a, b, common) => {
    expect(commonVersion(a, b)).toBe(common);
  });

  it.each([
    [[], [], true],
    [[1, 2], [1, 2], true],
    [[1, 2], [2, 1], false],
    [[1], [1, 2], false],
    [['1'], [1], false],
  ])('tell whether %j and %j say the same: %s', (a, b, isEqual) => {
    expect(isEqualList(a, b)).toBe(isEqual);
  });
});

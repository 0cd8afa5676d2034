import { describe, expect, it } from 'vitest';
import { inspect, isPeerCode, MuntinError, messageOf } from '../src/errors.ts';

describe('a MuntinError', () => {
  it('is an Error with a code, and says its name without owning it', () => {
    const error = new MuntinError('CALL_TIMED_OUT', 'text');
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toBe('MuntinError: text');
    expect(Object.keys(error)).not.toContain('name');
    expect(error.mayHaveRun).toBe(false);
  });

  it('has a cause only when it was given one, also when that is undefined', () => {
    expect('cause' in new MuntinError('LINK_CLOSED', '')).toBe(false);
    expect('cause' in new MuntinError('LINK_CLOSED', '', { cause: undefined })).toBe(true);
  });
});

describe('what an error message shows', () => {
  it.each([
    ['text', '"text"'],
    ['a"b\n', '"a\\"b\\n"'],
    ['x'.repeat(200), `"${'x'.repeat(120)}…"`],
    [5, '5'],
    [Number.NaN, 'NaN'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [{}, 'object'],
    [() => 1, 'function'],
    [Symbol('s'), 'symbol'],
    [5n, 'bigint'],
  ])('of a value is short and never runs its code', (value, shown) => {
    expect(inspect(value)).toBe(shown);
  });

  it('of anything thrown is some text', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    for (const thrown of [undefined, null, 5, 'x', Symbol('s'), {}, Object.create(null), revoked.proxy, () => 1, [[]]])
      expect(typeof messageOf(thrown)).toBe('string');
  });
});

describe('the codes of peers', () => {
  it.each(['LINK_CLOSED', 'UNMOUNTED', 'INVALID_OPTION', 'constructor', '__proto__', 'has', ''])(
    'do not have %s',
    (code) => {
      expect(isPeerCode(code)).toBe(false);
    },
  );
});

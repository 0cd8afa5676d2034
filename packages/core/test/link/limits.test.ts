import { describe, expect, it } from 'vitest';
import { defaultLimits, readLimits } from '../../src/link/limits.ts';

describe('limits', () => {
  it('are the documented ones where none are given', () => {
    expect(readLimits()).toEqual(defaultLimits);
    expect(readLimits({ calls: 5 })).toEqual({ ...defaultLimits, calls: 5 });
  });

  it('may be off', () => {
    expect(readLimits({ streams: Infinity }).streams).toBe(Infinity);
  });

  it.each([
    ['call', 5],
    ['constructor', 5],
    ['toString', 5],
    ['calls', 0],
    ['messagesPerBatch', 2047],
    ['calls', -1],
    ['calls', 0.5],
    ['calls', 1.5],
    ['messagesPerBatch', 4096.5],
    ['calls', Number.NaN],
    ['calls', '5'],
    ['calls', undefined],
    ['valueBytes', null],
  ])('refuse %s: %s, naming both', (name, value) => {
    expect(() => readLimits({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(`limits.${name}`) }),
    );
  });

  it('refuse an own __proto__', () => {
    expect(() => readLimits(JSON.parse('{"__proto__": 5}'))).toThrow('limits.__proto__');
  });
});

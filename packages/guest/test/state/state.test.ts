import { type } from '@muntin/core';
import { describe, expect, it } from 'vitest';
import { focusable } from '../../src/focus/focusable.ts';
import { state } from '../../src/state/state.ts';

const whole = { schema: type<{ text: string }>(), save: () => ({ text: '' }), restore: () => undefined };

describe('state', () => {
  it.each([
    ['no schema', { ...whole, schema: { text: 'string' } }, 'schema is'],
    ['no save', { ...whole, save: undefined }, 'save and restore'],
    ['a typo', { ...whole, onrefused: () => undefined }, 'did you mean "onRefused"'],
  ])('refuses %s', (_, options, message) => {
    expect(() => state(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it('can be made on a server, and focusable too', () => {
    expect(typeof document).toBe('undefined');
    expect(state(whole)).toHaveProperty('of');
    expect(focusable()).toHaveProperty(['muntin.install']);
  });
});

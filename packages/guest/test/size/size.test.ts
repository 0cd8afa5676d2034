// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { nameOf } from '../../src/size/name.ts';
import { size } from '../../src/size/size.ts';

it.each([
  ['a selector that is none', { of: '##' }, 'of is "##"'],
  ['what is no text', { of: document.body }, 'of is '],
  ['a typo', { off: '#root' }, 'did you mean "of"'],
])('size refuses %s', (_, options, message) => {
  expect(() => size(options as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
  );
});

it('an element is named as a person finds it', () => {
  document.body.innerHTML = '<main id="app"><p class="a b"><i></i></p></main>';
  expect(nameOf(document.querySelector('i') ?? undefined)).toBe('main#app > p.a.b > i');
  expect(nameOf(undefined)).toBe('');
});

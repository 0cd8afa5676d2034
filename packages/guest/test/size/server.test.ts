import { expect, it } from 'vitest';
import { size } from '../../src/size/size.ts';

it('size can be made on a server, where a module of a widget is loaded to render it', () => {
  expect(typeof document).toBe('undefined');
  expect(size()).toHaveProperty('of');
  expect(size({ of: '#root' })).toHaveProperty('of');
});

import { contract, type Live } from '@muntin/core';
import { expectTypeOf, test } from 'vitest';
import { mount } from '../../src/index.ts';
import { type Size, type SizeOptions, size } from '../../src/size/size.ts';

const place = contract({ name: 'test/place', version: '1.0.0' });
declare const into: Element;

test('size is used, and found by the mount', () => {
  const sizes = size({ height: 'content', minPx: 80, maxPx: 900 });
  const open = () => mount(place, { url: 'https://g.example/', into, title: 'G', use: [sizes] });
  const read = (widget: ReturnType<typeof open>) => sizes.of(widget).size$;
  expectTypeOf(read).returns.toEqualTypeOf<Live<Size>>();
  expectTypeOf<Size['by']>().toEqualTypeOf<'host' | 'guest' | 'held'>();
  expectTypeOf<SizeOptions['height']>().toEqualTypeOf<'content' | undefined>();
  // @ts-expect-error -- the one word for it
  void (() => size({ height: 'auto' }));
});

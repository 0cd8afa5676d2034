// @vitest-environment jsdom
import { contract, MuntinError } from '@muntin/core';
import { describe, expect, it } from 'vitest';
import { mount } from '../../src/index.ts';
import { type Size, size } from '../../src/size/size.ts';

const place = contract({ name: 'test/place', version: '1.0.0' });

describe('size', () => {
  it.each([
    ['neither side', {}, "give height: 'content'"],
    ['another word', { height: 'auto' }, 'height is "auto"'],
    ['a typo', { height: 'content', maxpx: 3 }, 'did you mean "maxPx"'],
    ['a negative number', { height: 'content', minPx: -1 }, 'minPx is -1'],
    ['no number', { height: 'content', maxPx: Number.NaN }, 'maxPx is NaN'],
    ['infinity', { width: 'content', maxWidthPx: Infinity }, 'maxWidthPx is Infinity'],
    ['bounds that are exchanged', { height: 'content', minPx: 9, maxPx: 8 }, 'minPx is 9, more than maxPx'],
  ])('refuses %s', (_, options, message) => {
    expect(() => size(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it('gives the frame its least height at once, tells it, and ends with the mount', async () => {
    const use = size({ height: 'content', minPx: 80 });
    const open = () => mount(place, { url: 'https://guest.example/', into: document.body, title: 'Guest', use: [use] });
    const widget = open();
    const other = open();
    const seen: Size[] = [];
    let isOver = false;
    use.of(widget).size$.subscribe({ next: (one) => seen.push(one), complete: () => (isOver = true) });
    await Promise.resolve();
    expect(widget.frame.style.height).toBe('80px');
    expect(seen.at(-1)).toMatchObject({ by: 'host', clamped: false, heldBy: '' });
    await widget.unmount();
    expect(isOver).toBe(true);
    expect(use.of(other).size$).not.toBe(use.of(widget).size$);
    await other.unmount();
  });

  it('is found only where it is used', async () => {
    const widget = mount(place, { url: 'https://guest.example/', into: document.body, title: 'Guest' });
    expect(() => size({ height: 'content' }).of(widget)).toThrow(MuntinError);
    await widget.unmount();
  });
});

// @vitest-environment jsdom
import { contract } from '@muntin/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attach, type Mount, mount } from '../../src/index.ts';
import { isParked, keepAlive, move, near, park, prefetch, reload, resume } from '../../src/place/place.ts';

const place = contract({ name: 'test/place', version: '1.0.0' });

function open(into: Element = document.body): Mount<typeof place> {
  const widget = mount(place, { url: 'https://guest.example/', into, title: 'Guest' });
  onTestFinished(() => widget.unmount());
  return widget;
}

const refused = (text: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) });

describe('move', () => {
  it('refuses what is no place, and a mount that is over', async () => {
    const widget = open();
    await expect(move(widget, {} as never)).rejects.toThrow(refused('container is'));
    await expect(move(widget, document.body, { before: document.createElement('p') })).rejects.toThrow(
      refused('before is'),
    );
    await expect(move(widget, document.body, { after: null } as never)).rejects.toThrow(refused('after'));
    await expect(move({} as never, document.body)).rejects.toThrow(refused('move was given'));
    await widget.unmount();
    await expect(move(widget, document.body)).rejects.toMatchObject({ code: 'UNMOUNTED' });
    await expect(reload(widget)).rejects.toMatchObject({ code: 'UNMOUNTED' });
  });

  it('and reload are over with the mount, also meanwhile', async () => {
    const widget = open();
    const reloading = reload(widget);
    await widget.unmount();
    await expect(reloading).rejects.toMatchObject({ code: 'UNMOUNTED' });
  });

  it('leaves a frame alone that is where it belongs', async () => {
    const slot = document.createElement('div');
    document.body.append(slot);
    const [first, second] = [open(slot), open(slot)];
    const { contentWindow } = first.frame;
    expect(await move(first, slot, { before: second.frame })).toBe('moved');
    expect(await move(first, slot, { before: first.frame })).toBe('moved');
    expect(await move(second, slot)).toBe('moved');
    expect(first.frame.contentWindow).toBe(contentWindow);
  });

  it('is over with the mount, and leaves nothing behind where the frame would have gone', async () => {
    const widget = open();
    const slot = document.createElement('div');
    document.body.append(slot);
    const moving = move(widget, slot);
    expect(slot.childNodes).toHaveLength(1);
    await widget.unmount();
    await expect(moving).rejects.toMatchObject({ code: 'UNMOUNTED' });
    expect(slot.childNodes).toHaveLength(0);
  });
});

it('move says that the place is gone, where somebody has emptied it meanwhile', async () => {
  const widget = open();
  const slot = document.createElement('div');
  document.body.append(slot);
  const moving = move(widget, slot);
  slot.replaceChildren();
  await expect(moving).rejects.toThrow(refused('the place that the frame was to be moved to is gone'));
  expect(widget.frame.parentElement).toBe(document.body);
});

it('move takes no frame for one before itself in a place where it is not', async () => {
  const widget = open();
  const slot = document.createElement('div');
  document.body.append(slot);
  await expect(move(widget, slot, { before: widget.frame })).rejects.toThrow(refused('before is'));
});

describe('park', () => {
  it('gives back what the frame was styled with, and keeps what others have set meanwhile', () => {
    const first = park(open());
    const widget = open();
    widget.frame.style.cssText = 'position: relative; height: 40px; width: 90%';
    expect(isParked(park(widget))).toBe(true);
    widget.frame.style.height = '55px';
    resume(widget);
    expect(widget.frame.style.cssText).toBe('position: relative; height: 55px; width: 90%;');
    expect([widget, first].map(({ frame }) => frame.hasAttribute('inert'))).toEqual([false, true]);
  });

  it('keeps the size that a frame is styled with, in its own box, whatever the page around it is transformed by', () => {
    const slot = document.createElement('div');
    slot.style.transform = 'scale(0.5)';
    document.body.append(slot);
    const widget = open(slot);
    const { frame } = widget;
    frame.style.cssText = 'width: 600px; height: 40px; padding: 10px';
    park(widget);
    expect([frame.style.width, frame.style.height, frame.style.boxSizing]).toEqual(['600px', '40px', '']);
  });

  it('is over with the mount, for a frame that stays', async () => {
    const frame = document.createElement('iframe');
    frame.style.cssText = 'position: relative;';
    document.body.append(frame);
    const widget = attach(place, { frame, origin: 'https://guest.example' });
    park(resume(park(widget)));
    await widget.unmount();
    expect([isParked(widget), frame.style.cssText, frame.hasAttribute('inert')]).toEqual([
      false,
      'position: relative;',
      false,
    ]);
  });

  it('keepAlive forgets guests that are over, and refuses numbers that are none', async () => {
    const guests = keepAlive({ max: 1 });
    const [first, second] = [open(), open()];
    guests.show(first);
    guests.show(second);
    guests.show(second);
    expect([isParked(first), isParked(second)]).toEqual([true, false]);
    await first.unmount();
    guests.show(first);
    expect([guests.widgets, isParked(second)]).toEqual([[second], false]);
    expect(() => keepAlive({ max: 0 })).toThrow(refused('max is 0'));
    expect(() => keepAlive({ max: 1, maxParked: Number.NaN })).toThrow(refused('maxParked is NaN'));
  });
});

it('keepAlive keeps a guest that is shown again while it is put away', async () => {
  const guests = keepAlive({ max: 1, maxParked: 0 });
  const [first, second] = [open(), open()];
  guests.show(first);
  guests.show(second);
  guests.show(first);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([first.state.name === 'unmounted', isParked(first)]).toEqual([false, false]);
  expect(second.state.name).toBe('unmounted');
});

describe('prefetch', () => {
  it('leaves a guest as large as it will be, and refuses what mounts nothing', async () => {
    const one = prefetch(() => {
      const widget = open();
      // As `size` does, when the turn is over.
      queueMicrotask(() => {
        if (widget.frame.style.height === '') widget.frame.style.height = '80px';
      });
      return widget;
    });
    const { frame } = one.load();
    await Promise.resolve();
    expect([isParked(one.load()), frame.style.height]).toEqual([true, '80px']);
    one.show();
    expect(frame.style.height).toBe('80px');
    expect(() => prefetch(undefined as never)).toThrow(refused('mount is undefined'));
  });

  it('mounts once, and anew after an unmount', async () => {
    let count = 0;
    const one = prefetch(() => {
      count++;
      return open();
    });
    expect(isParked(one.load())).toBe(true);
    expect(one.show()).toBe(one.load());
    expect(isParked(one.load())).toBe(false);
    expect(count).toBe(1);
    await one.load().unmount();
    one.show();
    expect(count).toBe(2);
  });
});

it('near refuses what is no element, and a margin that is none', async () => {
  await expect(near(null as never)).rejects.toThrow(refused('element is null'));
  // So large a margin no browser can reckon with: nothing would ever be near.
  for (const marginPx of [-1, 1_000_001, 1e21, Infinity, Number.NaN])
    await expect(near(document.body, { marginPx })).rejects.toThrow(refused(`marginPx is ${marginPx}: give pixels`));
});

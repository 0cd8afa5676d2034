// @vitest-environment jsdom
import { MuntinError } from '@muntin/core';
import { Latest } from '@muntin/core/internal';
import { expect, it } from 'vitest';
import type { MountState, MountStateName } from '../../src/index.ts';
import { showStatus } from '../../src/status/status.ts';

/** Something with the states of a mount, which the test sets. */
function open() {
  document.body.innerHTML = '<main><p></p><iframe title="News"></iframe></main>';
  const frame = document.querySelector('iframe');
  if (frame === null) throw new Error('there is no frame');
  const state = new Latest<MountState>({ name: 'idle' });
  let reloads = 0;
  const widget = {
    frame,
    get state() {
      return state.value;
    },
    state$: state.changes$,
    ready: Promise.resolve(),
    reload: () => {
      reloads++;
      state.set({ name: 'loading' });
    },
    unmount: async () => state.end(),
  };
  const cause = new MuntinError('GUEST_SILENT', 'It is silent');
  const set = (name: MountStateName): void => state.set(name === 'failed' ? { name, cause } : { name });
  return { widget, frame, set, reloads: () => reloads };
}

it('says where the guest is, to everybody', async () => {
  const { widget, frame, set, reloads } = open();
  const status = showStatus(widget);
  expect(status.nextSibling).toBe(frame);
  const seen = (['loading', 'ready', 'unresponsive', 'reconnecting', 'failed'] as const).map((name) => {
    set(name);
    const { style, hidden } = frame;
    return [status.getAttribute('role'), status.textContent, frame.getAttribute('aria-busy'), hidden, style.opacity];
  });
  expect(seen).toEqual([
    ['status', 'News is loading.', 'true', false, ''],
    ['status', '', null, false, ''],
    ['status', '', null, false, ''],
    ['status', 'News is connecting again.', 'true', false, '0.5'],
    ['alert', 'News could not be loaded. Try again', null, true, ''],
  ]);
  status.querySelector('button')?.click();
  expect([reloads(), status.dataset['state'], frame.hidden]).toEqual([1, 'loading', false]);
  expect(document.activeElement).toBe(frame);
  await widget.unmount();
  expect(status.isConnected).toBe(false);
});

it('hides a frame that has failed also from style sheets, and gives back how it was displayed', () => {
  const { widget, frame, set } = open();
  frame.style.setProperty('display', 'block', 'important');
  showStatus(widget);
  const display = (): string[] => [frame.style.getPropertyValue('display'), frame.style.getPropertyPriority('display')];
  set('failed');
  set('failed');
  expect(display()).toEqual(['none', 'important']);
  set('loading');
  expect(display()).toEqual(['block', 'important']);
});

it('takes texts, as text, and refuses options that are none', () => {
  const { widget, set } = open();
  const status = showStatus(widget, {
    failed: (title, cause) => `<b>${title}</b> ${cause?.code}`,
    retry: 'Noch einmal',
  });
  set('failed');
  expect(status.textContent).toBe('<b>News</b> GUEST_SILENT Noch einmal');
  expect(() => showStatus(widget, { retries: 'x' } as never)).toThrow(/has no option "retries"/);
});

// @vitest-environment jsdom
import { Latest } from '@muntin/core/internal';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { FocusKeeper } from '../../src/focus/keeper.ts';
import type { Framed } from '../../src/framed.ts';
import type { MountState } from '../../src/lifecycle.ts';
import { leave } from '../../src/place/leaving.ts';

const asked: unknown[] = [];
let frame: HTMLIFrameElement;
let field: HTMLInputElement;
let states: Latest<MountState>;
let widget: Framed;

beforeEach(() => {
  asked.length = 0;
  frame = document.createElement('iframe');
  field = document.createElement('input');
  document.body.replaceChildren(frame, field);
  states = new Latest<MountState>({ name: 'ready' });
  widget = {
    frame,
    get state() {
      return states.value;
    },
    state$: states.changes$,
    ready: Promise.resolve(),
    reload: () => undefined,
    unmount: () => Promise.resolve(),
  };
});

function begin(): void {
  const guest = { focus: async (to: unknown) => asked.push(to) > 0, where: async () => (asked.push('where'), '') };
  new FocusKeeper(guest).begin(widget);
}

/** The guest's document goes, and another comes. */
async function reload(meanwhile: () => void): Promise<void> {
  states.set({ name: 'loading' });
  meanwhile();
  states.set({ name: 'ready' });
  await Promise.resolve();
}

it('gives the focus back to a guest that had it when it was loaded anew', async () => {
  begin();
  frame.focus();
  await reload(() => frame.blur());
  expect(asked).toEqual([{ to: 'restore', at: '' }]);
});

it('calls nobody back who has gone on, also when nothing has the focus any more', async () => {
  begin();
  frame.focus();
  await reload(() => {
    field.focus();
    field.blur();
  });
  expect(document.activeElement).toBe(document.body);
  expect(asked).toEqual([]);
});

it('listens to nothing when the mount is over, and asks nothing before a reload', async () => {
  const listening: string[] = [];
  for (const target of [document, window]) {
    vi.spyOn(target, 'addEventListener').mockImplementation((type) => void listening.push(type));
    vi.spyOn(target, 'removeEventListener').mockImplementation(
      (type) => void listening.splice(listening.indexOf(type), 1),
    );
  }
  onTestFinished(() => void vi.restoreAllMocks());
  begin();
  expect(listening.sort()).toEqual(['blur', 'focus', 'focusin']);
  frame.focus();
  await leave(widget);
  expect(asked).toEqual(['where']);
  states.end();
  expect(listening).toEqual([]);
  await leave(widget);
  expect(asked).toEqual(['where']);
});

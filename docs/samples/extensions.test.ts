// @vitest-environment jsdom
import { readFileSync } from 'node:fs';
import { around, contract, MuntinError, mutation, query } from '@muntin/core';
import { testMount } from '@muntin/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { callTimer } from './call-timer.ts';
import { retry } from './retry.ts';
import { signIn } from './sign-in.ts';
import { toast, toastGuest, toastHost } from './toast.ts';

const editor = contract({
  name: 'acme/editor',
  version: '1.0.0',
  guest: { read: query<void, string>() },
  host: { save: mutation<string, string>() },
});
const guest = { handlers: { read: () => 'text' } };
const host = { handlers: { save: (text: string) => `saved ${text}` } };
const linesOf = (file: string): number =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n').length;

beforeEach(() => {
  document.body.innerHTML = '';
});

describe('the toast extension', () => {
  it('has 40 lines at most', () => {
    expect(linesOf('./toast.ts')).toBeLessThanOrEqual(40);
  });

  it('shows what a guest says, as text, and tells the guest what was clicked away', async () => {
    const dismissed: string[] = [];
    const toasts = toastGuest((text) => void dismissed.push(text));
    const test = testMount(editor, {
      guest: { ...guest, use: [toasts] },
      host: { ...host, use: [toastHost(document.body)] },
    });
    await test.widget.ready;
    await toasts.of(test.shell).show({ text: '<b>Saved</b>' });
    const line = document.querySelector('p');
    expect(line?.textContent).toBe('https://guest.test: <b>Saved</b>');
    expect(line?.getAttribute('role')).toBe('status');
    line?.click();
    await test.flush();
    expect(dismissed).toEqual(['<b>Saved</b>']);
    expect(document.querySelector('p')).toBe(null);
    await toasts.of(test.shell).show({ text: 'short', ms: 1 });
    await vi.waitFor(() => expect(document.querySelector('p')).toBe(null));
    await test.expectNoLeaks();
  });

  it('is known to be missing where the host does not use it', async () => {
    const toasts = toastGuest();
    const test = testMount(editor, { guest: { ...guest, use: [toasts] }, host });
    await test.widget.ready;
    expect(await test.shell.supports(toast)).toBe(false);
    await expect(toasts.of(test.shell).show({ text: 'x' })).rejects.toMatchObject({ code: 'PROCEDURE_NOT_FOUND' });
    await test.unmount();
  });
});

describe('the hooks', () => {
  it('have 15 lines at most', () => {
    // Without the import, its blank line and the comment.
    for (const file of ['./retry.ts', './call-timer.ts']) expect(linesOf(file) - 3).toBeLessThanOrEqual(15);
  });

  it('retry asks again while the other side has too much to do, and not after other errors', async () => {
    let asked = 0;
    const answers: (MuntinError | undefined)[] = [];
    const busy = around({
      incoming: (_, next) => {
        asked++;
        const error = answers.shift();
        if (error !== undefined) throw error;
        return next();
      },
    });
    const { widget, unmount } = testMount(editor, {
      guest: { ...guest, use: [busy] },
      host: { ...host, use: [retry(2, 1)] },
    });
    answers.push(new MuntinError('OVERLOADED', 'busy'), new MuntinError('OVERLOADED', 'busy'));
    expect(await widget.guest.read()).toBe('text');
    expect(asked).toBe(3);
    answers.push(...Array.from({ length: 3 }, () => new MuntinError('OVERLOADED', 'busy')));
    await expect(widget.guest.read()).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(asked).toBe(6);
    answers.push(new MuntinError('VALUE_TOO_LARGE', 'large'));
    await expect(widget.guest.read()).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' });
    expect(asked).toBe(7);
    await unmount();
  });

  it('the timer reports calls that succeed and calls that fail', async () => {
    const report = vi.fn<(path: string, ms: number) => void>();
    const { widget, unmount } = testMount(editor, { guest, host: { ...host, use: [callTimer(report)] } });
    await widget.guest.read();
    expect(report.mock.calls.map(([path, ms]) => [path, ms >= 0])).toEqual([['read', true]]);
    const late = widget.guest.read().catch((error: unknown) => error);
    await unmount();
    expect(await late).toHaveProperty('code', 'LINK_CLOSED');
    await vi.waitFor(() => expect(report).toHaveBeenCalledTimes(2));
  });

  it('sign-in gives handlers a user, and refuses who is none', async () => {
    const users = new Map([['https://guest.test', { name: 'Ada' }]]);
    const test = testMount(editor, {
      guest,
      host: {
        use: [signIn(async (origin) => users.get(origin))],
        handlers: { save: (text, { user }) => `${user.name} saved ${text}` },
      },
    });
    await test.widget.ready;
    expect(await test.shell.host.save('it')).toBe('Ada saved it');
    users.clear();
    await expect(test.shell.host.save('it')).rejects.toMatchObject({ code: 'PROCEDURE_NOT_FOUND' });
    await test.unmount();
  });
});

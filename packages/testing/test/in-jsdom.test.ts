// @vitest-environment jsdom
import { contract, query } from '@muntin/core';
import { expect, it } from 'vitest';
import { testMount } from '../src/index.ts';

const page = contract({ name: 'test/page', version: '1.0.0', guest: { text: query<string, string | null>() } });

it('a guest that has a document works in jsdom', async () => {
  document.body.innerHTML = '<h1>Tea</h1>';
  const { widget, reload, expectSettled, expectNoLeaks } = testMount(page, {
    guest: { handlers: { text: (selector) => document.querySelector(selector)?.textContent ?? null } },
    host: {},
  });
  expect(await widget.guest.text('h1')).toBe('Tea');
  reload();
  expect(await widget.guest.text('h2')).toBe(null);
  await expectSettled();
  await expectNoLeaks();
});

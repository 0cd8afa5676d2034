import { MuntinError } from '@muntin/core';
import { expect, it } from 'vitest';
import { Inquiry } from '../src/inquiry.ts';

const cause = new MuntinError('GUEST_SILENT', 'nothing was heard');

it('tells at once what is known, and else when it is known', async () => {
  const told: MuntinError[] = [];
  const inquiry = new Inquiry();
  inquiry.begin(cause, (found) => told.push(found));
  expect(told).toEqual([cause]);
  inquiry.begin(Promise.resolve(cause), (found) => told.push(found));
  await Promise.resolve();
  expect(told).toEqual([cause, cause]);
});

it.each(['stopped', 'begun anew'])('tells nothing of what was %s', async (how) => {
  const told: string[] = [];
  const inquiry = new Inquiry();
  inquiry.begin(Promise.resolve(cause), () => told.push('first'));
  if (how === 'stopped') inquiry.stop();
  else inquiry.begin(Promise.resolve(cause), () => told.push('second'));
  await new Promise((resolve) => setTimeout(resolve));
  expect(told).toEqual(how === 'stopped' ? [] : ['second']);
});

import { expect, it } from 'vitest';
import { heightIn } from '../../src/legacy-size/messages.ts';

it.each([
  ['[iFrameSizer]muntin:333:300:init', 333],
  ['[iFrameSizer]muntin:20.5:300:mutationObserver:more', 20.5],
  [{ type: 'iframe-resized', width: 300, height: 40 }, 40],
  ['[iFrameSizer]muntin:-5:300:size', -5],
  [{ type: 'iframe-resized', width: 300, height: -Infinity }, -Infinity],
])('%j says %j, which may be wrong', (data, height) => {
  expect(heightIn(data)).toBe(height);
});

it.each([
  '[iFrameSizer]another:333:300:init',
  '[iFrameSizer]muntin:333:300:close',
  '[iFrameSizer]muntin:333:300:scrollTo',
  '[iFrameSizer]muntin:333',
  `[iFrameSizer]muntin:${'9'.repeat(40)}:300:init`,
  ' [iFrameSizer]muntin:333:300:init',
  { type: 'iframe-resized', width: 300 },
  { type: 'iframe-resized', height: '300' },
  { type: 'other', height: 300 },
  null,
  7,
])('%j says no height', (data) => {
  expect(heightIn(data)).toBeUndefined();
});

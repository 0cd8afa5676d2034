import { expect, it } from 'vitest';
import { Steps } from '../src/steps.ts';
import { collectUncaught } from './fixtures/uncaught.ts';

it('steps come one after the other, and what listeners cause is a step of its own', () => {
  const steps = new Steps();
  const log: string[] = [];
  steps.run(() => {
    log.push('first');
    steps.tell(() => {
      log.push('told');
      steps.run(() => log.push('third'));
    });
    steps.run(() => log.push('second'));
    log.push('first, to its end');
  });
  expect(log).toEqual(['first', 'first, to its end', 'told', 'second', 'third']);
});

it('a listener is told at once where nothing runs; what throws is reported, and stops nothing behind it', async () => {
  const steps = new Steps();
  const log: string[] = [];
  const uncaught = collectUncaught();
  const error = new Error('in a step');
  steps.tell(() => log.push('told'));
  steps.run(() => {
    steps.run(() => log.push('behind'));
    throw error;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect([log, uncaught]).toEqual([['told', 'behind'], [error]]);
});

import { expect, it, onTestFinished } from 'vitest';
import { findGrowth, lookInside } from './inside.ts';
import { Subject } from './subject.ts';

function openSubject(): Subject {
  const { port1, port2 } = new MessageChannel();
  const subject = new Subject('host', port1, false, () => undefined);
  onTestFinished(() => {
    subject.close();
    port2.close();
  });
  return subject;
}

it('finds no fault in a session that ends before it needs its table of references', () => {
  const subject = openSubject();
  subject.close();
  const sizes = lookInside(subject);
  expect(sizes).not.toHaveProperty('session#references#exports#byIndex');
  expect(findGrowth(sizes, true)).toBeUndefined();
});

it('says so when a field that it reads is not there any more', () => {
  const { 'session#dispatcher#tasks': _tasks, ...renamed } = lookInside(openSubject());
  expect(findGrowth(renamed, false)).toBe('session#dispatcher#tasks cannot be found: it was renamed');
  const { 'session#references': _part, ...without } = lookInside(openSubject());
  expect(findGrowth(without, false)).toBe('session#references#exports#byIndex cannot be found: it was renamed');
  const using = openSubject();
  using.use();
  const sizes = lookInside(using);
  expect(findGrowth(sizes, false)).toBeUndefined();
  const { 'lanes#handler#wire#proxies': _proxies, ...unlent } = sizes;
  expect(findGrowth(unlent, false)).toBe('lanes#handler#wire#proxies cannot be found: it was renamed');
});

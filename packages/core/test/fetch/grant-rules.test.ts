import { URLPattern } from 'urlpattern-polyfill/urlpattern';
import { describe, expect, it } from 'vitest';
import { isGrantableHeader, isGrantableMethod, isPathPattern } from '../../src/fetch/grant-rules.ts';
import { readGrants } from '../../src/fetch/grants.ts';
import { whyCostly } from '../../src/fetch/pattern-cost.ts';

/** Whether an application may grant it. */
const isTaken = (grant: object): boolean => {
  try {
    readGrants([{ origin: 'https://api.example', paths: ['/'], ...grant }], 'https://shell.example');
    return true;
  } catch {
    return false;
  }
};

describe('what a grant may say', () => {
  it.each(['GET', 'PATCH', 'M-SEARCH', 'X1'])('the method %j', (method) => {
    expect([isGrantableMethod(method), isTaken({ methods: [method] })]).toEqual([true, true]);
  });

  it.each(['get', 'TRACE', 'CONNECT', 'TRACK', 'A B', '', 'Ä'])('not the method %j', (method) => {
    expect([isGrantableMethod(method), isTaken({ methods: [method] })]).toEqual([false, false]);
  });

  it.each(['X-Own', 'authorization', 'X-HTTP-Method-Name'])('the header %j', (header) => {
    expect([isGrantableHeader(header), isTaken({ headers: [header] })]).toEqual([true, true]);
  });

  it.each(['Cookie', 'cookie2', 'Host', 'Sec-Fetch-Site', 'X-HTTP-Method', 'a b', ''])(
    'not the header %j',
    (header) => {
      expect([isGrantableHeader(header), isTaken({ headers: [header] })]).toEqual([false, false]);
    },
  );
});

function compiles(pathname: string): boolean {
  try {
    return new URLPattern({ pathname }).pathname.length > 0;
  } catch {
    return false;
  }
}

describe('a pattern', () => {
  it.each(['/{a:b}?', '/v1/:id/*', '/{:a-}?x', '/\\:a', '/:a.:b'])('may be %s', (text) => {
    expect(isPathPattern(text)).toBe(true);
  });

  it.each(['/:a/:a', '/{a', '/{{a}}', '/{*:a}', '/a?', '/\\\\:a:a', '/a\\'])('may not be %s', (text) => {
    expect(isPathPattern(text)).toBe(false);
  });

  const atoms = ['/', 'a', ':', ':a', ':b', '*', '?', '+', '{', '}', '\\', '(\\d+)', '([a-z])'];
  const texts = atoms.flatMap((a) => atoms.flatMap((b) => atoms.map((c) => `/${a}${b}${c}`)));

  it('is what an engine compiles, of those that are cheap to try', () => {
    const cheap = texts.filter((text) => whyCostly(text) === undefined);
    expect(cheap.length).toBeGreaterThan(500);
    const wrong = cheap.filter((text) => isPathPattern(text) !== compiles(text));
    // The polyfill takes an escape of nothing, which the standard refuses.
    expect(wrong.filter((text) => isPathPattern(text) || !/(?:^|[^\\])(?:\\\\)*\\$/.test(text))).toEqual([]);
  });
});

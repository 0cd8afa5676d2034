import { describe, expect, it } from 'vitest';
import { checkOrigin, checkPreflight } from '../src/rules/check.ts';
import { isForbiddenHeader, normalizeMethod } from '../src/rules/names.ts';
import { type Header, unsafeNames } from '../src/rules/safelist.ts';

const origin = 'https://shell.example';
const get =
  (headers: Readonly<Record<string, string>>) =>
  (name: string): string | undefined =>
    headers[name];

describe('which headers need permission', () => {
  it('asks for each name once, lower-cased and sorted', () => {
    expect(
      unsafeNames([
        ['X-B', '1'],
        ['x-a', '1'],
        ['x-b', '2'],
      ]),
    ).toEqual(['x-a', 'x-b']);
  });

  it('lets values of 1,024 bytes together pass, and asks for all names from one more byte on', () => {
    const eight: Header[] = Array.from({ length: 8 }, () => ['Accept', 'a'.repeat(128)]);
    expect(unsafeNames(eight)).toEqual([]);
    expect(unsafeNames([...eight, ['Accept-Language', 'a']])).toEqual(['accept', 'accept-language']);
  });

  it('does not count the values that are unsafe for their own sake', () => {
    const eight: Header[] = Array.from({ length: 8 }, () => ['Accept', 'a'.repeat(128)]);
    expect(unsafeNames([...eight, ['X-Own', 'a'.repeat(500)]])).toEqual(['x-own']);
  });

  it.each(['"', '(', ')', ':', '<', '>', '?', '@', '[', '\\', ']', '{', '}', '\x7f', '\x01'])(
    'takes the byte %j for unsafe',
    (byte) => {
      expect(unsafeNames([['Accept', `a${byte}`]])).toEqual(['accept']);
      expect(unsafeNames([['Content-Type', `text/plain;${byte}`]])).toEqual(['content-type']);
    },
  );
});

describe('what a browser changes in a request', () => {
  it.each([
    ['get', 'GET'],
    ['Put', 'PUT'],
    ['patch', 'patch'],
    ['Purge', 'Purge'],
    ['delete', 'DELETE'],
  ])('sends %s as %s', (given, sent) => {
    expect(normalizeMethod(given)).toBe(sent);
  });

  it.each([
    ['Cookie', 'a=1', true],
    ['SEC-anything', '1', true],
    ['Proxy-Authorization', '1', true],
    ['X-Method-Override', 'get, trace', true],
    ['X-Method-Override', 'get', false],
    ['Authorization', 'x', false],
  ])('%s: %s is dropped: %s', (name, value, dropped) => {
    expect(isForbiddenHeader(name, value)).toBe(dropped);
  });
});

describe('the CORS check', () => {
  const asked = { origin, isLost: false, withCredentials: false };

  it.each([
    [{}, 'ORIGIN_MISSING'],
    [{ 'access-control-allow-origin': '' }, 'ORIGIN_MISMATCH'],
    [{ 'access-control-allow-origin': 'https://shell.example.evil.example' }, 'ORIGIN_MISMATCH'],
    [{ 'access-control-allow-origin': 'HTTPS://shell.example' }, 'ORIGIN_MISMATCH'],
    [{ 'access-control-allow-origin': `${origin}, ${origin}` }, 'ORIGIN_MULTIPLE'],
    [{ 'access-control-allow-origin': '*, *' }, 'ORIGIN_MULTIPLE'],
    [{ 'access-control-allow-origin': '*' }, undefined],
    [{ 'access-control-allow-origin': origin }, undefined],
  ])('says of %j: %s', (headers, cause) => {
    expect(checkOrigin(asked, get(headers))?.cause).toBe(cause);
  });

  it.each([
    [{ 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' }, 'WILDCARD_WITH_CREDENTIALS'],
    [{ 'access-control-allow-origin': origin }, 'CREDENTIALS_NOT_ALLOWED'],
    [{ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'TRUE' }, 'CREDENTIALS_NOT_ALLOWED'],
    [{ 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' }, undefined],
  ])('says with credentials of %j: %s', (headers, cause) => {
    expect(checkOrigin({ ...asked, withCredentials: true }, get(headers))?.cause).toBe(cause);
  });

  it('tells an origin that was lost from one that a page never had', () => {
    const headers = get({ 'access-control-allow-origin': origin });
    expect(checkOrigin({ origin: 'null', isLost: true, withCredentials: false }, headers)?.cause).toBe(
      'REDIRECT_LOST_ORIGIN',
    );
    expect(checkOrigin({ origin: 'null', isLost: false, withCredentials: false }, headers)?.cause).toBe('NULL_ORIGIN');
  });
});

describe('the check of a preflight', () => {
  it('lets no star cover Authorization where the standard is asked, as engines do', () => {
    const wanted = { method: 'GET', unsafe: ['authorization'], withCredentials: false };
    const headers = get({ 'access-control-allow-headers': '*' });
    expect(checkPreflight(wanted, headers)).toBeUndefined();
    expect(checkPreflight(wanted, headers, true)?.cause).toBe('HEADER_NOT_ALLOWED');
  });

  it('takes a star for a name where there are credentials', () => {
    const headers = get({ 'access-control-allow-methods': '*', 'access-control-allow-headers': '*' });
    expect(checkPreflight({ method: '*', unsafe: ['*'], withCredentials: true }, headers)).toBeUndefined();
    expect(checkPreflight({ method: 'PUT', unsafe: [], withCredentials: true }, headers)?.cause).toBe(
      'METHOD_NOT_ALLOWED',
    );
  });
});

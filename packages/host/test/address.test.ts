import { describe, expect, it } from 'vitest';
import { ownOrigins } from '../src/address.ts';

/** As much of a page as is looked at. */
const page = (origin: string, location: string, ancestors?: readonly string[]): Parameters<typeof ownOrigins>[0] =>
  ({ origin, location: { origin: location, ancestorOrigins: ancestors } }) as unknown as Window;

describe('the origins of a host page', () => {
  it.each([
    ['an ordinary page', page('https://host.example', 'https://host.example'), ['https://host.example']],
    ['about:srcdoc and about:blank, which inherit', page('https://host.example', 'null'), ['https://host.example']],
    ['a sandboxed page at an address', page('null', 'https://host.example', []), ['https://host.example']],
    ['a sandboxed srcdoc', page('null', 'null', ['https://host.example']), ['null', 'https://host.example']],
    ['the same, where the browser does not say who is around it', page('null', 'null'), ['null']],
  ])('of %s', (_, self, origins) => {
    expect(ownOrigins(self)).toEqual(origins);
  });
});

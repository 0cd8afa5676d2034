import { MuntinError, type Origin, parseOrigin } from '@muntin/core';
import { describe, expect, it } from 'vitest';
import { findHosts } from '../src/embedder.ts';

const allowed: readonly Origin[] = ['https://shell.example', 'https://other.example'].map((host) => parseOrigin(host));

/** As much of a window as is looked at: in a frame, with these ancestors. */
function framed(ancestorOrigins: readonly string[] | undefined): Window {
  return { parent: {}, location: { origin: 'https://guest.example', ancestorOrigins } } as unknown as Window;
}

function failure(window: Window, hosts: readonly Origin[] = allowed): MuntinError<string> {
  try {
    findHosts(window, hosts);
  } catch (error) {
    if (error instanceof MuntinError) return error;
  }
  throw new Error('it was found');
}

describe('a guest that looks for its host', () => {
  it('finds none when it is not in a frame', () => {
    const window = { location: { ancestorOrigins: [] } } as unknown as Window & { parent: unknown };
    window.parent = window;
    expect(failure(window).code).toBe('NOT_EMBEDDED');
  });

  it.each([
    ['the embedder, where the browser tells it', ['https://shell.example'], ['https://shell.example']],
    [
      'the embedder and not those above it',
      ['https://other.example', 'https://shell.example'],
      ['https://other.example'],
    ],
    ['each that is allowed, where the browser does not tell it', undefined, allowed],
    ['each that is allowed, where the browser hides it', ['null'], allowed],
    ['each that is allowed, where the list is empty', [], allowed],
  ])('says hello to %s', (_, ancestors, hosts) => {
    expect(findHosts(framed(ancestors), allowed)).toEqual(hosts);
  });

  it.each([
    'https://evil.example',
    'https://shell.example.evil.example',
    'https://evil-shell.example',
    'https://shell.example:8443',
    'http://shell.example',
    'https://shell.example/',
    'https://SHELL.example',
    '',
  ])('says it to nobody when %j embeds it, even if an allowed page is further up', (embedder) => {
    const error = failure(framed([embedder, 'https://shell.example']));
    expect(error.code).toBe('HOST_NOT_ALLOWED');
    for (const named of [
      JSON.stringify(embedder),
      '"https://guest.example"',
      ...allowed.map((host) => JSON.stringify(host)),
    ])
      expect(error.message).toContain(named);
  });
});

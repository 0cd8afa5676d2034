// @vitest-environment jsdom
import { contract, mutation } from '@muntin/core';
import { describe, expect, it } from 'vitest';
import { describeWrongOptions } from '../../../core/test/fixtures/wrong-options.ts';
import { jail } from '../../src/jail/jail.ts';

const tags = contract({ name: 'test/tags', version: '1.0.0', guest: { push: mutation<string, void>() } });

const options = () => ({
  src: 'https://tags.example/tag.js',
  runtime: 'https://shell.example/runtime.js',
  reach: ['https://cdn.example'],
  into: document.body,
  title: 'A tag',
  policy: {},
  limits: {},
  allowInsecure: false,
});

describeWrongOptions([{ name: 'jail', options, give: (given) => jail(tags, given).unmount() }]);

describe('jail', () => {
  it.each([
    [{ src: 'https://' }, 'src is "https://": give the https address of a script'],
    [{ src: 'http://tags.example/tag.js' }, 'src is "http://tags.example/tag.js": give the https address of a script'],
    [{ src: 'data:text/javascript,1' }, 'src is "data:text/javascript,1": give'],
    [{ src: undefined }, 'src is undefined: give'],
    [{ src: 'https://user@tags.example/tag.js' }, 'without user-info'],
    [{ runtime: 'blob:https://shell.example/1' }, 'runtime is "blob:https://shell.example/1": give'],
    [{ runtime: 'http://shell.example/' }, 'runtime is "http://shell.example/": give the https address of a script'],
    [{ reach: 'https://cdn.example' }, 'reach is "https://cdn.example": give exact origins'],
    [{ reach: ['https://*.example'] }, 'reach has "https://*.example": give exact origins'],
    [{ reach: ['https://cdn.example/'] }, 'reach has "https://cdn.example/": give exact origins'],
    [{ reach: ["https://a.example; script-src 'unsafe-inline'"] }, 'reach has'],
    [{ reach: ['*'] }, 'reach has "*": give'],
    [{ reach: ['null'] }, 'reach has "null": give'],
    [{ reach: [5] }, 'reach has 5: give'],
    [{ srcdoc: '<p>' }, 'jail has no option "srcdoc"'],
    [{ opaque: false }, 'jail has no option "opaque"'],
    [{ policy: { sandbox: ['allow-same-origin'] } }, 'policy.sandbox has "allow-same-origin"'],
  ])('refuses %o, and says what to give', (given, message) => {
    const act = (): unknown => jail(tags, { ...options(), ...given } as never);
    expect(act).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) as unknown }),
    );
    expect(document.querySelector('iframe')).toBe(null);
  });

  it('writes a policy of exact origins into the frame, from addresses that are escaped', () => {
    const tag = jail(tags, { ...options(), src: 'https://tags.example/a;b,c?x=%22&y="><script>' });
    const page = new DOMParser().parseFromString(tag.frame.srcdoc, 'text/html');
    const policy = page.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '';
    expect(policy).toContain('script-src https://shell.example https://tags.example https://cdn.example;');
    expect(policy).toContain('connect-src https://tags.example https://cdn.example;');
    expect(Array.from(page.scripts, ({ src }) => src)).toEqual([
      'https://shell.example/runtime.js',
      'https://tags.example/a;b,c?x=%22&y=%22%3E%3Cscript%3E',
    ]);
    expect(tag.frame.getAttribute('sandbox')).toBe('allow-scripts');
    void tag.unmount();
  });
});

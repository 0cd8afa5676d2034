import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../src/policy/policy.ts';

describe('a policy', () => {
  it('is closed unless it is opened', () => {
    expect(readPolicy()).toEqual({ sandbox: 'allow-scripts allow-same-origin', allow: '', credentialless: false });
    expect(readPolicy({})).toEqual(readPolicy());
  });

  it('adds what is allowed, each once', () => {
    expect(
      readPolicy({
        sandbox: ['allow-forms', 'allow-scripts', 'allow-forms'],
        allow: ['fullscreen', 'clipboard-write'],
      }),
    ).toEqual({
      sandbox: 'allow-scripts allow-same-origin allow-forms',
      allow: 'fullscreen; clipboard-write',
      credentialless: false,
    });
  });

  it.each([
    [true, true, true],
    ['if-supported', true, true],
    ['if-supported', false, false],
    [false, true, false],
    [undefined, true, false],
  ] as const)('with credentialless %j, where the browser has it: %j, makes the frame so: %j', (wanted, knows, made) => {
    const policy = wanted === undefined ? {} : { credentialless: wanted };
    expect(readPolicy(policy, false, knows).credentialless).toBe(made);
  });

  it.each<unknown>(['yes', '', 1, null, 'true'])('refuses credentialless: %j', (value) => {
    expect(() => readPolicy({ credentialless: value as 'if-supported' }, false, true)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('policy.credentialless is') }),
    );
  });

  it('refuses credentialless: true in a browser that does not know it, and says what else there is', () => {
    expect(() => readPolicy({ credentialless: true })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('"if-supported"') }),
    );
  });

  it.each([
    'allow-top-navigation',
    'allow-popups-to-escape-sandbox',
    'allow-top-navigation-to-custom-protocols',
    'Allow-Top-Navigation',
    'ALLOW-FORMS',
    'allow-forms allow-top-navigation',
    'allow-forms\tallow-top-navigation',
    'allow-forms\n',
    ' allow-forms',
    '',
    'allow_forms',
    'allow-förms',
    `allow-${'x'.repeat(100)}`,
    5,
    null,
    undefined,
    ['allow-top-navigation'],
  ])('refuses the sandbox token %j, naming it', (token) => {
    expect(() => readPolicy({ sandbox: [token as string] })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('policy.sandbox') }),
    );
  });

  it.each([
    'camera *',
    'camera; microphone',
    "camera 'src'",
    'Camera',
    '',
    '*',
    'camera\n',
    'https://evil.example',
    5,
    ['camera *'],
  ])('refuses the feature %j, which would open more than its name', (feature) => {
    expect(() => readPolicy({ allow: [feature as string] })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('policy.allow') }),
    );
  });

  it.each(['constructor', 'valueof'])('knows no refused token by an inherited name: %s', (name) => {
    expect(readPolicy({ sandbox: [name] })).toMatchObject({
      sandbox: `allow-scripts allow-same-origin ${name}`,
      allow: '',
    });
  });

  it('leaves an opaque guest without an origin, and refuses to give it one', () => {
    expect(readPolicy({ sandbox: ['allow-forms'] }, true)).toMatchObject({ sandbox: 'allow-scripts allow-forms' });
    expect(() => readPolicy({ sandbox: ['allow-same-origin'] }, true)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('opaque') }),
    );
  });
});

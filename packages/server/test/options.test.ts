import { describe, expect, it } from 'vitest';
import { cors, diagnoseCors, headers, honoCors, nodeCors } from '../src/index.ts';

const origins = ['https://shell.example'];

/** What a typo in JavaScript brings about: the types stop the others. */
const untyped = (options: object): never => options as never;

describe('an option that does not exist, or is no list', () => {
  it.each<[string, () => unknown, string]>([
    ['cors', () => cors(untyped({ origins, method: ['PUT'] })), 'cors has no option "method": did you mean "methods"?'],
    ['cors', () => cors(untyped({ origins, maxAge: 5 })), 'did you mean "maxAgeSeconds"?'],
    ['headers', () => headers(untyped({ hosts: origins, isolate: true })), 'did you mean "isolated"?'],
    ['cors', () => cors(untyped({ origins, methods: 'PUT' })), 'methods is or has "PUT": give a list'],
    ['cors', () => cors(untyped({ origins, headers: 'X-A' })), 'headers is or has "X-A": give a list'],
    ['cors', () => cors(untyped({ origins, exposeHeaders: null })), 'exposeHeaders is or has null: give a list'],
    ['nodeCors', () => nodeCors(untyped({ origins })), 'give what cors() returned, as in nodeCors(cors({ origins }))'],
    ['honoCors', () => honoCors(untyped({ origins })), 'give what cors() returned, as in honoCors(cors({ origins }))'],
    [
      'headers',
      () => headers(untyped({ hosts: origins, csp: { connect: origins[0] } })),
      'csp.connect is or has "https:',
    ],
    [
      'headers',
      () => headers(untyped({ hosts: origins, permissions: null })),
      'permissions is or has null: give a list',
    ],
    ['headers', () => headers(untyped({ hosts: origins, permissions: ['camera'] })), 'permissions is or has "camera"'],
    ['headers', () => headers(untyped({ role: 'hsot', guests: origins })), 'role is "hsot"'],
  ])('of %s is refused by name, with the one that was meant', (_name, run, message) => {
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it.each([
    [{ timeoutMs: 0 }, 'timeoutMs is or has 0: give milliseconds from 1'],
    [{ timeoutMs: Number.NaN }, 'give milliseconds from 1'],
    [{ headers: 'x' }, 'headers is or has "x": give an object'],
    [{ headers: ['x'] }, 'headers is or has "x": give an object'],
    [{ headers: null }, 'headers is or has null: give an object'],
  ])('or that has no meaning: %j of diagnoseCors', async (options, message) => {
    const asked = diagnoseCors(untyped({ url: 'http://127.0.0.1:1/', origin: origins[0], ...options }));
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toHaveProperty('code', 'INVALID_OPTION');
  });

  it('of diagnoseCors, too, before anything is sent', async () => {
    const asked = diagnoseCors(untyped({ url: 'http://127.0.0.1:1/', origin: origins[0], credential: 'include' }));
    await expect(asked).rejects.toThrow('diagnoseCors has no option "credential": did you mean "credentials"?');
  });
});

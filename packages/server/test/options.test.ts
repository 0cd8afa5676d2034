import { describe, expect, it } from 'vitest';
import { cors, diagnoseCors, headers } from '../src/index.ts';

const origins = ['https://shell.example'];

/** What a typo in JavaScript brings about: the types stop the others. */
const untyped = (options: object): never => options as never;

describe('an option that does not exist', () => {
  it.each<[string, () => unknown, string]>([
    ['cors', () => cors(untyped({ origins, method: ['PUT'] })), 'cors has no option "method": did you mean "methods"?'],
    ['cors', () => cors(untyped({ origins, maxAge: 5 })), 'did you mean "maxAgeSeconds"?'],
    ['headers', () => headers(untyped({ hosts: origins, isolate: true })), 'did you mean "isolated"?'],
    ['headers', () => headers(untyped({ role: 'hsot', guests: origins })), 'role is "hsot"'],
  ])('of %s is refused by name, with the one that was meant', (_name, run, message) => {
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('of diagnoseCors, too, before anything is sent', async () => {
    const asked = diagnoseCors(untyped({ url: 'http://127.0.0.1:1/', origin: origins[0], credential: 'include' }));
    await expect(asked).rejects.toThrow('diagnoseCors has no option "credential": did you mean "credentials"?');
  });
});

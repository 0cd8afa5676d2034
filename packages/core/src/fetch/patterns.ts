import { inspect, invalidOption } from '../errors.ts';
import type { Grant } from './grants.ts';
import type { PathTest } from './judge.ts';

/** What of URLPattern is used. */
interface Pattern {
  test(input: { readonly pathname: string }): boolean;
}

type PatternClass = new (init: { readonly pathname: string }) => Pattern;

/** The engine's URLPattern; a polyfill, loaded only here, in those that have none (Firefox before 142, Safari before 26). */
async function loadPatternClass(): Promise<PatternClass> {
  const native: unknown = Reflect.get(globalThis, 'URLPattern');
  if (typeof native === 'function') return native as PatternClass; // as the standard has it
  return (await import('urlpattern-polyfill/urlpattern')).URLPattern;
}

/** Makes the test of the paths of all grants. Rejects with `INVALID_OPTION` for what is no pattern. */
export async function loadPathTest(grants: readonly Grant[]): Promise<PathTest> {
  const Class = await loadPatternClass();
  const patterns = new Map(grants.map((grant) => [grant, grant.paths.map((path) => compile(Class, path))] as const));
  return (grant, pathname) => patterns.get(grant)?.some((pattern) => pattern.test({ pathname })) ?? false;
}

function compile(Class: PatternClass, pathname: string): Pattern {
  try {
    return new Class({ pathname });
  } catch {
    throw invalidOption(`paths has ${inspect(pathname)}: give a pathname pattern such as "/v1/*"`);
  }
}

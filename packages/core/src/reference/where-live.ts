import { Uncodable } from '../codec/uncodable.ts';
import { lift, refusedAt } from './lift.ts';

/** Where in a value the first thing is that is live, or bound to its page, for whoever develops: production builds leave this out. */
export function whereLive(root: unknown, name: string): string {
  try {
    const replace = (live: object, _kind: number, at: Parameters<typeof refusedAt>[0]): never => {
      throw refusedAt(at, live, '');
    };
    lift(root, { codec: undefined, replace, transfer: new Set(), copies: new Map() });
  } catch (found) {
    if (found instanceof Uncodable) return `${name}${found.path} (${found.kind})`;
  }
  return name;
}

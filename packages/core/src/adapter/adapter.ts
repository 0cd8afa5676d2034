import type { Procedure, Procedures } from '../contract/types.ts';
import type { MuntinError } from '../errors.ts';
import { lookUp } from '../rpc/served.ts';

/**
 * For bindings to a framework: handlers that run those that `read` returns at the time of the call, with the object that they belong to. So a
 * component can give other closures with every render, and needs no new session. Handlers that are missing at first stay so. What a plain object
 * has beside its handlers stays in them, so that a misspelt one is named. Without procedures, as of what is no contract, that is all: who mounts
 * says what is wrong.
 */
export function delegate(procedures: Procedures | undefined, read: () => unknown): Record<string, unknown> {
  const group = read();
  const made: [string, unknown][] = isRecord(group) ? Object.entries(group) : [];
  for (const [name, entry] of Object.entries(procedures ?? {})) {
    const find = (): unknown => lookUp(read(), name); // as a mount finds them
    if (!isProcedure(entry)) made.push([name, delegate(entry, find)]);
    else if (isFunction(find()))
      made.push([
        name,
        (...args: unknown[]): unknown => {
          const handler = find();
          if (!isFunction(handler)) throw new TypeError(`handlers.${name} is not there any more`);
          return Reflect.apply(handler, read(), args);
        },
      ]);
  }
  return Object.fromEntries(made);
}

/**
 * For bindings to a framework: what `setContext` is to be given when a context is replaced by another one. What has another value than before, and
 * `undefined` for what is not there any more; nothing where all is the same.
 */
export function changeOf<T>(before: unknown, now: T): Partial<T> | undefined {
  if (before === now) return undefined;
  const former: Readonly<Record<string, unknown>> = { ...Object(before) };
  const gone = Object.keys(former).map((key): [string, unknown] => [key, undefined]);
  const all = { ...Object.fromEntries(gone), ...now };
  const changed = Object.entries(all).filter(([key, value]) => !Object.is(former[key], value));
  return changed.length === 0 ? undefined : (Object.fromEntries(changed) as Partial<T>); // some of its own entries
}

/** What {@link failureText} returns: three short texts, in English. */
export interface FailureText {
  /** What has happened. */
  readonly text: string;
  /** What may help. */
  readonly remedy: string;
  /** The name of the button that tries again. */
  readonly retry: string;
}

/**
 * What a person reads where a guest has failed, unless the page says it in its own words. `title` is that of the frame; of `error`, where there is
 * one, the code is named.
 */
export function failureText(title: string, error?: Pick<MuntinError, 'code'>): FailureText {
  const whom = error === undefined ? '' : ` If that does not help, tell the people who run this page: ${error.code}.`;
  return {
    text: `${title} could not be loaded.`,
    remedy: `Check your connection and try again.${whom}`,
    retry: 'Try again',
  };
}

function isProcedure(entry: Procedure | Procedures): entry is Procedure {
  return typeof entry.kind === 'string';
}

function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

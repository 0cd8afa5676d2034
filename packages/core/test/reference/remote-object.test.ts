import { describe, expect, it, vi } from 'vitest';
import type { Referent } from '../../src/reference/mark.ts';
import { createReference } from '../../src/reference/remote.ts';
import { createRemoteObject } from '../../src/reference/remote-object.ts';

const referent: Referent = { methods: ['up', 'then', 'down', 'toJSON'], call: (method, args) => [method, ...args] };
const open = (): object => createRemoteObject(referent, () => undefined);

/** All that a program can find out about an object. */
const looks: readonly (readonly [string, (object: object) => unknown])[] = [
  ['its keys', (object) => Object.keys(object)],
  ['all its keys', (object) => Reflect.ownKeys(object)],
  ['its prototype', (object) => Object.getPrototypeOf(object) as unknown],
  ['whether it is frozen', (object) => Object.isFrozen(object)],
  ['whether it can be extended', (object) => Object.isExtensible(object)],
  ['a method', (object) => typeof Reflect.get(object, 'up')],
  ['what is awaited', (object) => Reflect.get(object, 'then') as unknown],
  ['what is inherited elsewhere', (object) => Reflect.get(object, 'constructor') as unknown],
  ['a name that it has', (object) => 'down' in object],
  ['a name that it has not', (object) => 'left' in object],
  ['a property as such', (object) => ({ ...Object.getOwnPropertyDescriptor(object, 'up'), value: undefined })],
  ['what becomes of a value that is set', (object) => Reflect.set(object, 'up', 1)],
  ['what becomes of one that is defined', (object) => Reflect.defineProperty(object, 'left', { value: 1 })],
  ['what becomes of one that is deleted', (object) => Reflect.deleteProperty(object, 'up')],
  ['what becomes of one that is deleted, and was not there', (object) => Reflect.deleteProperty(object, 'left')],
  ['another prototype', (object) => Reflect.setPrototypeOf(object, {})],
  ['a text of it', (object) => Object.prototype.toString.call(object)],
  ['a copy', (object) => Object.keys({ ...object })],
];

describe('an object of the other side', () => {
  it.each(looks)('is what any reference is: %s', (_what, look) => {
    expect(look(open())).toEqual(look(createReference(referent)));
  });

  it('keeps its methods', async () => {
    const remote = open() as { readonly up: (by: number) => Promise<unknown> };
    expect(remote.up).toBe(remote.up);
    expect(await remote.up(2)).toEqual(['up', 2]);
  });

  it('has none made before somebody looks', () => {
    const define = vi.spyOn(Object, 'defineProperty');
    const remote = open();
    expect(define).not.toHaveBeenCalled();
    Object.keys(remote);
    expect(define.mock.calls.map(([, name]) => name)).toContain('up');
    define.mockRestore();
  });
});

import type { Referent } from './mark.ts';
import { finish, register } from './remote.ts';

/**
 * An object of the other side, with its methods. They are made when somebody first looks at it: a message of a few kilobytes can bring a
 * thousand objects that share a list of names. Whoever looks finds the same as of any other reference.
 */
export function createRemoteObject(referent: Referent, onRelease: () => void): object {
  const target = Object.create(null) as object;
  const looks = new Looks(referent);
  const reference: object = new Proxy(target, looks);
  looks.reference = reference;
  return register(reference, referent, onRelease);
}

/** Makes what the target is to have before it is looked at. */
class Looks implements ProxyHandler<object> {
  #referent: Referent | undefined;
  reference: object = this;

  constructor(referent: Referent) {
    this.#referent = referent;
  }

  #finish(target: object): object {
    const referent = this.#referent;
    this.#referent = undefined;
    if (referent !== undefined) finish(target, referent, this.reference);
    return target;
  }

  get(target: object, key: PropertyKey): unknown {
    return Reflect.get(this.#finish(target), key);
  }

  has(target: object, key: PropertyKey): boolean {
    return Reflect.has(this.#finish(target), key);
  }

  ownKeys(target: object): (string | symbol)[] {
    return Reflect.ownKeys(this.#finish(target));
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.#finish(target), key);
  }

  isExtensible(target: object): boolean {
    return Reflect.isExtensible(this.#finish(target));
  }

  preventExtensions(target: object): boolean {
    return Reflect.preventExtensions(this.#finish(target));
  }

  setPrototypeOf(target: object, prototype: object | null): boolean {
    return Reflect.setPrototypeOf(this.#finish(target), prototype);
  }

  set(): boolean {
    return false; // it is frozen
  }

  defineProperty(): boolean {
    return false;
  }

  deleteProperty(target: object, key: PropertyKey): boolean {
    return Reflect.deleteProperty(this.#finish(target), key);
  }
}

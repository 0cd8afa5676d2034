const known = new WeakMap<object, boolean>();

/** Whether the platform made the class of a prototype, that of another page of this browser included: its code is not shown. */
export function isOfPlatform(prototype: object): boolean {
  let isNative = known.get(prototype);
  if (isNative === undefined) {
    const type: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    isNative =
      typeof type === 'function' &&
      type.prototype === prototype &&
      /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(type));
    known.set(prototype, isNative);
  }
  return isNative;
}

/** Whether a class of the platform is among those that a prototype extends, or is that of one; `Object`, which all do, is not meant. */
export function extendsPlatform(prototype: object): boolean {
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null)
    if (Object.getPrototypeOf(at) !== null && isOfPlatform(at)) return true;
  return false;
}

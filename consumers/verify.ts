/** Whether a type is `any`, which fits everything and so passes every other check. */
export type IsAny<T> = 0 extends 1 & T ? true : false;

/** Whether two types are the same, `any` included. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The members that are `any`, or functions that take or return it. */
export type NamesOfAny<T> = { [Name in keyof T]-?: HasAny<T[Name]> extends true ? Name : never }[keyof T];

type HasAny<T> =
  IsAny<T> extends true
    ? true
    : T extends (...args: infer Args) => infer Result
      ? true extends IsAny<Result> | IsAny<Args[number]>
        ? true
        : false
      : T extends PromiseLike<infer Value>
        ? IsAny<Value>
        : false;

/** Does not compile where the type is not the one that is said. */
export function verify<T extends boolean>(is: T): void {
  void is;
}

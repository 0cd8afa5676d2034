// `using` needs symbols that not every browser has; polyfills and compilers agree on what stands in for them.

/** What `using` calls. */
export const dispose: symbol = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** What `await using` calls. */
export const asyncDispose: symbol = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/**
 * What can be held with `using`. It is `Disposable`, spelled so that it also compiles where the compiler's `lib` does not have that
 * (`ESNext.Disposable`): there it asks for nothing.
 */
export type DisposableIfKnown = SymbolConstructor extends { readonly dispose: infer Key extends symbol }
  ? { readonly [Name in Key]: () => void }
  : Readonly<Record<never, never>>;

/** What can be held with `await using`; as {@link DisposableIfKnown}. */
export type AsyncDisposableIfKnown = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? { readonly [Name in Key]: () => PromiseLike<void> }
  : Readonly<Record<never, never>>;

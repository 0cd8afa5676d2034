import { useEffect, useRef, useState } from 'react';

/** What an effect has left behind in this turn. */
interface Left<T> {
  readonly made: T;
  readonly deps: readonly unknown[];
  isTaken: boolean;
}

/**
 * What `make` makes, for as long as the component is there and `deps` are the same; `make` may be missing while there is nothing to make it of. React runs effects
 * twice in StrictMode, and anew after Fast Refresh: who comes back within the turn finds what was left, and a session is not ended for that.
 */
export function useKept<T extends object>(
  make: (() => T) | undefined,
  end: (made: T) => void,
  deps: readonly unknown[],
): T | undefined {
  const [kept, setKept] = useState<T>();
  const left = useRef<Left<T> | undefined>(undefined);
  useEffect(() => {
    if (make === undefined) return;
    const former = left.current;
    const isSame = former !== undefined && former.deps.every((dep, index) => Object.is(dep, deps[index]));
    if (isSame) former.isTaken = true;
    left.current = undefined;
    const made = isSame ? former.made : make();
    setKept(made);
    return () => {
      const leaving: Left<T> = { made, deps, isTaken: false };
      left.current = leaving;
      queueMicrotask(() => {
        if (leaving.isTaken) return;
        if (left.current === leaving) left.current = undefined;
        setKept((now) => (now === made ? undefined : now));
        end(made);
      });
    };
  }, deps);
  return kept;
}

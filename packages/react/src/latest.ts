import { type RefObject, useInsertionEffect, useRef } from 'react';

/** A box with the value of the latest render that was committed. */
export function useLatest<T>(value: T): Readonly<RefObject<T>> {
  const box = useRef(value);
  useInsertionEffect(() => {
    box.current = value;
  });
  return box;
}

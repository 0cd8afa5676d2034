/** A stream that asks an iterator for each value. */
export function pullFrom<T>(stream: AsyncIterable<T>): ReadableStream<T> {
  // Made when it is first read: a message can bring a thousand that nobody reads.
  let iterator: AsyncIterator<T> | undefined;
  const read = (): AsyncIterator<T> => (iterator ??= stream[Symbol.asyncIterator]());
  return new ReadableStream<T>(
    {
      pull: async (controller) => {
        const { done, value } = await read().next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await read().return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

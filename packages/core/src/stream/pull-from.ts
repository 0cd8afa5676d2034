/** A stream that asks an iterator for each value. `onCancel`: also where nothing of it was read. */
export function pullFrom<T>(stream: AsyncIterable<T>, onCancel: () => void = () => undefined): ReadableStream<T> {
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
        await iterator?.return?.();
        onCancel();
      },
    },
    { highWaterMark: 0 },
  );
}

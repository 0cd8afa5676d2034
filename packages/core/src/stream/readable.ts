import { pullFrom } from './pull-from.ts';

// In a file of its own: what unpacks values uses the other, and is loaded later.

/**
 * A remote stream as a ReadableStream: it pulls, and so holds the producer back. Also for browsers that cannot transfer streams.
 */
export function toReadableStream<T>(stream: AsyncIterable<T>): ReadableStream<T> {
  return pullFrom(stream);
}

import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { contract, type MuntinError, observable, type StreamOptions } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';

// The pictures in docs/guide/streams.md: five values at once, a window of one, a consumer that takes its time.
describe('five values at once, for a slow consumer with a window of one', () => {
  it.each<[string, StreamOptions, string]>([
    ['by default', {}, 'abcde|'],
    ['buffer: 4', { buffer: 4 }, 'abcde|'],
    ['buffer: 3', { buffer: 3 }, 'abcd#STREAM_OVERFLOW'],
    ['buffer: 1', { overflow: 'buffer', buffer: 1 }, 'ab#STREAM_OVERFLOW'],
    ['latest', { overflow: 'latest' }, 'ae|'],
    ['latest, buffer: 2', { overflow: 'latest', buffer: 2 }, 'ade|'],
    ['drop', { overflow: 'drop' }, 'ab|'],
    ['drop, buffer: 2', { overflow: 'drop', buffer: 2 }, 'abc|'],
  ])('%s', async (_name, options, marbles) => {
    const c = contract({
      name: 'test/marbles',
      version: '1.0.0',
      guest: { letters: observable<void, string>(options) },
    });
    const { host } = openPair(c, { host: {}, guest: { letters: () => from('abcde') } });
    let seen = '';
    try {
      for await (const letter of host.client.letters(undefined, { window: 1 })) {
        seen += letter;
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
        });
      }
      seen += '|';
    } catch (error) {
      seen += `#${(error as MuntinError).code}`;
    }
    expect(seen).toBe(marbles);
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { Frame } from '../src/frame.ts';

const nothing = (): void => undefined;
const events = {
  loaded: nothing,
  giveUp: nothing,
  hangUp: nothing,
  knock: nothing,
  isWaiting: () => false,
  checkPlace: nothing,
};

describe('what is counted as left', () => {
  it.each([
    ['that listens to its embedder', 1, true],
    ['that has taken its listener away', 0, false],
  ])('a document %s: %i', async (_, count, stays) => {
    const frame = new Frame((document) => {
      const stop = document.embedder.listen(nothing);
      return stays ? nothing : stop;
    }, events);
    frame.load();
    await Promise.resolve();
    expect(frame.listeners).toBe(1);
    frame.remove();
    expect(frame.listeners).toBe(count);
  });

  it('a port whose other end nobody has closed', async () => {
    const { network } = new Frame(() => nothing, events);
    onTestFinished(() => network.close());
    const { port1, port2 } = new MessageChannel();
    const far = network.splice(port2);
    expect(network.openPorts).toBe(1);
    far.close();
    port1.close();
    await expect.poll(() => network.openPorts).toBe(0);
  });
});

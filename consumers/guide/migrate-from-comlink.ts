import { contract } from '@muntin/core';

const bare = contract({ name: 'acme/ticker', version: '1.0.0' });

declare global {
  const ticker: typeof bare;
  const frame: HTMLIFrameElement & { contentWindow: Window };
  class Db {
    find(name: string): string;
  }
  interface Numbers {
    histogram(values: Float64Array): number[];
  }
  const shell: import('@muntin/guest').Shell<typeof bare>;
}

import { contract, mutation, query, type Remote } from '@muntin/core';
import type { Mount } from '@muntin/host';

const own = contract({
  name: 'acme/desk',
  version: '1.0.0',
  guest: {
    upload: mutation<{ file: Blob; onProgress: Remote<(part: number) => void> }, void>(),
    open: query<string, Remote<Table>>(),
    search: query<{ text: string }, string[]>(),
    watch: mutation<{ until: AbortSignal }, void>(),
  },
});
const served = contract({
  name: 'acme/desk',
  version: '1.0.0',
  guest: { upload: own.guest.upload, open: own.guest.open },
});

declare global {
  class Table {
    constructor(name: string);
    add(row: string): void;
  }
  const desk: typeof served;
  const widget: Mount<typeof own>;
  const file: Blob;
  const text: string;
  const signal: AbortSignal;
  const controller: AbortController;
  function show(part: number): void;
  function store(file: Blob): AsyncIterable<number>;
}

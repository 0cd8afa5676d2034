import { contract, mutation } from '@muntin/core';
import { expose } from '@muntin/guest';
import { mount } from '@muntin/host';

export const notes = contract({
  name: 'acme/notes',
  version: '1.0.0',
  guest: { open: mutation<{ id: string }, void>() },
  host: {},
});

/** The host: reloads the widget after a failure, and lets it save before it is removed. */
export function showNotes(into: Element, report: (text: string) => void): () => Promise<void> {
  const widget = mount(notes, {
    url: 'https://notes.example/',
    into,
    title: 'Notes',
    handlers: {},
    reconnect: { retries: 5, delayMs: 1000, maxDelayMs: 30_000 },
    askServer: true,
  });
  widget.state$.subscribe(({ name, cause }) => {
    if (name === 'failed') report(`${cause?.code}: ${cause?.message}`);
  });
  return () => widget.unmount({ askMs: 2000 });
}

/** The guest: saves when its host removes it. */
export function serveNotes(open: (id: string) => void, save: () => Promise<void>): void {
  expose(notes, {
    hosts: ['https://shell.example'],
    handlers: { open: ({ id }) => open(id) },
    beforeClose: save,
  });
}

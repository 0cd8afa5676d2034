import { contract, mutation, observable, type } from '@muntin/core';

/** What host and guest offer each other. Both import it. */
export const counter = contract({
  name: '%contract%',
  version: '1.0.0',
  guest: {
    /** Adds to the count, and answers with the new one. */
    add: mutation<number, number>(),
    /** The count, now and after each change. */
    counts: observable<void, number>(),
  },
  host: {
    /** Shows a note in the host's page. */
    note: mutation<string, void>(),
  },
  context: type<{ theme: 'light' | 'dark' }>(),
});

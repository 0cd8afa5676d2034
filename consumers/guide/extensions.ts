import { event, extension, mutation } from '@muntin/core';

const known = extension('acme/toast', {
  host: { show: mutation<{ text: string; ms?: number }, void>() },
  guest: { dismissed: event<string>() },
});

declare global {
  const toast: typeof known;
  const toastGuest: (dismissed?: (text: string) => void) => ReturnType<typeof known.onGuest>;
}

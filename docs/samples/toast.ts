import { event, extension, mutation } from '@muntin/core';

/** The calls between the two sides of the extension: a small contract of its own. */
export const toast = extension('acme/toast', {
  host: { show: mutation<{ text: string; ms?: number }, void>() },
  guest: { dismissed: event<string>() },
});

/** For the `use` of a host: shows toasts in an element of its page. */
export const toastHost = (into: HTMLElement) =>
  toast.onHost(({ client }) => ({
    show: ({ text, ms = 3000 }, { peer }) => {
      const line = document.createElement('p');
      line.setAttribute('role', 'status');
      line.textContent = `${peer.origin}: ${text}`; // as text: a guest must not write HTML here
      const timer = setTimeout(() => line.remove(), Math.min(ms, 10_000));
      line.addEventListener('click', () => {
        clearTimeout(timer);
        line.remove();
        client.dismissed(text);
      });
      into.append(line);
    },
  }));

/** For the `use` of a guest: tells it when somebody dismisses a toast. */
export const toastGuest = (dismissed: (text: string) => void = () => undefined) => toast.onGuest({ dismissed });

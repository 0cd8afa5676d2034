import { element } from './element.ts';
import { followTheme } from './theme.ts';
import { mark } from './tried.ts';

// The other page of what is tried: says what it sees of what the trier has left. Nobody else can frame it.
followTheme();
document.body.classList.add('inside');
document.body.append(element('p', {}, location.origin));

/** A browser that keeps other sites' frames from storage throws. */
function stored(): string | null {
  try {
    return localStorage.getItem(mark);
  } catch {
    return null;
  }
}

addEventListener('message', ({ ports: [port] }) => {
  port?.postMessage({ storage: stored(), cookie: document.cookie });
});

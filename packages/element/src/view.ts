import type { MuntinError } from '@muntin/core';
import { failureText } from '@muntin/core/adapter';
import type { MountStateName } from '@muntin/host';

const rules = `:host { display: block }
:host([hidden]) { display: none }
.stack { display: grid; height: 100% }
.stack > * { grid-area: 1 / 1; min-width: 0 }
.guest { outline: 0 }
.guest.dim { opacity: .5; transition: opacity .2s .3s }
.guest.covered { opacity: 0 }
iframe { display: block; box-sizing: border-box; width: 100%; height: 100%; border: 0 }
[hidden] { display: none }`;

/** What an element shows in its shadow: the guest, or what stands for it while it loads and when it has failed. */
export class View {
  /** For the frame. */
  readonly guest: HTMLElement = document.createElement('div');
  readonly #stack = document.createElement('div');
  readonly #loading = document.createElement('div');
  readonly #slot = document.createElement('slot');
  readonly #retry: () => void;
  #failed: HTMLElement | undefined;

  /** `retry`: a person wants to try again. */
  constructor(root: ShadowRoot, retry: () => void) {
    this.#retry = retry;
    dress(root);
    this.#stack.className = 'stack';
    this.guest.className = 'guest';
    this.guest.setAttribute('part', 'guest');
    this.guest.tabIndex = -1;
    this.#loading.setAttribute('role', 'status');
    this.#slot.name = 'loading';
    this.#loading.append(this.#slot);
    this.#stack.append(this.guest, this.#loading);
    root.append(this.#stack);
  }

  /** `error`: why it has failed, where it has. */
  show(state: MountStateName, title: string, error?: MuntinError): void {
    const isLoading = state === 'idle' || state === 'loading' || state === 'handshaking';
    const isCovered = isLoading && this.#slot.assignedNodes().length > 0;
    this.#stack.setAttribute('aria-busy', String(isLoading || state === 'reconnecting'));
    this.guest.classList.toggle('dim', state === 'reconnecting');
    this.guest.classList.toggle('covered', isCovered);
    this.guest.hidden = error !== undefined;
    this.#loading.hidden = !isLoading;
    if (error !== undefined) this.#fail(title, error);
    else this.#recover();
  }

  #fail(title: string, error: MuntinError): void {
    this.#recover();
    // Made anew: what comes is announced, what is only shown may not be.
    const alert = document.createElement('div');
    alert.setAttribute('part', 'failed');
    alert.setAttribute('role', 'alert');
    const slot = document.createElement('slot');
    slot.name = 'failed';
    const { text, remedy, retry } = failureText(title, error);
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('part', 'retry');
    button.dataset['retry'] = '';
    button.textContent = retry;
    slot.append(paragraph(text), paragraph(remedy), button);
    slot.addEventListener('click', ({ target }) => {
      if (target instanceof Element && target.closest('[data-retry]') !== null) this.#retry();
    });
    alert.append(slot);
    this.#stack.append(alert);
    this.#failed = alert;
  }

  #recover(): void {
    const failed = this.#failed;
    if (failed === undefined) return;
    this.#failed = undefined;
    const hadFocus =
      failed.matches(':focus-within') || failed.querySelector('slot')?.assignedElements().some(isFocused);
    failed.remove();
    // The button is gone: who used it is where the guest will be, and not at the top of the page.
    if (hadFocus) this.guest.focus({ preventScroll: true });
  }
}

function isFocused(element: Element): boolean {
  return element.matches(':focus-within');
}

function paragraph(text: string): HTMLElement {
  const made = document.createElement('p');
  made.textContent = text;
  return made;
}

let sheet: CSSStyleSheet | undefined;

/** By a sheet of its own where the browser has that: a policy against inline styles does not forbid it. */
function dress(root: ShadowRoot): void {
  if ('adoptedStyleSheets' in root && 'replaceSync' in CSSStyleSheet.prototype) {
    if (sheet === undefined) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(rules);
    }
    root.adoptedStyleSheets = [sheet];
    return;
  }
  const style = document.createElement('style');
  style.textContent = rules;
  root.append(style);
}

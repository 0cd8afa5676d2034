import type { MuntinError } from '@muntin/core';
import { failureText } from '@muntin/core/adapter';
import { checkOptions, type OptionKinds } from '@muntin/core/internal';
import { type Framed, requireFrame } from '../framed.ts';
import type { MountState } from '../lifecycle.ts';

/** What {@link showStatus} says. `title` is that of the frame. */
export interface StatusOptions {
  /** Until the guest is there. @defaultValue `${title} is loading.` */
  readonly loading?: (title: string) => string;
  /** While a guest that was there connects again. @defaultValue `${title} is connecting again.` */
  readonly reconnecting?: (title: string) => string;
  /** When the guest has failed. @defaultValue `${title} could not be loaded.` */
  readonly failed?: (title: string, cause: MuntinError | undefined) => string;
  /** On the button that loads the guest again. @defaultValue 'Try again' */
  readonly retry?: string;
}

const kinds: OptionKinds<StatusOptions> = {
  loading: 'function',
  reconnecting: 'function',
  failed: 'function',
  retry: 'string',
};

/**
 * Says beside the frame where its guest is, for everybody: an element before it is a `status` while the guest loads or connects again, and an `alert` with a button
 * when it has failed. It has the state as `data-state`, and is empty while the guest is there. The frame is `aria-busy` and half transparent while a guest that was there
 * connects again, and `hidden` while it has failed. All texts are put in as text. Returns the element, for styles; it goes with the mount. Throws `INVALID_OPTION`.
 */
export function showStatus(widget: Framed, options: StatusOptions = {}): HTMLElement {
  requireFrame('showStatus', widget);
  checkOptions('showStatus', options, kinds);
  const { frame } = widget;
  const document = frame.ownerDocument;
  const status = document.createElement('div');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = options.retry ?? failureText('').retry;
  button.addEventListener('click', () => {
    widget.reload();
    // The button is gone: whoever has pressed it is with the guest.
    frame.focus();
  });
  const { opacity } = frame.style;
  let unhide: (() => void) | undefined;
  const show = ({ name, cause }: MountState): void => {
    const said = sayOf(name, frame.title, options, cause);
    const isFailed = name === 'failed';
    const isBusy = said !== undefined && !isFailed;
    // Not hidden where there is nothing to say: what is announced is a change of an element that is there.
    status.setAttribute('role', isFailed ? 'alert' : 'status');
    status.dataset['state'] = name;
    status.replaceChildren(...(said === undefined ? [] : [said]), ...(isFailed ? [' ', button] : []));
    frame.hidden = isFailed;
    unhide?.();
    unhide = isFailed ? hide(frame.style) : undefined;
    frame.style.opacity = name === 'reconnecting' ? '0.5' : opacity;
    if (isBusy) frame.setAttribute('aria-busy', 'true');
    else frame.removeAttribute('aria-busy');
    // The frame may have been moved.
    if (frame.parentNode !== null && status.nextSibling !== frame) frame.before(status);
  };
  show(widget.state);
  widget.state$.subscribe({ next: show, complete: () => status.remove() });
  return status;
}

/** Also where a style sheet displays frames, which `hidden` alone is too weak for. Returns what takes it back. */
function hide(style: CSSStyleDeclaration): () => void {
  const before = [style.getPropertyValue('display'), style.getPropertyPriority('display')] as const;
  style.setProperty('display', 'none', 'important');
  return () => style.setProperty('display', ...before);
}

function sayOf(
  name: MountState['name'],
  title: string,
  { loading, reconnecting, failed }: StatusOptions,
  cause: MuntinError | undefined,
): string | undefined {
  switch (name) {
    case 'idle':
    case 'loading':
    case 'handshaking':
      return loading?.(title) ?? `${title} is loading.`;
    case 'reconnecting':
      return reconnecting?.(title) ?? `${title} is connecting again.`;
    case 'failed':
      return failed?.(title, cause) ?? failureText(title, cause).text;
    case 'ready':
    case 'unresponsive':
    case 'unmounted':
      return undefined;
  }
}

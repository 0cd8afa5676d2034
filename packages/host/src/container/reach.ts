/** Whether a document in a frame can be read from here: no guest's can. */
export function canRead(frame: HTMLIFrameElement): boolean {
  try {
    return frame.contentDocument !== null;
  } catch {
    return false;
  }
}

/** Whether it can show anything: the document that it is in may itself have been in a window that was closed, or in a frame that was removed. */
export function isInPage({ isConnected, ownerDocument }: HTMLIFrameElement): boolean {
  return isConnected && ownerDocument.defaultView !== null;
}

/**
 * Loads the guest of a frame once more in its window, so that it can save what it has, and keeps what a person has allowed it. An address
 * with a fragment alone would load nothing: false, as where there is no window.
 */
export function loadInPlace({ contentWindow, baseURI }: HTMLIFrameElement, address: string): boolean {
  if (contentWindow === null || address.includes('#')) return false;
  // It is allowed across origins (HTML Standard, Location), unlike everything else.
  contentWindow.location.replace(new URL(address, baseURI).href);
  return true;
}

/** Takes a frame out of its page and puts it back, once `change` has changed it: into a window of its own, which loads its guest anew. */
export function putBack(frame: HTMLIFrameElement, into: Node | null, change?: () => void): void {
  const { parentNode, nextSibling } = frame.parentNode === null ? { parentNode: into, nextSibling: null } : frame;
  frame.remove();
  change?.();
  parentNode?.insertBefore(frame, nextSibling);
}

// Frames and ports by hand, as an application without any library would make them.

/** The host's exact origin, as its own page told the guest. Only guests ask. */
export const hostOrigin: string = new URLSearchParams(location.search).get('host') ?? '';

/** A frame in the page, on its way to `url`. */
export function createFrame(url: string, into: Element): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.src = url;
  into.append(frame);
  return frame;
}

/** A frame whose document has run its scripts. */
export function loadFrame(url: string, into: Element): Promise<HTMLIFrameElement> {
  const frame = createFrame(url, into);
  return new Promise((resolve) => {
    frame.onload = () => resolve(frame);
  });
}

/** The window of a frame that is in the page. */
export function windowOf(frame: HTMLIFrameElement): Window {
  if (frame.contentWindow === null) throw new Error('The frame is not in the page');
  return frame.contentWindow;
}

/** Guest: opens a channel to the host and keeps one end. What is posted to it waits until the host listens. */
export function offerPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  parent.postMessage('hello', hostOrigin, [port2]);
  return port1;
}

/** Host: waits for the port of the guest in `frame`. */
export function acceptPort(frame: HTMLIFrameElement): Promise<MessagePort> {
  const { origin } = new URL(frame.src);
  return new Promise((resolve) => {
    const listen = (event: MessageEvent): void => {
      const [port] = event.ports;
      if (event.source !== frame.contentWindow || event.origin !== origin || port === undefined) return;
      removeEventListener('message', listen);
      resolve(port);
    };
    addEventListener('message', listen);
  });
}

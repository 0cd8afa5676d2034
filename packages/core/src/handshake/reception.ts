import type { GuestEndpoint } from './endpoints.ts';
import { type Hello, type Here, isHello, isHere, isOurs, isTrouble, type Trouble } from './messages.ts';
import { markOf, type OriginMark } from './origin-mark.ts';

/** One hello, before it is decided what becomes of it. */
export interface Offer {
  readonly data: Hello;
  readonly port: MessagePort;
  readonly mark: OriginMark | undefined;
  /** The window that it came from. */
  readonly place: unknown;
}

/** What is said in the guest's place, its shape checked. */
export interface ReceptionEvents {
  hello(offer: Offer): void;
  here(data: Here, mark: OriginMark | undefined): void;
  trouble(data: Trouble): void;
  /** Another document has said hello. */
  stranger(origin: string): void;
  /** It looked like a hello of the guest, and is none. */
  malformed(): void;
}

/** Listens where the guest's messages arrive, and tells what is ours. Answers with how to stop. */
export function receive(endpoint: GuestEndpoint, events: ReceptionEvents): () => void {
  return endpoint.listen((event) => {
    // Synthetic events carry any field that a script of this page likes.
    const sender = event.isTrusted ? endpoint.recognise(event) : undefined;
    if (sender === undefined) return;
    const data: unknown = event.data;
    // Whatever else the guest's page says to this one, with ports or without, is not ours.
    if (!isOurs(data)) return;
    const [port] = event.ports;
    if (sender === 'guest' && isHello(data) && port !== undefined && event.ports.length === 1)
      return events.hello({ data, port: endpoint.adopt?.(port) ?? port, mark: markOf(event), place: event.source });
    for (const each of event.ports) each.close();
    const isLikeHello = data.muntin === 'hello';
    if (sender === 'stranger' && isLikeHello) events.stranger(event.origin);
    else if (sender === 'guest' && isHere(data)) events.here(data, markOf(event));
    else if (sender === 'guest' && isTrouble(data)) events.trouble(data);
    else if (isLikeHello) events.malformed();
  });
}

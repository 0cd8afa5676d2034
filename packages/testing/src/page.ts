/** A page without a browser: what hears that it comes and goes, and counts who listens. */
export class Page {
  readonly #target = new EventTarget();
  readonly #listeners = new Set<string>();
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;

  /** How many listeners are there. */
  get listeners(): number {
    return this.#listeners.size;
  }

  readonly addEventListener = (type: string, listener: EventListenerOrEventListenerObject): void => {
    this.#listeners.add(this.#keyOf(type, listener));
    this.#target.addEventListener(type, listener);
  };

  readonly removeEventListener = (type: string, listener: EventListenerOrEventListenerObject): void => {
    this.#listeners.delete(this.#keyOf(type, listener));
    this.#target.removeEventListener(type, listener);
  };

  /** It goes for good. */
  hide(): void {
    // Node has no PageTransitionEvent; `persisted` is all that is read of it.
    this.#target.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: false }));
  }

  #keyOf(type: string, listener: EventListenerOrEventListenerObject): string {
    const id = this.#ids.get(listener) ?? ++this.#lastId;
    this.#ids.set(listener, id);
    return `${type} ${id}`;
  }
}

/**
 * An event as a browser makes it: `isTrusted`, which a script cannot set, says that no script has made it up. Here there is no other
 * script, and every message comes from this module.
 */
export function messageEvent(data: unknown, origin: string, ports: readonly MessagePort[] = []): MessageEvent {
  const event = new MessageEvent('message', { data: structuredClone(data), origin });
  const facts: Readonly<Record<PropertyKey, unknown>> = { isTrusted: true, ports };
  return new Proxy(event, {
    get: (target, key) => (Object.hasOwn(facts, key) ? facts[key] : (Reflect.get(target, key, target) as unknown)),
  });
}

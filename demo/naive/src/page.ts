// A page with the mistakes of the textbook, each marked: all of them are in pages that people use. Never copy anything from this file.
import type { Stake } from '@quake-desk/contracts/stake';

interface Said {
  readonly id?: string;
  readonly call?: string;
  readonly input?: unknown;
  readonly result?: unknown;
  readonly connect?: boolean;
}

/** Embeds a widget, and talks to it by `postMessage`. Answers how to ask the widget something. */
export function openNaivePage(
  into: Element,
  widgetUrl: string,
  stake: Stake,
): (call: string, input?: unknown) => Promise<unknown> {
  const frame = document.createElement('iframe');
  const waiting: Record<string, (result: unknown) => void> = {};
  let lastId = 0;
  let say = (_message: unknown): void => undefined;
  const loaded = new Promise<void>((resolve) => {
    Object.assign(window, {
      ready: () => {
        say = (message) => frame.contentWindow?.postMessage(message, '*'); // mistake: to whoever is in the frame by now
        resolve();
      },
    });
  });
  const question = (): [id: string, answer: Promise<unknown>] => {
    const id = String(++lastId); // mistake: everybody knows the next one
    return [id, new Promise((resolve) => (waiting[id] = resolve))];
  };

  // Mistake: what the widget may call, and what only the page may, are in one place, where everything else of a window is, too.
  Object.assign(window, {
    note: (input: unknown) => {
      if (lengthOf(input) <= 80) stake.note(String(copy(input)));
    },
    wait: () => {
      stake.ran++;
    },
    pay: (amount: number) => stake.pay(amount),
    go: (url: string) => {
      location.href = url;
    },
  });

  addEventListener('message', ({ data, origin, ports }: MessageEvent<Said>) => {
    // Mistake: the beginning of an origin is not the origin. And nobody asks which window it was.
    if (!origin.startsWith(new URL(widgetUrl).origin.replace(/:\d+$/, ''))) return;
    // Mistake: whoever brings a port is welcome.
    if (data.connect) ports[0]?.postMessage({ welcome: stake.key });
    // Mistake: any answer is the answer.
    else if (data.id !== undefined && 'result' in data) waiting[data.id]?.(data.result);
    // Mistake: a name is looked up in everything there is.
    else if (data.call !== undefined) {
      const result: unknown = (window as unknown as Record<string, (input: unknown) => unknown>)[data.call]?.(
        data.input,
      );
      say({ id: data.id, result });
    }
  });

  frame.title = 'widget';
  frame.src = widgetUrl;
  into.append(frame);

  // A payment waits until the visitor's wallet says yes: its answer comes as a message, like all others.
  const [, confirmed] = question();
  void confirmed.then((answer) => answer === 'yes' && stake.pay(900));

  return async (call, input) => {
    await loaded;
    const [id, answer] = question();
    say({ id, call, input });
    return answer; // mistake: it may never come
  };
}

/** Mistake: to see that it is too much, all of it is looked at, as often as there are ways to it. */
function lengthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return String(value).length;
  return Object.values(value).reduce<number>((sum, part) => sum + lengthOf(part), 0);
}

/** Mistake: whatever the keys are, `__proto__` among them, they are assigned. */
function copy(value: unknown, target: Record<string, unknown> = {}): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const [key, part] of Object.entries(value))
    target[key] = copy(part, target[key] as Record<string, unknown> | undefined);
  return target;
}

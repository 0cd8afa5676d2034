import { listProcedures } from '../contract/list.ts';
import { isSecret } from '../contract/secret.ts';
import type { Procedure } from '../contract/types.ts';
import { reportErrors } from '../errors.ts';
import { bytesOf } from '../link/budget.ts';
import type { Tap, Tapped } from '../link/link.ts';
import * as wire from '../link/messages.ts';
import type { Endpoint } from './endpoint.ts';
import type { ProbedKind, ProbedMessage, ProbeListener } from './probe.ts';

/** What was asked for: by whom is known from the map that it is in. */
interface Asked {
  readonly path: string;
  /** Of a reference there is none. */
  readonly procedure: Procedure | undefined;
  readonly isStream: boolean;
}

type Call = Extract<wire.Message, readonly [kind: typeof wire.CALL, ...rest: unknown[]]>;
type Facts = Partial<Omit<ProbedMessage, 'kind'>> & { readonly kind: ProbedKind };

/** What was asked in one session and has no answer yet, by the id: what this side has asked, and what the peer has. */
interface Books {
  readonly sent: Map<number, Asked>;
  readonly received: Map<number, Asked>;
}

const kindsOfTheRest = {
  [wire.WELCOME]: 'welcome',
  [wire.REFUSE]: 'refuse',
  [wire.READY]: 'ready',
  [wire.RELEASE]: 'release',
  [wire.ABORT]: 'abort',
  [wire.UNREAD]: 'unread',
} as const satisfies Readonly<Record<number, ProbedKind>>;

/** Turns messages into events. Without private fields, so that it works behind a Proxy. */
export class Prober implements Tap {
  readonly listeners: Set<ProbeListener> = new Set<ProbeListener>();
  readonly endpoint: Endpoint;
  readonly books: WeakMap<Tapped, Books> = new WeakMap<Tapped, Books>();

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  /** Reads now, for what is transferred has no size when it has gone. A batch that cannot be sent comes again, in parts: it is noted when it has gone. */
  see(of: Tapped, isSent: boolean, batch: wire.Batch): () => void {
    const { sent, received } = this.booksOf(of);
    const [mine, theirs] = isSent ? [sent, received] : [received, sent];
    const begun = new Map<number, Asked>();
    const events: ProbedMessage[] = [];
    const pathAt = (index: number): string => this.pathAt(of, isSent, index);
    for (const message of batch)
      reportErrors(() => {
        if (message[0] === wire.CALL) begun.set(message[1], this.askedBy(of, isSent, message));
        const facts = factsOf(message, pathAt, (id) => begun.get(id) ?? mine.get(id), theirs);
        events.push({
          ...nothing,
          direction: isSent ? 'sent' : 'received',
          bytes: bytesOf(message, Infinity),
          ...facts,
        });
      });
    return () => {
      for (const [id, asked] of begun) mine.set(id, asked);
      for (const message of batch) {
        if (message[0] === wire.CANCEL) mine.delete(message[1]);
        if (message[0] === wire.RESULT || message[0] === wire.FAILURE) theirs.delete(message[1]);
      }
      const time = performance.now();
      for (const event of events)
        for (const listener of [...this.listeners]) reportErrors(() => listener(Object.freeze({ ...event, time })));
    };
  }

  booksOf(of: Tapped): Books {
    const books = this.books.get(of) ?? { sent: new Map<number, Asked>(), received: new Map<number, Asked>() };
    this.books.set(of, books);
    return books;
  }

  askedBy(of: Tapped, isSent: boolean, [, , index, , credit]: Call): Asked {
    const isStream = credit > 0;
    if (index >= wire.firstExport) return { path: 'a reference', procedure: undefined, isStream };
    const path = this.pathAt(of, isSent, index);
    return { path, procedure: isSent ? this.procedureAt(path) : this.endpoint.served[index]?.procedure, isStream };
  }

  /** What the receiver of a message has at an index; the empty string where it has nothing. */
  pathAt({ peerServes }: Tapped, isSent: boolean, index: number): string {
    return (isSent ? peerServes[index] : this.endpoint.served[index]?.path) ?? '';
  }

  procedureAt(path: string): Procedure | undefined {
    for (const [prefix, procedures] of this.endpoint.calls)
      for (const [name, procedure] of listProcedures(procedures)) if (prefix + name === path) return procedure;
    return undefined;
  }
}

const nothing: ProbedMessage = {
  type: 'message',
  direction: 'sent',
  kind: 'call',
  path: undefined,
  id: undefined,
  bytes: 0,
  credit: undefined,
  count: undefined,
  code: undefined,
  value: undefined,
  isSecret: false,
  time: 0,
};

/** `askedAt`: what the sender of the message has asked for; `answered`: what the other side has. */
function factsOf(
  message: wire.Message,
  pathAt: (index: number) => string,
  askedAt: (id: number) => Asked | undefined,
  answered: ReadonlyMap<number, Asked>,
): Facts {
  switch (message[0]) {
    case wire.CALL: {
      const [, id, , input, credit] = message;
      const asked = askedAt(id);
      const facts = { id, path: asked?.path, ...shown(asked, input, [asked?.procedure?.input]) };
      return asked?.isStream === true ? { kind: 'subscribe', ...facts, credit } : { kind: 'call', ...facts };
    }
    case wire.RESULT: {
      const [, id, value] = message;
      const asked = answered.get(id);
      const facts = { id, path: asked?.path };
      if (asked?.isStream === true) return { kind: 'complete', ...facts };
      return { kind: 'result', ...facts, ...shown(asked, value, [asked?.procedure?.output]) };
    }
    case wire.NEXT: {
      const [, id, values] = message;
      const asked = answered.get(id);
      const value = shown(asked, values, [asked?.procedure?.output]);
      return { kind: 'values', id, path: asked?.path, count: values.length, ...value };
    }
    case wire.FAILURE: {
      const [, id, code, text] = message;
      const asked = answered.get(id);
      const { input, output, errors = {} } = asked?.procedure ?? {};
      // Whoever wrote the message may have put any of them into it.
      const value = shown(asked, text, [input, output, ...Object.values(errors)]);
      return { kind: 'failure', id, path: asked?.path, code, ...value };
    }
    case wire.CREDIT:
      return { kind: 'credit', id: message[1], path: askedAt(message[1])?.path, credit: message[2] };
    case wire.CANCEL:
      return { kind: 'cancel', id: message[1], path: askedAt(message[1])?.path };
    case wire.GOODBYE:
      return { kind: 'goodbye', code: message[1] };
    case wire.LANE:
      return { kind: 'lane', path: message[1] };
    case wire.NOTE:
      return { kind: 'note', path: pathAt(message[1]) };
    default:
      return { kind: kindsOfTheRest[message[0]] };
  }
}

/** A value is shown where it is known that nothing says that it is secret. */
function shown(
  asked: Asked | undefined,
  value: unknown,
  schemas: readonly Procedure['input'][],
): Pick<ProbedMessage, 'value' | 'isSecret'> {
  const hasSecret = schemas.some(isSecret);
  const isShown = asked?.procedure !== undefined && !hasSecret;
  return { value: isShown ? value : undefined, isSecret: hasSecret };
}

import { reportErrors } from '../errors.ts';
import { lazyPart, loadLazyPart } from '../reference/lazy.ts';
import type { PendingCall } from './pending.ts';
import type { SendQueue } from './send-queue.ts';

/** Where calls wait for the next session, for {@link Replay}. */
interface Line {
  readonly queue: Pick<SendQueue, 'add' | 'has'>;
  /** It ends, for a reason beside that of the session. */
  readonly refuse: (call: PendingCall, why: string | undefined) => void;
  /** Sends what can go, where there is a session already. */
  readonly flush: () => void;
}

/** Decides what waits for the next session, and ends the rest. */
export type Replay = (pending: readonly PendingCall[], line: Line) => void;

/** A call that does not wait for the next session. */
interface Lost {
  readonly why?: string;
}

const lost: Lost = {};

/**
 * Decides what waits for the next session when one is over, for {@link Caller.end}: all that was not sent, and of what was, queries and
 * resumable streams whose input can be sent again; nothing that means something in that session only. `neverRan`: the peer has read
 * nothing of it.
 */
export function replayAfter(neverRan: boolean): Replay {
  const asked = new Set<PendingCall>();
  const whyLost = (call: PendingCall): Lost | undefined => {
    const { state, procedure, target, input } = call;
    const isSent = state.name === 'sent' || asked.has(call);
    call.lose(neverRan);
    if (target !== undefined) return lost;
    if (!isSent && !call.hasRun) return undefined;
    if (!neverRan && procedure.kind !== 'query' && !resumes(call)) return lost;
    if ((typeof input !== 'object' && typeof input !== 'function') || input === null) return undefined;
    // What looks into inputs is loaded with the first: the call waits, and is asked about again.
    const part = lazyPart();
    if (part === undefined && !asked.has(call)) {
      asked.add(call);
      call.waitFor(
        loadLazyPart().then(
          () => undefined,
          () => undefined,
        ),
      );
      return undefined;
    }
    const why = part === undefined ? 'its input could not be looked at' : part.whyOnlyOnce(call.input);
    return why === undefined ? undefined : { why };
  };
  return (pending, { queue, refuse, flush }) => {
    const ended: (readonly [call: PendingCall, why: string | undefined])[] = [];
    for (const call of pending) {
      const reason = whyLost(call);
      if (reason !== undefined) {
        ended.push([call, reason.why]);
        continue;
      }
      queue.add(call);
      // Its cursor is known when the last of its values is through its schema.
      void call.tail?.then(() => {
        const later = queue.has(call) ? whyLost(call) : undefined;
        if (later !== undefined) refuse(call, later.why);
        flush();
      });
    }
    for (const [call, why] of ended) refuse(call, why);
  };
}

/** Whether a stream goes on in the next session; where it has a cursor, behind the value that was delivered last. */
function resumes(call: PendingCall): boolean {
  const { resumable } = call.procedure.stream;
  if (typeof resumable !== 'function') return resumable === true;
  const { last, tail } = call;
  if (last !== undefined && tail === undefined)
    reportErrors(() => {
      call.input = resumable(call.input, last.at(-1));
      call.last = undefined;
    });
  // Not when the cursor has thrown. While values are on their way through an asynchronous schema, it is asked again later.
  return tail !== undefined || call.last === undefined;
}

import { attempt } from '../errors.ts';
import { whyOnlyOnce } from './once.ts';
import type { PendingCall } from './pending.ts';

/** What becomes of a call when its session is over: it waits for the next, or ends, for a reason beside that of the session. */
export type Fate = { readonly waits: true } | { readonly waits: false; readonly why?: string | undefined };

const waits: Fate = { waits: true };

/**
 * Decides what waits for the next session when one is over, for {@link Caller.end}: all that was not sent, and of what was, queries and
 * resumable streams whose input can be sent again; nothing that means something in that session only. `neverRan`: the peer has read
 * nothing of it.
 */
export function survival(neverRan: boolean): (call: PendingCall) => Fate {
  return (call) => {
    const { state, procedure, target } = call;
    const isSent = state.name === 'sent';
    call.lose(neverRan);
    if (target !== undefined) return { waits: false };
    if (!isSent && !call.hasRun) return waits;
    if (!neverRan && procedure.kind !== 'query' && !resumes(call)) return { waits: false };
    const why = whyOnlyOnce(call.input);
    return why === undefined ? waits : { waits: false, why };
  };
}

/** Whether a stream goes on in the next session; where it has a cursor, behind the value that was delivered last. */
function resumes(call: PendingCall): boolean {
  const { resumable } = call.procedure.stream;
  if (typeof resumable !== 'function') return resumable === true;
  const { last, tail } = call;
  if (last !== undefined && tail === undefined)
    attempt(() => {
      call.input = resumable(call.input, last.at(-1));
      call.last = undefined;
    });
  // Not when the cursor has thrown. While values are on their way through an asynchronous schema, it is asked again later.
  return tail !== undefined || call.last === undefined;
}

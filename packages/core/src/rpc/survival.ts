import { attempt } from '../errors.ts';
import type { Outgoing } from './caller.ts';

/**
 * What waits for the next session when one is over, for {@link Caller.end}: all that was not sent, and of what was, queries and resumable
 * streams; nothing that means something in that session only. `neverRan`: the peer has read nothing of it.
 */
export function survival(neverRan: boolean): (outgoing: Outgoing) => boolean {
  return (outgoing) => {
    const { id, procedure, target } = outgoing;
    if (target !== undefined) return false;
    if (id !== 0 && !neverRan && procedure.kind !== 'query' && !goesOn(outgoing)) return false;
    if (id > 0) outgoing.id = neverRan ? 0 : -1;
    return true;
  };
}

/** Whether a stream goes on in the next session; where it has a cursor, behind the value that was delivered last. */
function goesOn(outgoing: Outgoing): boolean {
  const { resumable } = outgoing.procedure.stream;
  if (typeof resumable !== 'function') return resumable === true;
  const { last, tail } = outgoing;
  if (last !== undefined && tail === undefined)
    attempt(() => {
      outgoing.input = resumable(outgoing.input, last.at(-1));
      outgoing.last = undefined;
    });
  // Not when the cursor has thrown. While values are on their way through an asynchronous schema, it is asked again later.
  return tail !== undefined || outgoing.last === undefined;
}

import type { Contract, HostPart, Procedures } from '@muntin/core';
import {
  Caller,
  checkOptions,
  contextPath,
  Lanes,
  NOTE,
  type OptionKinds,
  pairHandlers,
  pingMark,
  READY,
  type Served,
  Session,
} from '@muntin/core/internal';
import type { StandIn } from './shell.ts';

const kinds: OptionKinds<HostPart<Contract>> = { handlers: 'object', context: 'any' };

/**
 * A stand-in for the host, to develop and test a guest alone: `expose(contract, { …, standalone: standIn(contract, { handlers, context }) })`.
 * It is a host of one's own in the same page, over a real port, so that what works alone works mounted. Throws `INVALID_OPTION` for
 * handlers that do not fit the contract.
 */
export function standIn<C extends Contract<Procedures, Procedures, unknown>>(
  contract: C,
  options: HostPart<C>,
): StandIn {
  checkOptions('standIn', options, kinds);
  const { handlers, context } = options;
  const stand = [pingMark, ...pairHandlers(contract.host, handlers)];
  return (served, limits, onEnd) => {
    const { port1, port2 } = new MessageChannel();
    const peer = { origin: location.origin, session: 'standalone' };
    const peerServes = pathsOf(served);
    new Session({
      side: 'host',
      port: port1,
      peer,
      caller: new Caller('host', limits),
      lanes: new Lanes('host', limits),
      served: stand,
      limits,
      peerServes,
      peerCalls: limits.calls,
      greeting: [NOTE, peerServes.indexOf(contextPath), context],
      onReady: () => true,
      onHandlerError: () => undefined,
      onEnd: () => undefined,
    });
    return {
      port: port2,
      peer,
      peerServes: pathsOf(stand),
      peerCalls: limits.calls,
      greeting: [READY, undefined],
      onEnd,
    };
  };
}

function pathsOf(served: readonly Served[]): readonly string[] {
  return served.map(({ path }) => path);
}

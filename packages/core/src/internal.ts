// For @muntin/host and @muntin/guest only: no application imports this, and it changes without notice.

export { nanoid } from 'nanoid';
export { requirePage, requireWorker } from './browser.ts';
export { cloneOf } from './clone.ts';
export { structuredCloneName } from './codec/codec.ts';
export { notCloneableNow } from './codec/uncloneable-now.ts';
export { Connection, type ConnectionOptions } from './connection.ts';
export { contextPath } from './context/context.ts';
export { checkIsContract } from './contract/check.ts';
export { compareContracts } from './contract/compare.ts';
export { isProcedure } from './contract/define.ts';
export { listProcedures } from './contract/list.ts';
export { isSchema } from './contract/schema.ts';
export type { Served } from './contract/types.ts';
export { validate } from './contract/validate.ts';
export { Deferred } from './deferred.ts';
export { asyncDispose, dispose } from './disposal.ts';
export { inspect, invalidOption, messageOf } from './errors.ts';
export { Endpoint } from './extension/endpoint.ts';
export { markOf } from './extension/mark.ts';
export { isRedirect } from './fetch/redirect.ts';
export { type Listened, onFreeze } from './freeze.ts';
export { type AcceptEvents, type AcceptOptions, Acceptor, type Observed } from './handshake/accept.ts';
export { type Clock, pageClock } from './handshake/clock.ts';
export { Connector, type ConnectorEvents, type ConnectorOptions } from './handshake/connect.ts';
export {
  type GuestEndpoint,
  type HostEndpoint,
  WorkerEndpoint,
  windowEndpoint,
  windowHost,
  workerHost,
} from './handshake/endpoints.ts';
export type { Hello, Welcome } from './handshake/messages.ts';
export { findNearest, pageOf } from './hints.ts';
export { Scales } from './link/budget.ts';
export { readLimits } from './link/limits.ts';
export { LANE, NOTE, READY, WELCOME } from './link/messages.ts';
export { type CspKind, canBeSource, cspSchemes, originOfSource } from './manifest/csp.ts';
export { wrongTimeout, wrongWord } from './option-values.ts';
export { checkOptions, type OptionKinds } from './options.ts';
export { isAcceptable, originOf } from './origin.ts';
export { ping, pingMark } from './ping/ping.ts';
export { mayContainReference } from './reference/detect.ts';
export { importAgain } from './reference/import-again.ts';
export { type LaneHolder, Lanes } from './reference/lanes.ts';
export { whereLive } from './reference/where-live.ts';
export { Admission } from './rpc/admission.ts';
export { beforeClose, serveBeforeClose } from './rpc/before-close.ts';
export { Caller } from './rpc/caller.ts';
export { createClient } from './rpc/client.ts';
export { assertWithinBudget } from './rpc/failures.ts';
export { replayAfter } from './rpc/replay.ts';
export { lookUp, pairHandlers } from './rpc/served.ts';
export { Session, type SessionOptions } from './session.ts';
export { Steps } from './steps.ts';
export { isPromiseLike } from './stream/kinds.ts';
export { Latest } from './stream/latest.ts';

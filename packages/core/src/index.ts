export type { Codec } from './codec/codec.ts';
export { isErrorOf } from './contract/declared.ts';
export {
  type ContractOptions,
  contract,
  event,
  type FactsOnly,
  mutation,
  optional,
  type ProcedureFacts,
  type ProcedureOptions,
  query,
  type,
} from './contract/define.ts';
export { observable } from './contract/observable.ts';
export { secret } from './contract/secret.ts';
export type {
  CallOptions,
  Client,
  ClientFunction,
  ContextOf,
  Contract,
  DeclaredErrors,
  ErrorOf,
  GuestPart,
  Handler,
  HandlerContext,
  Handlers,
  HostPart,
  InputOf,
  OutputOf,
  Peer,
  Procedure,
  ProcedureKind,
  Procedures,
  Schema,
  StreamOptions,
  SubscribeOptions,
} from './contract/types.ts';
export type { Issue } from './contract/validate.ts';
export type { AsyncDisposableIfKnown, DisposableIfKnown } from './disposal.ts';
export { type ErrorCode, MuntinError, type MuntinErrorOptions, type PeerCode } from './errors.ts';
export { type AroundOptions, around, type Change, type Next } from './extension/around.ts';
export type { AddedBy, Extensible, Supportable, Use } from './extension/endpoint.ts';
export {
  type Attached,
  type Connected,
  type Extension,
  type ExtensionOptions,
  extension,
} from './extension/extension.ts';
export {
  type ProbedKind,
  type ProbedMessage,
  type ProbedState,
  type ProbeEvent,
  type ProbeListener,
  probe,
} from './extension/probe.ts';
export type { Limits } from './link/limits.ts';
export { explainOrigin, isOrigin, isSameOrigin, type Origin, type OriginOptions, parseOrigin } from './origin.ts';
export { byReference, type Remote, release } from './reference/by-reference.ts';
export type { LaneHolder } from './reference/lanes.ts';
export { transfer } from './reference/mark.ts';
export type { CallInfo } from './rpc/hooks.ts';
export type { RemoteStream } from './stream/consumer.ts';
export type { Live } from './stream/latest.ts';
export { toReadableStream } from './stream/readable.ts';
export { shareRemote } from './stream/share.ts';
export type { PushSource, StreamSource } from './stream/source.ts';

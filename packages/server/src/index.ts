export {
  type HonoContext,
  honoCors,
  type NodeCors,
  type NodeRequest,
  type NodeResponse,
  nodeCors,
} from './cors/adapters.ts';
export { type Cors, type CorsOptions, cors } from './cors/cors.ts';
export type { Recipes } from './doctor/advice.ts';
export type { CorsCause } from './doctor/causes.ts';
export { type CorsDiagnosis, type DiagnoseOptions, diagnoseCors, type EngineVerdict } from './doctor/diagnose.ts';
export type { EngineName } from './doctor/engines.ts';
export type { Exchange } from './doctor/exchange.ts';
export { type GuestPage, type HostPage, headers } from './headers/headers.ts';
export type { CspNeeds } from './headers/sources.ts';
export type { Header } from './rules/safelist.ts';

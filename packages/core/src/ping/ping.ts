import { anyCall } from '../contract/define.ts';
import type { CallOptions, Served } from '../contract/types.ts';
import { markOf } from '../extension/mark.ts';
import { checkOptions } from '../options.ts';
import type { Caller } from '../rpc/caller.ts';
import { callKinds } from '../rpc/client.ts';

/** Signs of life: an extension of every mount and every guest. It has no procedures, for what answers is its mark. */
export const pingMark: Served = /* @__PURE__ */ markOf('+muntin/ping');

/** How long a message to the peer and back takes, in milliseconds. */
export async function ping(caller: Caller, options?: CallOptions): Promise<number> {
  const start = performance.now();
  if (options !== undefined) checkOptions('ping', options, callKinds);
  await caller.call(pingMark.path, anyCall, undefined, options);
  return performance.now() - start;
}

import { IframeParentIO, RPCChannel } from 'kkrpc/browser';
import type { Api } from './guest.ts';

const frame = document.querySelector('iframe');
if (frame?.contentWindow) {
  const guest = new RPCChannel<object, Api>(new IframeParentIO(frame.contentWindow), {}).getAPI();
  console.log(await guest.add(1, 2));
}

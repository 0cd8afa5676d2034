import { newMessagePortRpcSession, RpcTarget } from 'capnweb';
import { offerPort } from '../../page/frame.ts';
import { job, padding, readable, type StreamRequest, type Sum, type Tick, visit } from '../../page/job.ts';

export class Api extends RpcTarget {
  add(input: Sum): number {
    return job.add(input);
  }
  echo(value: unknown): unknown {
    return value;
  }
  produced(): number {
    return job.produced();
  }
  stop(): void {
    job.stop();
  }
  visit({ ticks, onDone }: { ticks: Tick[]; onDone: (count: number) => unknown }): number {
    return visit(ticks, onDone);
  }
  stream(request: StreamRequest): ReadableStream<unknown> {
    return readable(request);
  }
}

Object.assign(
  Api.prototype,
  padding(() => () => undefined),
);
newMessagePortRpcSession(offerPort(), new Api());

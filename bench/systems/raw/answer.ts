import { offerPort } from '../../page/frame.ts';
import { job, pushAll, type StreamRequest, visit } from '../../page/job.ts';

/** Offers a port to the host, and answers the calls that come through it. */
export function answer(methods: Record<string, (input: never) => unknown>): void {
  const port = offerPort();
  const stopped = new Set<number>();

  port.onmessage = ({ data }: MessageEvent) => {
    const [id, name, input] = data;
    if (name === 'stream') void stream(id, input);
    else if (name === 'cancel') stopped.add(id);
    else if (name === 'transfer') port.postMessage([id, input], [input]);
    else if (name === 'visit') {
      const [ticks, callback] = input;
      port.postMessage([id, visit(ticks, (count) => port.postMessage([callback, count]))]);
    } else port.postMessage([id, methods[name]?.(input as never)]);
  };

  async function stream(id: number, request: StreamRequest): Promise<void> {
    await pushAll(request, (value) => {
      if (stopped.has(id)) job.stop();
      else port.postMessage([id, value]);
    });
  }
}

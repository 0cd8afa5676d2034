import { offerPort } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest } from '../../page/job.ts';

const methods: Record<string, (input: never) => unknown> = { ...job, ...padding(() => () => undefined) };
const port = offerPort();
const stopped = new Set<number>();

port.onmessage = ({ data }: MessageEvent) => {
  const [id, name, input] = data;
  if (name === 'stream') void stream(id, input);
  else if (name === 'cancel') stopped.add(id);
  else if (name === 'transfer') port.postMessage([id, input], [input]);
  else port.postMessage([id, methods[name]?.(input as never)]);
};

async function stream(id: number, request: StreamRequest): Promise<void> {
  await pushAll(request, (value) => {
    if (stopped.has(id)) job.stop();
    else port.postMessage([id, value]);
  });
}

import { offerPort } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest, type Tick, visit } from '../../page/job.ts';

const methods: Record<string, (input: never) => unknown> = {
  ...job,
  ...padding(() => () => undefined),
  visit: ([ticks, callback]: [Tick[], number]) =>
    visit(ticks, (count) => port.postMessage(['values', callback, [count]])),
};
const valuesPerMessage = 512;
const port = offerPort();
const stopped = new Set<number>();

port.onmessage = ({ data }: MessageEvent) => {
  const [kind, ...rest] = data;
  if (kind === 'stream') return void stream(rest[0], rest[1]);
  if (kind === 'cancel') return stopped.add(rest[0]);
  if (kind === 'transfer') return port.postMessage(['answers', [[rest[0], rest[1]]]], [rest[1]]);
  const calls: readonly [number, string, never][] = rest[0];
  port.postMessage(['answers', calls.map(([id, name, input]) => [id, methods[name]?.(input)])]);
};

async function stream(id: number, request: StreamRequest): Promise<void> {
  let values: unknown[] = [];
  const flush = (): void => {
    if (values.length > 0) port.postMessage(['values', id, values]);
    values = [];
  };
  await pushAll(request, (value) => {
    if (stopped.has(id)) return job.stop();
    if (values.length === 0) queueMicrotask(flush);
    if (values.push(value) >= valuesPerMessage) flush();
  });
}

import postRobot from 'post-robot';
import { hostOrigin } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest, type Tick, visit } from '../../page/job.ts';

const methods: Record<string, (input: never) => unknown> = {
  ...job,
  ...padding(() => () => undefined),
  visit: ({ ticks, onDone }: { ticks: Tick[]; onDone: (count: number) => void }) => visit(ticks, onDone),
  stream: ({ id, request }: { id: number; request: StreamRequest }) =>
    pushAll(request, (value) => void postRobot.send(parent, 'next', { id, value }, send)),
};

const send = { domain: hostOrigin, fireAndForget: true };

for (const [name, method] of Object.entries(methods))
  postRobot.on(name, { window: parent, domain: hostOrigin }, ({ data }) => method(data as never));

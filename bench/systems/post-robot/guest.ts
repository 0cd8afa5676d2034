import postRobot from 'post-robot';
import { hostOrigin } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest } from '../../page/job.ts';

const methods: Record<string, (input: never) => unknown> = {
  ...job,
  ...padding(() => () => undefined),
  stream: ({ id, request }: { id: number; request: StreamRequest }) =>
    pushAll(request, (value) => void postRobot.send(parent, 'next', { id, value }, send)),
};

const send = { domain: hostOrigin, fireAndForget: true };

for (const [name, method] of Object.entries(methods))
  postRobot.on(name, { window: parent, domain: hostOrigin }, ({ data }) => method(data as never));

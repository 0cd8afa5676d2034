import Postmate from 'postmate';
import { job, padding, pushAll, type StreamRequest } from '../../page/job.ts';

const host = await new Postmate.Model({
  ...padding(() => () => undefined),
  seven: () => 7,
  produced: job.produced,
  stop: job.stop,
  stream: ({ event, request }: { event: string; request: StreamRequest }) =>
    pushAll(request, (value) => host.emit(event, value)),
});

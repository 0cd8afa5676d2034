import { createBirpc } from 'birpc';
import { offerPort } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest } from '../../page/job.ts';

interface HostFunctions {
  next(id: number, value: unknown): void;
}

const port = offerPort();
const functions = {
  ...job,
  ...padding(() => () => undefined),
  stream: (id: number, request: StreamRequest) => pushAll(request, (value) => void host.next.asEvent(id, value)),
};

export type GuestFunctions = typeof functions;

const host = createBirpc<HostFunctions, GuestFunctions>(functions, {
  post: (data) => port.postMessage(data),
  on: (receive) => {
    port.onmessage = ({ data }) => receive(data);
  },
});

import { ChildHandshake, WindowMessenger } from 'post-me';
import { hostOrigin } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest, visit } from '../../page/job.ts';

const methods = {
  ...job,
  ...padding(() => () => undefined),
  visit,
  give: (buffer: ArrayBuffer) => buffer,
  stream: (event: string, request: StreamRequest) => pushAll(request, (value) => local.emit(event, value)),
};

export type Methods = typeof methods;

const messenger = new WindowMessenger({ localWindow: window, remoteWindow: parent, remoteOrigin: hostOrigin });
const connection = await ChildHandshake(messenger, methods);
const local = connection.localHandle();
local.setReturnTransfer('give', (buffer: ArrayBuffer) => [buffer]);

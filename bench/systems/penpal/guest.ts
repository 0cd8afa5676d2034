import { connect, Reply, WindowMessenger } from 'penpal';
import { hostOrigin } from '../../page/frame.ts';
import { job, padding, pushAll, type StreamRequest } from '../../page/job.ts';

const connection = connect<{ next(id: number, value: unknown): void }>({
  messenger: new WindowMessenger({ remoteWindow: parent, allowedOrigins: [hostOrigin] }),
  methods: {
    ...job,
    ...padding(() => () => undefined),
    give: (buffer: ArrayBuffer) => new Reply(buffer, { transferables: [buffer] }),
    stream: async (id: number, request: StreamRequest) => {
      const host = await connection.promise;
      await pushAll(request, (value) => void host.next(id, value));
    },
  },
});

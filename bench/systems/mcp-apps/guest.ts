import { App, PostMessageTransport } from '@modelcontextprotocol/ext-apps';
import { job, padding, pushAll, type StreamRequest } from '../../page/job.ts';

const methods: Record<string, (input: never) => unknown> = {
  ...job,
  ...padding(() => () => undefined),
  echo: ({ value }: { value: unknown }) => value,
  stream: ({ logger, request }: { logger: string; request: StreamRequest }) =>
    pushAll(request, (data) => void app.sendLog({ level: 'info', logger, data })),
};

const app = new App({ name: 'bench', version: '1.0.0' }, { tools: {} }, { autoResize: false });
app.onlisttools = async () => ({ tools: [] });
app.oncalltool = async (params) => ({
  content: [],
  structuredContent: { value: await methods[params.name]?.(params.arguments as never) },
});
await app.connect(new PostMessageTransport(parent, parent));

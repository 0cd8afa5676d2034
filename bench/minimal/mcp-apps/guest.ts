import { App, PostMessageTransport } from '@modelcontextprotocol/ext-apps';

const app = new App({ name: 'sums', version: '1.0.0' }, { tools: {} });
app.onlisttools = async () => ({ tools: [] });
app.oncalltool = async ({ arguments: input }) => ({
  content: [],
  structuredContent: { sum: Number(input?.['a']) + Number(input?.['b']) },
});
await app.connect(new PostMessageTransport(parent, parent));

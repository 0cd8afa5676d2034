import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';

const frame = document.querySelector('iframe');
if (frame?.contentWindow) {
  const bridge = new AppBridge(null, { name: 'sums', version: '1.0.0' }, {});
  bridge.oninitialized = async () => {
    const { structuredContent } = await bridge.callTool({ name: 'add', arguments: { a: 1, b: 2 } });
    console.log(structuredContent);
  };
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
}

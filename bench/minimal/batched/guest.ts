const { port1, port2 } = new MessageChannel();
parent.postMessage('hello', 'https://host.example', [port2]);
port1.onmessage = ({ data }: MessageEvent<[number, number, number][]>) =>
  port1.postMessage(data.map(([id, a, b]) => [id, a + b]));

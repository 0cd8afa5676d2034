// The accomplice: a page of another origin, whose name begins with the name that pages expect. It does what its widget says, and tells it what it heard.
const widget = location.origin.replace('.evil.localhost', '');

addEventListener('message', ({ data, source, origin }: MessageEvent<{ greeting?: unknown }>) => {
  if (source !== parent || origin !== widget) return;
  const { port1, port2 } = new MessageChannel();
  const tell = (heard: string): void => parent.postMessage({ heard }, widget);
  port1.onmessage = ({ data: said }) => tell(`heard ${JSON.stringify(said)}`);
  setTimeout(() => tell('heard nothing'), 1_200);
  // To the page around the widget, whoever that is.
  parent.parent.postMessage(data.greeting, '*', [port2]);
});
parent.postMessage({}, widget);

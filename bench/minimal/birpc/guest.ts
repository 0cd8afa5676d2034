import { createBirpc } from 'birpc';

const functions = { add: (a: number, b: number) => a + b };
export type Functions = typeof functions;

const { port1, port2 } = new MessageChannel();
parent.postMessage('hello', 'https://host.example', [port2]);
createBirpc(functions, {
  post: (data) => port1.postMessage(data),
  on: (receive) => {
    port1.onmessage = ({ data }) => receive(data);
  },
});

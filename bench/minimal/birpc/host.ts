import { createBirpc } from 'birpc';
import type { Functions } from './guest.ts';

addEventListener('message', ({ origin, ports: [port] }) => {
  if (origin !== 'https://guest.example' || port === undefined) return;
  const guest = createBirpc<Functions>(
    {},
    {
      post: (data) => port.postMessage(data),
      on: (receive) => {
        port.onmessage = ({ data }) => receive(data);
      },
    },
  );
  void guest.add(1, 2).then(console.log);
});

import { newMessagePortRpcSession } from 'capnweb';
import type { Api } from './guest.ts';

addEventListener('message', ({ origin, ports: [port] }) => {
  if (origin !== 'https://guest.example' || port === undefined) return;
  const guest = newMessagePortRpcSession<Api>(port);
  void guest.add(1, 2).then(console.log);
});

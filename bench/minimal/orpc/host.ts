import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { RouterClient } from '@orpc/server';
import type { Router } from './guest.ts';

addEventListener('message', ({ origin, ports: [port] }) => {
  if (origin !== 'https://guest.example' || port === undefined) return;
  const client: RouterClient<Router> = createORPCClient(new RPCLink({ port }));
  port.start();
  void client.add({ a: 1, b: 2 }).then(console.log);
});

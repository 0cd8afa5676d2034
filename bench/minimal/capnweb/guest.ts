import { newMessagePortRpcSession, RpcTarget } from 'capnweb';

export class Api extends RpcTarget {
  add(a: number, b: number): number {
    return a + b;
  }
}

const { port1, port2 } = new MessageChannel();
parent.postMessage('hello', 'https://host.example', [port2]);
newMessagePortRpcSession(port1, new Api());

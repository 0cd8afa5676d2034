import * as Comlink from 'comlink';
import type { Api } from './guest.ts';

const frame = document.querySelector('iframe');
if (frame?.contentWindow) {
  const api = Comlink.wrap<Api>(Comlink.windowEndpoint(frame.contentWindow, self, 'https://guest.example'));
  console.log(await api.add(1, 2));
}

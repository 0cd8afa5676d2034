import { ThreadWindow } from '@quilted/threads';
import type { Exported } from './guest.ts';

const frame = document.querySelector('iframe');
if (frame?.contentWindow) {
  const { add } = ThreadWindow.import<Exported>(frame.contentWindow, { targetOrigin: 'https://guest.example' });
  console.log(await add(1, 2));
}

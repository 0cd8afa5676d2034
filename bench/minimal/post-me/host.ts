import { ParentHandshake, WindowMessenger } from 'post-me';
import type { Methods } from './guest.ts';

const frame = document.querySelector('iframe');
if (frame?.contentWindow) {
  const connection = await ParentHandshake(
    new WindowMessenger({
      localWindow: window,
      remoteWindow: frame.contentWindow,
      remoteOrigin: 'https://guest.example',
    }),
    {},
  );
  console.log(await connection.remoteHandle<Methods>().call('add', 1, 2));
}

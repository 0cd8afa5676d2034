import { adapterFor, inject } from './adapter.ts';

const frame = document.querySelector('iframe');
if (frame?.contentWindow) {
  const guest = inject(adapterFor(frame.contentWindow, 'https://guest.example'));
  console.log(await guest.add(1, 2));
}

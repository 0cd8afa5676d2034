import { connect, WindowMessenger } from 'penpal';

const frame = document.querySelector('iframe');
if (frame?.contentWindow) {
  const connection = connect<{ add(a: number, b: number): number }>({
    messenger: new WindowMessenger({ remoteWindow: frame.contentWindow, allowedOrigins: ['https://guest.example'] }),
  });
  const guest = await connection.promise;
  console.log(await guest.add(1, 2));
}

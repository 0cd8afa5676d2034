import { ChildHandshake, WindowMessenger } from 'post-me';

const methods = { add: (a: number, b: number) => a + b };
export type Methods = typeof methods;

await ChildHandshake(
  new WindowMessenger({ localWindow: window, remoteWindow: parent, remoteOrigin: 'https://host.example' }),
  methods,
);

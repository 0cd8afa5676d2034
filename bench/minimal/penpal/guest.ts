import { connect, WindowMessenger } from 'penpal';

connect({
  messenger: new WindowMessenger({ remoteWindow: parent, allowedOrigins: ['https://host.example'] }),
  methods: { add: (a: number, b: number) => a + b },
});

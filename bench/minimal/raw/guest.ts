const { port1, port2 } = new MessageChannel();
parent.postMessage('hello', 'https://host.example', [port2]);
port1.onmessage = ({ data: [id, a, b] }) => port1.postMessage([id, a + b]);

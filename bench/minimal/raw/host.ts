const pending = new Map<number, (value: number) => void>();
addEventListener('message', ({ origin, ports: [port] }) => {
  if (origin !== 'https://guest.example' || port === undefined) return;
  port.onmessage = ({ data: [id, value] }) => pending.get(id)?.(value);
  pending.set(1, console.log);
  port.postMessage([1, 1, 2]);
});

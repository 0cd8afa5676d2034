const pending = new Map<number, (value: number) => void>();
addEventListener('message', ({ origin, ports: [port] }) => {
  if (origin !== 'https://guest.example' || port === undefined) return;
  let calls: [number, number, number][] = [];
  port.onmessage = ({ data }) => {
    for (const [id, value] of data) pending.get(id)?.(value);
  };
  pending.set(1, console.log);
  if (calls.push([1, 1, 2]) === 1)
    queueMicrotask(() => {
      port.postMessage(calls);
      calls = [];
    });
});

import { useStream } from '@muntin/react';
import { counter } from './counter.ts';
import { shell } from './session.ts';

export function Widget() {
  const count = useStream(() => counter.count$, []);
  const tell = () => {
    shell.host.note(String(counter.count$.value)).catch((cause: unknown) => console.error(cause));
  };
  return (
    <>
      <p>
        <output>{count.value ?? '…'}</output>
      </p>
      <button type="button" onClick={tell}>
        Tell the host
      </button>
    </>
  );
}

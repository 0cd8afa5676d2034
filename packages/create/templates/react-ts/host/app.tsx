import { guests } from 'virtual:muntin/origins';
import type { Mount } from '@muntin/host';
import { MuntinFrame, useStream } from '@muntin/react';
import { useState } from 'react';
import { counter } from '../contract.ts';

const theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

export function App() {
  const [widget, setWidget] = useState<Mount<typeof counter>>();
  const [note, setNote] = useState('');
  const count = useStream(() => widget?.guest.counts(), [widget]);
  const add = () => {
    widget?.guest.add(2).catch((cause: unknown) => console.error(cause));
  };
  return (
    <>
      <h1>%name%</h1>
      <p>
        <button type="button" onClick={add}>
          Add 2
        </button>{' '}
        <output>{count.value ?? '…'}</output>
      </p>
      <MuntinFrame
        contract={counter}
        url={`${guests.counter}/`}
        title="Counter"
        context={{ theme }}
        handlers={{ note: (text) => setNote(`The widget says: ${text}`) }}
        onMount={setWidget}
        loading={<p>One moment</p>}
        fallback={(error) => <p>{error.message}</p>}
      />
      <p role="status">{note}</p>
    </>
  );
}

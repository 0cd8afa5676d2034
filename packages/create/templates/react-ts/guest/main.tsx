import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { shell } from './session.ts';
import { Widget } from './widget.tsx';

shell.context$.subscribe(({ theme }) => {
  document.documentElement.dataset.theme = theme;
});

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Widget />
  </StrictMode>,
);

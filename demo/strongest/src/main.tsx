import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { FrontPage } from './front-page.tsx';

createRoot(document.body.appendChild(document.createElement('main'))).render(
  <StrictMode>
    <FrontPage />
  </StrictMode>,
);

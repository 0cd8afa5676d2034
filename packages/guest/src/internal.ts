// For @muntin/testing only: no application imports this, and it changes without notice.
export { workerKinds } from './option-kinds.ts';
export { openShell } from './shell.ts';

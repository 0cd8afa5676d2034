// For @muntin/testing only: no application imports this, and it changes without notice.
export type { Container, ContainerEvents } from './container/container.ts';
export { mountIn } from './mount-in.ts';
export { workerKinds } from './option-kinds.ts';

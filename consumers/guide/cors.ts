import type { nodeCors } from '@muntin/server';

declare global {
  const app: { use(handler: ReturnType<typeof nodeCors>): void };
  const manifest: import('@muntin/core/manifest').Manifest;
}

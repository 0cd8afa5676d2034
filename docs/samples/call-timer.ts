import { around } from '@muntin/core';

/** Reports how long each call took, even if it failed. */
export const callTimer = (report: (path: string, ms: number) => void) =>
  around({
    async outgoing({ path }, next) {
      const start = performance.now();
      try {
        return await next();
      } finally {
        report(path, performance.now() - start);
      }
    },
  });

import { around, MuntinError } from '@muntin/core';

/** Calls again if the other side was overloaded, after pauses that double. */
export const retry = (times: number, pauseMs = 200) =>
  around({
    async outgoing({ signal }, next) {
      for (let attempt = 1; ; attempt++)
        try {
          return await next();
        } catch (error) {
          const isBusy = error instanceof MuntinError && error.code === 'OVERLOADED';
          if (!isBusy || attempt > times || signal.aborted) throw error;
          await new Promise((resolve) => setTimeout(resolve, pauseMs * 2 ** (attempt - 1)));
        }
    },
  });

import { checkOptions, inspect, invalidOption, wrongWord } from '@muntin/core/internal';
import { isTraced } from './console.ts';
import type { CommonOptions, Reconnect } from './mounted.ts';
import { reconnectKinds } from './option-kinds.ts';

/** The times and policies of a mount, with every default; the only place that has them. */
export interface Settings {
  readonly handshakeTimeoutMs: number;
  readonly unresponsiveMs: number;
  readonly giveUpMs: number;
  readonly onUnresponsive: 'wait' | 'fail' | { readonly reload: number };
  readonly reconnect: Required<Reconnect>;
  readonly askServer: boolean;
  readonly debug: boolean;
}

/** Throws `INVALID_OPTION`, naming the option, its value and the remedy. */
export function readSettings(options: CommonOptions): Settings {
  const { unresponsiveMs = 5000, handshakeTimeoutMs = 8000, giveUpMs = 30_000, onUnresponsive = 'wait' } = options;
  for (const [name, ms] of Object.entries({ unresponsiveMs, handshakeTimeoutMs, giveUpMs })) checkMs(name, ms);
  const reloads = typeof onUnresponsive === 'object' && onUnresponsive !== null ? onUnresponsive.reload : undefined;
  if (onUnresponsive !== 'wait' && onUnresponsive !== 'fail' && !(Number.isSafeInteger(reloads) && Number(reloads) > 0))
    throw wrongWord('onUnresponsive', onUnresponsive, ['wait', 'fail'], ' or { reload: 1 }');
  return {
    handshakeTimeoutMs,
    unresponsiveMs,
    giveUpMs,
    onUnresponsive,
    reconnect: readReconnect(options.reconnect),
    askServer: options.askServer === true,
    debug: isTraced(options.debug),
  };
}

function readReconnect(reconnect: CommonOptions['reconnect'] = false): Required<Reconnect> {
  if (reconnect === false) return { retries: 0, delayMs: 0, maxDelayMs: 0 };
  checkOptions('reconnect', reconnect, reconnectKinds, 'reconnect.');
  const { retries, delayMs = 1000, maxDelayMs = 30_000 } = reconnect;
  if (!(retries === Infinity || (Number.isSafeInteger(retries) && retries >= 0)))
    throw invalidOption(`reconnect.retries is ${inspect(retries)}: give a whole number from 0, or Infinity`);
  checkMs('reconnect.delayMs', delayMs);
  checkMs('reconnect.maxDelayMs', maxDelayMs);
  return { retries, delayMs, maxDelayMs };
}

/** What a timer can hold. */
export function checkMs(name: string, ms: unknown, from = 1): void {
  if (typeof ms !== 'number' || !(ms >= from && ms < 2 ** 31))
    throw invalidOption(`${name} is ${inspect(ms)}: give milliseconds from ${from} to 2147483647`);
}

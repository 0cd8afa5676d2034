import { inspect, invalidOption } from '../errors.ts';
import type { Extensible, Use } from '../extension/endpoint.ts';
import { type ProbeEvent, type ProbeListener, probe } from '../extension/probe.ts';
import { checkOptions, type OptionKinds } from '../options.ts';
import { preview } from './preview.ts';

/** Options of {@link trace}. */
export interface TraceOptions {
  /** What each line begins with, to tell widgets apart. @defaultValue 'muntin' */
  readonly label?: string;
  /** Which events to show, as in `({ type }) => type === 'state'`. @defaultValue all */
  readonly filter?: (event: ProbeEvent) => boolean;
  /** Whether to show values, each in up to 200 characters. What `secret()` marks is never shown. @defaultValue false */
  readonly values?: boolean;
  /** Where the lines go. @defaultValue the console */
  readonly log?: (line: string, event: ProbeEvent) => void;
}

const kinds: OptionKinds<TraceOptions> = { label: 'string', filter: 'function', values: 'boolean', log: 'function' };

/**
 * Writes each message between host and guest, and each change of state, as one line: time since the trace began, direction (`→` sent, `←`
 * received), kind, procedure, id, size, credit.
 *
 * ```
 * ticker +12.4 ms → call quote #1, 74 B
 * ticker +13.1 ms ← result quote #1, 32 B
 * ticker +13.4 ms is ready
 * ```
 *
 * In `use` it begins with the first message: `mount(ticker, { …, use: [trace({ label: 'ticker' })] })`. Given a mount, or what `expose` has
 * returned, it begins there and then, and returns what stops it: `const stop = trace(widget)`. Throws `INVALID_OPTION`.
 */
export function trace(options?: TraceOptions): Use;
/** Traces a mount, or what `expose` has returned, from now on; returns what stops it. */
export function trace(owner: Extensible, options?: TraceOptions): () => void;
export function trace(first: Extensible | TraceOptions = {}, second?: TraceOptions): Use | (() => void) {
  if (isExtensible(first)) return probe(first, writer(second));
  if (second !== undefined)
    throw invalidOption(`trace was given ${inspect(first)}: give a mount, or what expose() returned`);
  return probe(writer(first));
}

function isExtensible(value: unknown): value is Extensible {
  return typeof value === 'object' && value !== null && 'muntin.endpoint' in value;
}

function writer(options: TraceOptions = {}): ProbeListener {
  checkOptions('trace', options, kinds);
  const { label = 'muntin', filter, values = false, log = (line: string) => console.log(line) } = options;
  const start = performance.now();
  return (event) => {
    if (filter !== undefined && !filter(event)) return;
    const ms = Math.max(0, event.time - start).toFixed(1);
    log(`${label} +${ms} ms ${textOf(event, values)}`, event);
  };
}

function textOf(event: ProbeEvent, hasValues: boolean): string {
  if (event.type === 'state') return `is ${event.name}${event.cause === undefined ? '' : `: ${event.cause.code}`}`;
  const { direction, kind, path, id, bytes, credit, count, code, value, isSecret } = event;
  // The names of lanes are the peer's words.
  const name = path === undefined ? [] : [/^[\w .+/:-]{1,256}$/.test(path) ? path : preview(path)];
  const words = [direction === 'sent' ? '→' : '←', kind, ...name, ...(id === undefined ? [] : [`#${id}`])];
  const facts = [
    words.join(' '),
    ...(code === undefined ? [] : [preview(code)]),
    ...(count === undefined ? [] : [`${count} ${count === 1 ? 'value' : 'values'}`]),
    ...(credit === undefined ? [] : [`credit ${credit}`]),
    size(bytes),
  ];
  if (!hasValues) return facts.join(', ');
  if (isSecret) return `${facts.join(', ')}: (secret)`;
  return value === undefined ? facts.join(', ') : `${facts.join(', ')}: ${preview(value)}`;
}

function size(bytes: number): string {
  return bytes < 10_000 ? `${Math.round(bytes)} B` : `${(bytes / 1000).toFixed(1)} kB`;
}

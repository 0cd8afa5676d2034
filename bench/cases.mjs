// What is measured: shared by the pages, which run it, and by the command, which orders and prints it.

/**
 * @typedef {object} Case
 * @property {string} title
 * @property {'raw' | 'batched'} reference the system that its ratios are to
 * @property {{ ratio: number, peers?: number, handshake?: boolean }} [target] the most that Muntin may have of the reference; how many
 *   times the best peer has to be above Muntin, of those only that have a handshake where it says so
 * @property {'ms' | 'µs' | 'values'} unit of its figure; less is better
 * @property {number} size how many calls, values, frames … one sample has
 * @property {number} shortSize the same in the short form
 * @property {number} [often] how many samples are taken for each round that is asked for: more, where they are short, or vary much
 * @property {'pushed'} [tenfold] the case of which this is ten times as much: who needs too long for that is not asked for this
 * @property {boolean} [fresh] measured on a page of its own each time: nothing is cached, no process runs
 * @property {{ name: string, without: string }} [variant] measured on a page that has more than the others need: `NAME-host.ts` and
 *   `NAME-guest.ts` in a system's folder; why a system is not measured that has none
 * @property {string} says what one figure is
 */

/** In the order in which they are measured. @satisfies {Record<string, Case>} */
export const cases = {
  one: {
    title: 'One call',
    reference: 'raw',
    target: { ratio: 1.1 },
    unit: 'µs',
    size: 300,
    shortSize: 3,
    often: 5,
    says: 'calls one after another; time per call, there and back',
  },
  hundred: {
    title: '100 calls in one turn',
    reference: 'batched',
    unit: 'ms',
    size: 100,
    shortSize: 10,
    says: '100 calls at once, until all are answered',
  },
  thousand: {
    title: '1,000 calls in one turn',
    reference: 'batched',
    target: { ratio: 1 / 0.6, peers: 8 },
    unit: 'ms',
    size: 1000,
    shortSize: 20,
    often: 2,
    says: '1,000 calls at once, until all are answered',
  },
  numbers: {
    title: 'Stream of 100,000 numbers',
    reference: 'batched',
    target: { ratio: 1 / 0.5, peers: 10 },
    unit: 'ms',
    size: 100_000,
    shortSize: 2000,
    often: 3,
    says: 'from subscribing to the last value',
  },
  ticks: {
    title: 'Stream of 100,000 small objects',
    reference: 'batched',
    target: { ratio: 1 / 0.5, peers: 10 },
    unit: 'ms',
    size: 100_000,
    shortSize: 2000,
    often: 3,
    says: 'the same with objects of two numbers',
  },
  pushed: {
    title: '100,000 numbers, pushed at once',
    reference: 'batched',
    unit: 'ms',
    size: 100_000,
    shortSize: 2000,
    often: 2,
    says: 'from subscribing to the last value, of a source that nobody asks: it pushes all in one turn',
  },
  million: {
    title: '1,000,000 numbers, pushed',
    reference: 'batched',
    unit: 'ms',
    size: 1_000_000,
    shortSize: 5000,
    tenfold: 'pushed',
    says: 'the same with 1,000 values in each turn',
  },
  first: {
    title: 'Time to the first value',
    reference: 'raw',
    unit: 'µs',
    size: 30,
    shortSize: 2,
    often: 3,
    says: 'from subscribing to the first value of a stream',
  },
  cancel: {
    title: 'Values sent after cancel',
    reference: 'raw',
    unit: 'values',
    size: 1000,
    shortSize: 100,
    says: 'made by an endless source after its consumer has cancelled at the 1,000th value',
  },
  ahead: {
    title: 'Producer ahead of a slow consumer',
    reference: 'raw',
    unit: 'values',
    size: 100,
    shortSize: 4,
    says: 'made by an endless source beyond what a consumer of 5 ms per value has taken, after 100 values',
  },
  copy: {
    title: '10 MB, copied',
    reference: 'raw',
    unit: 'ms',
    size: 10_000_000,
    shortSize: 1000,
    often: 2,
    says: 'an ArrayBuffer there and back',
  },
  transfer: {
    title: '10 MB, transferred',
    reference: 'raw',
    target: { ratio: 1.1 },
    unit: 'ms',
    size: 10_000_000,
    shortSize: 1000,
    often: 3,
    says: 'an ArrayBuffer given away, and given back',
  },
  nested: {
    title: '1 MB nested object',
    reference: 'raw',
    target: { ratio: 1.15 },
    unit: 'ms',
    size: 8,
    shortSize: 2,
    often: 4,
    says: 'a tree of objects, arrays and texts, there and back',
  },
  rows: {
    title: '5,000 rows with Dates and Maps',
    reference: 'raw',
    unit: 'ms',
    size: 5000,
    shortSize: 50,
    often: 2,
    says: 'an array of records, there and back',
  },
  codec: {
    title: '5,000 rows, by superjson',
    reference: 'raw',
    unit: 'ms',
    size: 5000,
    shortSize: 50,
    often: 2,
    variant: { name: 'superjson', without: 'it has no superjson' },
    says: 'the same rows, which superjson encodes and decodes; with raw by hand, as a text',
  },
  schema: {
    title: '5,000 rows, checked',
    reference: 'raw',
    unit: 'ms',
    size: 5000,
    shortSize: 50,
    often: 2,
    variant: { name: 'schema', without: 'it checks no values' },
    says: 'the same rows; a Zod schema checks them where they arrive, in the guest and in the host; with raw by hand',
  },
  callback: {
    title: 'A value with one callback inside',
    reference: 'raw',
    unit: 'µs',
    size: 100,
    shortSize: 3,
    often: 3,
    says: 'a call with 100 small objects and a callback, which the guest calls before it answers; one after another, time per call',
  },
  cold: {
    title: 'Frame inserted → first answer, cold',
    reference: 'raw',
    target: { ratio: 1.1, peers: 1, handshake: true },
    unit: 'ms',
    size: 1,
    shortSize: 1,
    often: 3,
    fresh: true,
    says: 'the first frame of a fresh browser context: empty cache, no process yet',
  },
  warm: {
    title: 'Frame inserted → first answer, warm',
    reference: 'raw',
    target: { ratio: 1.1, peers: 1, handshake: true },
    unit: 'ms',
    size: 3,
    shortSize: 1,
    often: 3,
    says: 'one more frame in a page that has one already',
  },
  fifty: {
    title: '50 guests mounted at once',
    reference: 'raw',
    target: { ratio: 1.15 },
    unit: 'ms',
    size: 50,
    shortSize: 3,
    says: 'until all have answered a call',
  },
};

/** @typedef {keyof typeof cases} CaseName */

export const callsPerGuest = 20;
export const valuesPerSubscriber = 500;

/**
 * How cost grows: the time of as much work as the size says.
 * @typedef {object} Growth
 * @property {string} title
 * @property {string} axis what the size counts
 * @property {readonly number[]} sizes
 * @property {readonly number[]} shortSizes
 * @property {boolean} [ownPage] the size is a property of the page, not of the call
 * @property {string} says
 */

/** @satisfies {Record<string, Growth>} */
export const growths = {
  guests: {
    title: 'Calls to many guests',
    axis: 'guests',
    sizes: [1, 10, 50, 100],
    shortSizes: [1, 2],
    says: `${callsPerGuest} calls to each guest, all in one turn, until all are answered`,
  },
  subscribers: {
    title: 'One stream, many subscribers',
    axis: 'subscribers',
    sizes: [1, 10, 100],
    shortSizes: [1, 2],
    says: `${valuesPerSubscriber} values to each subscriber of the same procedure, all at once`,
  },
  payload: {
    title: 'Size of a value',
    axis: 'characters',
    sizes: [10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000],
    shortSizes: [10, 100],
    says: 'a text there and back',
  },
  curve: {
    title: 'Size of a nested value',
    axis: 'bytes',
    sizes: [10_000, 100_000, 1_000_000, 5_000_000, 20_000_000],
    shortSizes: [4000, 10_000],
    says: 'a tree of objects, arrays and texts there and back; bytes are those of its JSON',
  },
  contract: {
    title: 'Size of a contract',
    axis: 'procedures',
    sizes: [1, 100, 10_000],
    shortSizes: [1, 10],
    ownPage: true,
    says: 'frame inserted → first answer, of a guest that serves so many procedures more',
  },
};

/** @typedef {keyof typeof growths} GrowthName */

/** How systems are called in what people read. @type {Record<string, string>} */
const titles = {
  raw: 'raw MessagePort',
  batched: 'raw, batched by hand',
  muntin: 'Muntin',
  against: 'Muntin, the other',
  comlink: 'Comlink',
  penpal: 'Penpal',
  capnweb: "Cap'n Web",
  orpc: 'oRPC',
  threads: '@quilted/threads',
  postmate: 'Postmate',
  'mcp-apps': "MCP Apps' bridge",
};

/** @param {string} system */
export const titleOf = (system) => titles[system] ?? system;

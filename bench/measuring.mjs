import { hasVariant } from './build.mjs';
import { cases, growths } from './cases.mjs';
import { expectOutOfProcess, heapOf } from './site.mjs';
import { median } from './statistics.mjs';

/**
 * @typedef {import('@playwright/test').Page} Page
 * @typedef {Awaited<ReturnType<typeof import('./site.mjs').startSite>>} Site
 * @typedef {import('./cases.mjs').CaseName} CaseName
 * @typedef {import('./cases.mjs').GrowthName} GrowthName
 * @typedef {{ samples: number[] } | { cannot: string }} Figures the samples of one system, one for each round, or why there are none
 * @typedef {Record<string, Figures>} Row figures by system
 * @typedef {object} Results
 * @property {Record<string, Pick<import('./page/system.ts').System, 'streams' | 'says' | 'handshake'>>} systems
 * @property {Partial<Record<CaseName, Row>>} cases
 * @property {Partial<Record<GrowthName, Record<number, Row>>>} growth milliseconds, by size
 * @property {Row} memory bytes of the host's heap for each mounted guest
 * @property {Row} hoard bytes of both heaps that a slow consumer's stream holds
 */

const limitMs = 45_000;
const guestsToWeigh = 50;
const valuesToTake = 100;
const growthRounds = 3;
// Who needs longer for one sample is asked only once: a run has to end. So long a sample needs no warming up.
const patienceMs = 2000;
// A hundred guests have to be mounted before anything is measured.
const growthPatienceMs = 5000;
// On a busy machine a handshake that gives up soon may fail: the page of a system is tried so many times before the run fails.
const openings = 3;

/** One run: every system has a page of its own, open all the time; each round asks each of them once. */
export class Measuring {
  /** By system, and variant where it is one. @type {Map<string, Page>} */
  #pages = new Map();
  #site;
  #systems;
  #rounds;
  #isShort;
  /** @type {Results} */
  results = { systems: {}, cases: {}, growth: {}, memory: {}, hoard: {} };
  /** What should have worked and did not. @type {string[]} */
  failures = [];

  /**
   * @param {Site} site
   * @param {readonly string[]} systems
   * @param {{ rounds: number, isShort: boolean }} options
   */
  constructor(site, systems, { rounds, isShort }) {
    this.#site = site;
    this.#systems = systems;
    this.#rounds = rounds;
    this.#isShort = isShort;
  }

  /** Opens the page of every system, and makes sure that its guest is where a guest of another site has to be. */
  async open() {
    for (const system of this.#systems) {
      const page = await this.#openPage(system);
      const { streams, says, handshake } = await page.evaluate(() => window.bench.facts);
      this.results.systems[system] = { streams, says, handshake };
    }
  }

  /** @param {string} system @param {string} [variant] @param {number} [attempt] @returns {Promise<Page>} */
  async #openPage(system, variant, attempt = 1) {
    await this.#pages.get(keyOf(system, variant))?.context().close();
    const page = await this.#site.openHost(system, { variant });
    this.#pages.set(keyOf(system, variant), page);
    const url = this.#site.guestUrl(system, { variant });
    try {
      await limited(page.evaluate((guest) => window.bench.open(guest), url));
    } catch (error) {
      if (attempt < openings) return this.#openPage(system, variant, attempt + 1);
      throw new Error(`The page of ${keyOf(system, variant)} could not be opened, ${openings} times`, { cause: error });
    }
    await expectOutOfProcess(page, url);
    return page;
  }

  /** @param {CaseName} name */
  async measure(name) {
    /** @type {import('./cases.mjs').Case} */
    const { title, size, shortSize, often = 1, fresh = false, variant, tenfold } = cases[name];
    console.log(title);
    const count = this.#isShort ? shortSize : size;
    const open = this.#systems.filter((system) => variant !== undefined && hasVariant(system, variant.name));
    for (const system of open) await this.#openPage(system, variant?.name);
    const take = async (/** @type {string} */ system) => {
      const url = this.#site.guestUrl(system, { variant: variant?.name });
      const page = fresh ? await this.#site.openHost(system) : this.#page(system, variant?.name);
      const figure = page.evaluate(
        ([what, many, guest]) => window.bench.run(what, many, guest),
        /** @type {const} */ ([name, count, url]),
      );
      return fresh ? thenClose(page, limited(figure)) : limited(figure);
    };
    const rounds = this.#isShort ? 1 : this.#rounds * often;
    this.results.cases[name] = await this.#interleave(name, rounds, take, {
      patience: patienceMs,
      variant,
      unless: (system) => this.#whyNotTenfold(tenfold, system),
    });
    for (const system of open) await this.#page(system, variant?.name).context().close();
  }

  /** @param {GrowthName} name */
  async grow(name) {
    /** @type {import('./cases.mjs').Growth} */
    const { title, sizes, shortSizes, ownPage = false } = growths[name];
    console.log(title);
    /** @type {Record<number, Row>} */
    const bySize = {};
    for (const size of this.#isShort ? shortSizes : sizes) {
      const take = async (/** @type {string} */ system) => {
        const url = this.#site.guestUrl(system, { procedures: ownPage ? size : 0 });
        const page = ownPage ? await this.#site.openHost(system, { procedures: size }) : this.#page(system);
        const figure = page.evaluate(
          ([what, many, guest]) => window.bench.grow(what, many, guest),
          /** @type {const} */ ([name, size, url]),
        );
        return ownPage ? thenClose(page, limited(figure)) : limited(figure);
      };
      const rounds = Math.min(this.#rounds, growthRounds);
      bySize[size] = await this.#interleave(name, rounds, take, { patience: growthPatienceMs });
    }
    this.results.growth[name] = bySize;
  }

  /** What a mounted guest costs the host's heap: many at once, after everything that nobody refers to was collected. */
  async weigh() {
    console.log('Memory per mounted guest');
    const count = this.#isShort ? 2 : guestsToWeigh;
    this.results.memory = await this.#interleave('memory', Math.min(this.#rounds, growthRounds), async (system) => {
      const page = await this.#site.openHost(system);
      const url = this.#site.guestUrl(system);
      const hold = (/** @type {number} */ guests) =>
        limited(page.evaluate(([many, guest]) => window.bench.hold(many, guest), /** @type {const} */ ([guests, url])));
      try {
        await hold(1); // what is made once is not counted
        const before = await heapOf(page);
        await hold(count);
        return ((await heapOf(page)) - before) / count;
      } finally {
        await page.context().close();
      }
    });
  }

  /** What a stream holds whose consumer is slower than its source, on both sides. */
  async weighHoards() {
    console.log('Memory with a slow consumer');
    const count = this.#isShort ? 1 : valuesToTake;
    const take = async (/** @type {string} */ system) => {
      const page = await this.#site.openHost(system);
      const url = this.#site.guestUrl(system);
      try {
        await limited(page.evaluate((guest) => window.bench.open(guest), url));
        const frame = page.frames().find((each) => each.url() === url);
        if (frame === undefined) throw new Error('The guest has no frame');
        const weigh = async () => (await heapOf(page)) + (await heapOf(page, frame));
        const before = await weigh();
        await limited(page.evaluate((many) => window.bench.hoard(many), count));
        return (await weigh()) - before;
      } finally {
        await page.context().close();
      }
    };
    this.results.hoard = await this.#interleave('hoard', Math.min(this.#rounds, growthRounds), take);
  }

  /**
   * Why a system is not asked for ten times as much as in another case: it would not be done in time.
   * @param {import('./cases.mjs').Case['tenfold']} name @param {string} system @returns {string | undefined}
   */
  #whyNotTenfold(name, system) {
    const figures = name && this.results.cases[name]?.[system];
    if (!figures) return undefined;
    if ('cannot' in figures) return `a tenth of it: ${figures.cannot}`;
    const ms = median(figures.samples);
    return ms * 10 > limitMs ? `a tenth of it took ${Math.round(ms / 1000)} s` : undefined;
  }

  /** @param {string} system @param {string} [variant] @returns {Page} */
  #page(system, variant) {
    const page = this.#pages.get(keyOf(system, variant));
    if (page === undefined) throw new Error(`${keyOf(system, variant)} has no page`);
    return page;
  }

  /**
   * So many rounds; in each, every system once, each round starting with another one. What drifts hits all alike. One round more
   * comes first, and is not counted: in it code gets hot.
   * @param {string} name
   * @param {number} rounds
   * @param {(system: string) => Promise<number>} take
   * @param {object} [how]
   * @param {number} [how.patience] who needs longer than so many milliseconds for one sample is not asked again
   * @param {import('./cases.mjs').Case['variant']} [how.variant]
   * @param {(system: string) => string | undefined} [how.unless] why a system is not asked
   * @returns {Promise<Row>}
   */
  async #interleave(name, rounds, take, { patience = Number.POSITIVE_INFINITY, variant, unless } = {}) {
    /** @type {Record<string, number[]>} */
    const samples = {};
    /** @type {Set<string>} */
    const slow = new Set();
    /** @type {Row} */
    const row = {};
    for (const system of this.#systems) {
      const { cannot = {} } = await this.#page(system).evaluate(() => window.bench.facts);
      const without = variant === undefined || hasVariant(system, variant.name) ? undefined : variant.without;
      const reason = /** @type {Partial<Record<string, string>>} */ (cannot)[name] ?? without ?? unless?.(system);
      if (reason === undefined) row[system] = { samples: (samples[system] = []) };
      else row[system] = { cannot: reason };
    }
    for (let round = this.#isShort ? 1 : 0; round <= rounds; round++) {
      const first = round % this.#systems.length;
      for (const system of [...this.#systems.slice(first), ...this.#systems.slice(0, first)]) {
        if (samples[system] === undefined || slow.has(system)) continue;
        const start = performance.now();
        try {
          const figure = await take(system);
          if (performance.now() - start > patience) slow.add(system);
          if (round > 0 || slow.has(system)) samples[system].push(figure);
        } catch (error) {
          const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
          const reason = line.replace(/^page\.evaluate: (Error: )?/, '');
          console.error(`  ${system}: ${reason}`);
          // With full counts, not to end in time is a result; with tiny ones it is a fault, as everything else is.
          const isResult = error instanceof NotInTime && !this.#isShort;
          if (!isResult) this.failures.push(`${system}, ${name}: ${reason}`);
          row[system] = { cannot: isResult ? reason : `failed: ${reason}` };
          delete samples[system];
          await this.#openPage(system, variant?.name); // what failed may still be at work in the old one
        }
      }
    }
    return row;
  }
}

/** @param {string} system @param {string} [variant] */
const keyOf = (system, variant) => (variant === undefined ? system : `${system}, ${variant}`);

/**
 * @param {Page} page
 * @param {Promise<number>} work
 */
async function thenClose(page, work) {
  try {
    return await work;
  } finally {
    await page.context().close();
  }
}

/** What was asked took longer than anybody wants to wait. */
class NotInTime extends Error {}

/**
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
function limited(work) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new NotInTime(`not done after ${limitMs / 1000} s`)), limitMs);
  });
  return /** @type {Promise<T>} */ (Promise.race([work, late]).finally(() => clearTimeout(timer)));
}

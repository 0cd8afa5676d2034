// From the samples to what people read: a table in the terminal, results.md and the plots.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases, growths, titleOf } from './cases.mjs';
import { plotCases, plotGrowth } from './plots.mjs';
import { exponent, inRounds, median, spread } from './statistics.mjs';

/**
 * @typedef {import('./machine.mjs').Run & import('./measuring.mjs').Results & { sizes: Record<string, { host: import('./sizes.mjs').Size, guest: import('./sizes.mjs').Size }>, again?: { date: string, rounds: number, cases: string[] }[] }} Report
 * @typedef {import('./cases.mjs').CaseName} CaseName
 * @typedef {import('./cases.mjs').GrowthName} GrowthName
 * @typedef {import('./measuring.mjs').Row} Row
 */

const ours = new Set(['raw', 'batched', 'muntin', 'against']);

/** @param {number} value */
const round = (value) =>
  value >= 100
    ? Math.round(value).toLocaleString('en-US')
    : value.toPrecision(value >= 10 ? 3 : 2).replace(/\.0+$/, '');

/** How many times the other; so near to one that it takes two places to see on which side. @param {number} ratio */
const factor = (ratio) => (ratio < 10 ? ratio.toFixed(2) : round(ratio));

/** The samples of a row by system, without those that could not. @param {Row} row @returns {[string, number[]][]} */
const measured = (row) =>
  Object.entries(row).flatMap(([system, figures]) =>
    'samples' in figures && figures.samples.length > 0 ? [[system, figures.samples]] : [],
  );

/** @param {CaseName} name @returns {import('./cases.mjs').Case} */
const caseOf = (name) => cases[name];

/** @param {string} name of a case, a growth or what is weighed */
const titleOfCase = (name) => Object.entries({ ...cases, ...growths }).find(([key]) => key === name)?.[1].title ?? name;

/** @param {Partial<Record<CaseName, Row>>} rows @returns {[CaseName, Row][]} */
const inOrder = (rows) =>
  /** @type {CaseName[]} */ (Object.keys(cases)).flatMap((name) =>
    rows[name] === undefined ? [] : [[name, rows[name]]],
  );

/**
 * Muntin against the reference and the best peer, within the rounds.
 * @param {CaseName} name
 * @param {Row} row
 * @param {(system: string) => boolean} [isPeer] which peers count
 */
function standing(name, row, isPeer = () => true) {
  const samples = new Map(measured(row));
  const muntin = samples.get('muntin');
  const reference = samples.get(caseOf(name).reference);
  if (muntin === undefined || reference === undefined) return undefined;
  const peers = [...samples]
    .filter(([system]) => !ours.has(system) && isPeer(system))
    .sort(([, a], [, b]) => median(a) - median(b));
  const [best] = peers;
  return {
    ratio: inRounds(muntin, reference),
    best: best === undefined ? undefined : { system: best[0], times: inRounds(best[1], muntin) },
  };
}

/** @param {Report} report */
export function printTable(report) {
  for (const [name, row] of inOrder(report.cases)) {
    const { title, unit, reference } = caseOf(name);
    const base = 'samples' in (row[reference] ?? {}) ? new Map(measured(row)).get(reference) : undefined;
    console.log(`\n${title}, ${unit}`);
    for (const [system, figures] of Object.entries(row)) {
      if ('cannot' in figures) console.log(`  ${titleOf(system).padEnd(22)} –  ${figures.cannot}`);
      else if (figures.samples.length > 0) {
        const ratio = base === undefined ? '' : `× ${factor(inRounds(figures.samples, base))}`;
        const off = `± ${Math.round(spread(figures.samples) * 100)} %`;
        console.log(
          `  ${titleOf(system).padEnd(22)} ${round(median(figures.samples)).padStart(9)}  ${off.padStart(8)}  ${ratio}`,
        );
      }
    }
  }
}

/** What has no section among the cases, one line for each system. @param {Report} report */
export function printOthers({ growth, memory, hoard }) {
  const grown = /** @type {[GrowthName, Record<number, Row>][]} */ (Object.entries(growth));
  for (const [name, bySize] of grown) {
    const { title, axis } = growths[name];
    const sizes = Object.keys(bySize).map(Number);
    print(
      `${title}, ms for ${sizes.map((size) => size.toLocaleString('en-US')).join(', ')} ${axis}`,
      Object.values(bySize),
    );
  }
  const kB = (/** @type {number} */ bytes) => bytes / 1000;
  print('Memory per mounted guest, kB', [memory], kB);
  print('Memory with a slow consumer, kB', [hoard], kB);
}

/** @param {string} title @param {readonly Row[]} rows @param {(figure: number) => number} [scale] */
function print(title, rows, scale = (figure) => figure) {
  const systems = Object.keys(rows[0] ?? {});
  if (systems.length > 0) console.log(`\n${title}`);
  for (const system of systems) {
    const figures = rows.map((row) => {
      const is = row[system];
      const isMeasured = is !== undefined && 'samples' in is && is.samples.length > 0;
      return (isMeasured ? round(scale(median(is.samples))) : '–').padStart(9);
    });
    const why = new Set(rows.flatMap(({ [system]: is }) => (is !== undefined && 'cannot' in is ? [is.cannot] : [])));
    console.log(`  ${titleOf(system).padEnd(22)} ${[...figures, ...why].join(' ')}`);
  }
}

/** @param {readonly (readonly string[])[]} rows the first one is the head */
function table(rows) {
  const [head = [], ...body] = rows;
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...body.map(line)].join('\n');
}

/** @param {Report} report */
function targets(report) {
  const rows = inOrder(report.cases).flatMap(([name, row]) => {
    const { title, target, reference } = caseOf(name);
    const isPeer = (/** @type {string} */ system) =>
      target?.handshake !== true || report.systems[system]?.handshake === true;
    const is = target === undefined ? undefined : standing(name, row, isPeer);
    if (target === undefined || is === undefined) return [];
    const peers = target.peers ?? 0;
    const met = is.ratio <= target.ratio && (peers === 0 || (is.best?.times ?? 0) >= peers);
    return [
      [
        title,
        `≤ ${target.ratio.toFixed(2)} × ${titleOf(reference)}${peers > 0 ? `; best peer${target.handshake ? ' with a handshake' : ''} ≥ ${peers} × Muntin` : ''}`,
        `${is.ratio.toFixed(2)} ×`,
        is.best === undefined ? '' : `${factor(is.best.times)} × (${titleOf(is.best.system)})`,
        met ? 'yes' : 'no',
      ],
    ];
  });
  return table([['measure', 'target', 'Muntin ÷ reference', 'best peer ÷ Muntin', 'met'], ...rows]);
}

/** @param {CaseName} name @param {Row} row */
function section(name, row) {
  const { title, unit, says, reference } = caseOf(name);
  const all = measured(row).sort(([, a], [, b]) => median(a) - median(b));
  const base = new Map(all).get(reference);
  const lines = all.map(([system, samples]) => [
    system === 'muntin' ? `**${titleOf(system)}**` : titleOf(system),
    round(median(samples)),
    `${Math.round(spread(samples) * 100)} %`,
    base === undefined ? '' : factor(inRounds(samples, base)),
  ]);
  const cannot = Object.entries(row).flatMap(([system, figures]) =>
    'cannot' in figures ? [`- ${titleOf(system)}: ${figures.cannot}`] : [],
  );
  return [
    `### ${title}`,
    `${says[0]?.toUpperCase()}${says.slice(1)}.`,
    `![${title}](plots/${name}.svg)`,
    table([['system', `median, ${unit}`, 'spread', `× ${titleOf(reference)}`], ...lines]),
    ...(cannot.length > 0 ? [`Not measured:\n\n${cannot.join('\n')}`] : []),
  ].join('\n\n');
}

/** @param {GrowthName} name @param {Record<number, Row>} bySize */
function growthSection(name, bySize) {
  /** @type {import('./cases.mjs').Growth} */
  const { title, axis, says } = growths[name];
  const sizes = Object.keys(bySize).map(Number);
  const systems = Object.keys(Object.values(bySize)[0] ?? {});
  const lines = systems.flatMap((system) => {
    const figures = sizes.map((size) => bySize[size]?.[system]);
    const medians = figures.map((each) =>
      each && 'samples' in each && each.samples.length > 0 ? median(each.samples) : undefined,
    );
    if (medians.every((value) => value === undefined)) return [];
    const points = sizes.flatMap((size, index) =>
      medians[index] === undefined ? [] : [/** @type {const} */ ([size, medians[index]])],
    );
    return [
      [
        system === 'muntin' ? `**${titleOf(system)}**` : titleOf(system),
        ...medians.map((value) => (value === undefined ? '–' : round(value))),
        points.length > 1 ? exponent(points.slice(-2)).toFixed(2) : '–',
      ],
    ];
  });
  return [
    `### ${title}`,
    `Milliseconds: ${says}. The slope is the exponent of growth between the two largest sizes: 0 is no growth, 1 is in proportion, more than 1 is worse.`,
    `![${title}](plots/${name}.svg)`,
    table([['system', ...sizes.map((size) => `${size.toLocaleString('en-US')} ${axis}`), 'slope'], ...lines]),
  ].join('\n\n');
}

/** @param {Report} report */
function sizeTable({ sizes }) {
  const kB = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1);
  const lines = Object.entries(sizes)
    .sort(([, a], [, b]) => a.guest.brotli - b.guest.brotli)
    .map(([system, { guest, host }]) => [
      system === 'muntin' ? `**${titleOf(system)}**` : titleOf(system),
      ...[guest, host].flatMap(({ min, gzip, brotli }) => [min, gzip, brotli].map(kB)),
    ]);
  return table([
    ['system', 'guest min', 'guest gzip', 'guest brotli', 'host min', 'host gzip', 'host brotli'],
    ...lines,
  ]);
}

/** @param {Report} report */
function memoryTable({ memory }) {
  const lines = measured(memory)
    .sort(([, a], [, b]) => median(a) - median(b))
    .map(([system, samples]) => [
      system === 'muntin' ? `**${titleOf(system)}**` : titleOf(system),
      (median(samples) / 1000).toFixed(1),
    ]);
  return table([['system', 'kB for each guest'], ...lines]);
}

/** @param {Report} report */
function hoardTable({ hoard }) {
  const lines = measured(hoard)
    .sort(([, a], [, b]) => median(a) - median(b))
    .map(([system, samples]) => [
      system === 'muntin' ? `**${titleOf(system)}**` : titleOf(system),
      (median(samples) / 1000).toFixed(0),
      `${Math.round(spread(samples) * 100)} %`,
    ]);
  return table([['system', 'kB', 'spread'], ...lines]);
}

/** How far this run is from the whole run before it. @param {Report} report @param {Report} before */
function agreement(report, before) {
  const percent = (/** @type {number} */ now, /** @type {number} */ then) => `${Math.round((now / then - 1) * 100)} %`;
  const rows = inOrder(report.cases).flatMap(([name, row]) => {
    const now = standing(name, row);
    const then = standing(name, before.cases[name] ?? {});
    if (now === undefined || then === undefined || caseOf(name).unit === 'values') return []; // counts may be zero
    return [
      [
        caseOf(name).title,
        ...[then.ratio, now.ratio].map((ratio) => `${factor(ratio)} ×`),
        percent(now.ratio, then.ratio),
        ...(now.best === undefined || then.best === undefined
          ? ['', '', '']
          : [
              ...[then.best, now.best].map(({ times }) => `${factor(times)} ×`),
              percent(now.best.times, then.best.times),
            ]),
      ],
    ];
  });
  return table([
    ['case', 'Muntin ÷ reference, before', 'now', 'differs by', 'best peer ÷ Muntin, before', 'now', 'differs by'],
    ...rows,
  ]);
}

const marked = /(<!-- benchmark[^>]*-->\n).*?(\n<!-- \/benchmark -->)/s;

/** The short table of the guide, between its two marks. @param {Report} report */
function writeGuide(report) {
  const path = join(import.meta.dirname, '../docs/guide/performance.md');
  const rows = inOrder(report.cases).flatMap(([name, row]) => {
    const { title, reference, target } = caseOf(name);
    const is = target === undefined ? undefined : standing(name, row);
    if (is?.best === undefined) return [];
    const { system, times } = is.best;
    return [[title, `${is.ratio.toFixed(2)} × ${titleOf(reference)}`, `${factor(times)} × (${titleOf(system)})`]];
  });
  const text = [
    table([['time, less is better', 'Muntin', 'best of the peers ÷ Muntin'], ...rows]),
    `Chromium ${report.chromium}, host and guest in processes of their own, ${report.rounds} interleaved rounds, ${report.date}: [all results](../../bench/results.md).`,
  ].join('\n\n');
  const guide = readFileSync(path, 'utf8');
  if (!marked.test(guide)) throw new Error('performance.md has no <!-- benchmark --> … <!-- /benchmark -->');
  writeFileSync(
    path,
    guide.replace(marked, (_, begin, end) => `${begin}\n${text}\n${end}`),
  );
  execFileSync('npx', ['biome', 'format', '--write', path], { cwd: join(path, '..'), stdio: 'ignore' });
}

/** @param {Report} report @param {Report} [before] the last whole run */
export function writeReport(report, before) {
  writeGuide(report);
  const folder = import.meta.dirname;
  mkdirSync(join(folder, 'plots'), { recursive: true });
  for (const [name, row] of inOrder(report.cases))
    writeFileSync(join(folder, 'plots', `${name}.svg`), plotCases(caseOf(name), measured(row)));
  const grown = /** @type {[GrowthName, Record<number, Row>][]} */ (Object.entries(report.growth));
  for (const [name, bySize] of grown)
    writeFileSync(
      join(folder, 'plots', `${name}.svg`),
      plotGrowth(
        growths[name],
        Object.entries(bySize).map(([size, row]) => [Number(size), measured(row)]),
      ),
    );
  const packages = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const streams = Object.entries(report.systems).map(
    ([system, { streams: how = '–', says }]) => `- ${titleOf(system)}: ${how}${says === undefined ? '' : `; ${says}`}`,
  );
  const text = [
    '# Results',
    `Made by \`${report.command}\` on ${report.date}; do not edit. How it is measured: [docs/benchmark-method.md](../docs/benchmark-method.md).`,
    `Machine: ${report.machine}. Chromium ${report.chromium}. ${report.rounds} rounds, interleaved over all systems, with several samples of each short case. Times depend on the machine; ratios, which are taken within each round, are what to compare. The spread is the middle half of the samples (interquartile range) relative to the median.`,
    ...(report.again ?? []).map(
      ({ date, rounds, cases: names }) =>
        `Measured again on ${date}, ${rounds} rounds over all systems, because something else disturbed the machine in the whole run: ${names.map((name) => titleOfCase(name)).join(', ')}.`,
    ),
    '## Targets',
    targets(report),
    '## Cases',
    ...inOrder(report.cases).map(([name, row]) => section(name, row)),
    ...(before === undefined
      ? []
      : [
          '## The run before',
          `How far this run agrees with the last whole one (${before.date}, ${before.rounds} rounds, ${before.machine}).`,
          agreement(report, before),
        ]),
    '## How cost grows',
    ...grown.map(([name, bySize]) => growthSection(name, bySize)),
    '## Size of a minimal page',
    'Kilobytes of all scripts that a page loads to make (host) or answer (guest) one call.',
    sizeTable(report),
    "## Memory of the host's page",
    'JavaScript heap for each of 50 mounted guests, after garbage collection. The frame itself is in every figure.',
    memoryTable(report),
    '## Memory with a slow consumer',
    'What a stream of an endless source, 100 records every 4 ms, holds in the JavaScript heaps of both pages, after garbage collection, when a consumer of 5 ms for each has taken 100. A record is a number and four short texts. Messages that the browser has not delivered yet are not counted.',
    hoardTable(report),
    '## What carries the streams',
    streams.join('\n'),
    '## Versions',
    packages.join(', '),
  ];
  writeFileSync(join(folder, 'results.md'), `${text.join('\n\n')}\n`);
}

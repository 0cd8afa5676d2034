import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { titleOf } from './cases.mjs';
import { median } from './statistics.mjs';

const { document } = parseHTML('<!doctype html><body></body>');
const colours = { muntin: '#c2410c', reference: '#64748b', peer: '#94a3b8' };
const style = { background: 'white', color: '#1e293b', fontFamily: 'system-ui, sans-serif', fontSize: '12px' };

/** @param {string} system */
const colourOf = (system) =>
  system === 'muntin' ? colours.muntin : system === 'raw' || system === 'batched' ? colours.reference : colours.peer;

/** @param {Plot.PlotOptions} options */
function draw(options) {
  const svg = Plot.plot({ document, style, ...options });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}

/**
 * One dot for each system at its median, with the range of its samples.
 * @param {import('./cases.mjs').Case} about
 * @param {[string, number[]][]} measured
 */
export function plotCases({ title, unit }, measured) {
  const rows = measured
    .map(([system, samples]) => ({
      system,
      label: titleOf(system),
      value: median(samples),
      low: Math.min(...samples),
      high: Math.max(...samples),
    }))
    .sort((a, b) => a.value - b.value);
  // A logarithmic axis has no zero.
  const isLog = rows.every(({ low }) => low > 0);
  return draw({
    width: 720,
    height: 60 + rows.length * 24,
    marginLeft: 150,
    marginRight: 70,
    x: {
      type: isLog ? 'log' : 'symlog',
      label: `${title}, ${unit} (less is better) →`,
      grid: true,
      ticks: 6,
      tickFormat: 'd',
    },
    y: { domain: rows.map(({ label }) => label), label: null },
    marks: [
      Plot.ruleY(rows, { y: 'label', x1: 'low', x2: 'high', stroke: ({ system }) => colourOf(system), strokeWidth: 2 }),
      Plot.dot(rows, { y: 'label', x: 'value', fill: ({ system }) => colourOf(system), r: 5 }),
      Plot.text(rows, {
        y: 'label',
        x: 'high',
        text: ({ value }) => value.toLocaleString('en-US', { maximumSignificantDigits: 3 }),
        dx: 8,
        textAnchor: 'start',
      }),
    ],
  });
}

/**
 * One line for each system.
 * @param {import('./cases.mjs').Growth} about
 * @param {[number, [string, number[]][]][]} bySize
 */
export function plotGrowth({ title, axis }, bySize) {
  const points = bySize.flatMap(([size, measured]) =>
    measured.map(([system, samples]) => ({ system, label: titleOf(system), size, value: median(samples) })),
  );
  const last = Math.max(...points.map(({ size }) => size));
  return draw({
    width: 720,
    height: 460,
    marginRight: 150,
    marginLeft: 60,
    x: { type: 'log', label: `${axis} →`, ticks: 6, tickFormat: ',' },
    y: { type: 'log', label: `↑ ${title}, ms`, grid: true, ticks: 6, tickFormat: ',' },
    marks: [
      Plot.line(points, {
        x: 'size',
        y: 'value',
        z: 'system',
        stroke: ({ system }) => colourOf(system),
        strokeWidth: ({ system }) => (system === 'muntin' ? 3 : 1.2),
      }),
      Plot.dot(points, { x: 'size', y: 'value', fill: ({ system }) => colourOf(system), r: 2.5 }),
      Plot.text(
        points.filter(({ size }) => size === last),
        Plot.dodgeY({ x: 'size', y: 'value', text: 'label', textAnchor: 'start', dx: 8, fontSize: 10 }),
      ),
    ],
  });
}

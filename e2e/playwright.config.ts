import { defineConfig } from '@playwright/test';
import { type EngineName, engineNames } from './fixtures/engine.ts';

// What runs in every engine. Of the other stories, those that are tagged with @core do, too; the rest looks into Chromium only.
const everywhere = [
  'behaviour.spec.ts',
  'capabilities.spec.ts',
  'cors.spec.ts',
  'cors-fetch.spec.ts',
  'demo-everywhere.spec.ts',
  'element.spec.ts',
  'explain.spec.ts',
  'foreign-traffic.spec.ts',
  'opaque.spec.ts',
  'origins.spec.ts',
  'place.spec.ts',
  'react.spec.ts',
  'shapes.spec.ts',
  'site.spec.ts',
  'size.spec.ts',
];

const named = (parts: readonly string[]): RegExp =>
  new RegExp(parts.map((part) => ` ${part.replaceAll('.', '\\.')}`).join('|'));
const inEveryEngine = named([...everywhere, '@core']);
// The oldest engine plays what tells whether it is supported, and what the guides say of it.
const inTheOldest = named([
  'behaviour.spec.ts',
  'capabilities.spec.ts',
  'cors.spec.ts',
  'demo-everywhere.spec.ts',
  'opaque.spec.ts',
  'origins.spec.ts',
]);

const grepOf = (engine: EngineName): RegExp =>
  engine.endsWith('-inprocess') ? /@process/ : engine === 'webkit-old' ? inTheOldest : inEveryEngine;

export default defineConfig<object, { engine: EngineName }>({
  testDir: '.',
  testMatch: '*.spec.ts',
  // Most of a story is waiting. What measures time or keeps both cores busy is tagged `@alone`: `npm run e2e` plays it
  // afterwards, one story at a time.
  workers: 2,
  fullyParallel: true,
  timeout: 30_000,
  forbidOnly: process.env['CI'] !== undefined,
  // Four engines on two cores: what passes when it is repeated is named in the output, and looked into.
  retries: process.env['CI'] === undefined ? 0 : 2,
  reporter: [['list'], ['./fixtures/support-reporter.ts']],
  use: { video: 'off', screenshot: 'off' }, // Video needs an encoder that only a download brings.
  projects: engineNames.map((engine) => ({
    name: engine,
    use: { engine },
    ...(engine === 'chromium' ? {} : { grep: grepOf(engine), workers: 1 }), // beside another engine, not beside itself
  })),
});

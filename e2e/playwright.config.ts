import { defineConfig } from '@playwright/test';
import { type EngineName, engineNames } from './fixtures/engine.ts';

// What runs in every engine. Of the other stories, those that are tagged with @core do, too; the rest looks into Chromium only.
const everywhere = [
  'behaviour.spec.ts',
  'capabilities.spec.ts',
  'cors.spec.ts',
  'demo-everywhere.spec.ts',
  'foreign-traffic.spec.ts',
  'origins.spec.ts',
  'shapes.spec.ts',
  'site.spec.ts',
];

const inEveryEngine = new RegExp([...everywhere, '@core'].map((part) => ` ${part.replaceAll('.', '\\.')}`).join('|'));

export default defineConfig<object, { engine: EngineName }>({
  testDir: '.',
  testMatch: '*.spec.ts',
  // Most of a story is waiting. What measures time is tagged `@alone`: `npm run e2e` plays it afterwards, one story at a time.
  workers: 2,
  fullyParallel: true,
  timeout: 30_000,
  forbidOnly: process.env['CI'] !== undefined,
  // Four engines on two cores: what passes the second time is named in the output, and looked into.
  retries: process.env['CI'] === undefined ? 0 : 1,
  reporter: [['list'], ['./fixtures/support-reporter.ts']],
  use: { video: 'off', screenshot: 'off' }, // Video needs an encoder that only a download brings.
  projects: engineNames.map((engine) => ({
    name: engine,
    use: { engine },
    ...(engine === 'chromium' ? {} : { grep: engine.endsWith('-inprocess') ? /@process/ : inEveryEngine, workers: 1 }), // beside another engine, not beside itself
  })),
});

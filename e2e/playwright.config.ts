import { defineConfig } from '@playwright/test';
import { type EngineName, engineNames } from './fixtures/engine.ts';

// What runs in every engine; the other stories look into Chromium only.
const everywhere = [
  'behaviour.spec.ts',
  'capabilities.spec.ts',
  'demo-everywhere.spec.ts',
  'foreign-traffic.spec.ts',
  'shapes.spec.ts',
  'site.spec.ts',
];

export default defineConfig<object, { engine: EngineName }>({
  testDir: '.',
  testMatch: '*.spec.ts',
  workers: 1, // Stories measure time; on two cores a second worker would be measured too.
  timeout: 30_000,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list'], ['./fixtures/support-reporter.ts']],
  use: { video: 'off', screenshot: 'off' }, // Video needs an encoder that only a download brings.
  projects: engineNames.map((engine) => ({
    name: engine,
    use: { engine },
    ...(engine === 'chromium' ? {} : { testMatch: everywhere }),
    ...(engine.endsWith('-inprocess') ? { grep: /@process/ } : {}),
  })),
});

import { defineConfig } from '@playwright/test';
import { type EngineName, engines } from './fixtures/engine.ts';

export default defineConfig<object, { engine: EngineName }>({
  testDir: '.',
  testMatch: '*.spec.ts',
  workers: 1, // Stories measure time; on two cores a second worker would be measured too.
  timeout: 30_000,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: 'list',
  use: { video: 'off', screenshot: 'off' }, // Video needs an encoder that only a download brings.
  projects: (Object.keys(engines) as EngineName[]).map((engine) => ({ name: engine, use: { engine } })),
});

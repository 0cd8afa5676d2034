import { defineConfig } from '@playwright/test';

// A browser that is installed already may be named: CHROMIUM_PATH=/usr/bin/chromium npm run e2e
const executablePath = process.env.CHROMIUM_PATH;

export default defineConfig({
  testDir: 'e2e',
  // The first visit waits for Vite to prepare what is imported.
  expect: { timeout: 20_000 },
  use: { baseURL: 'http://localhost:5173', launchOptions: executablePath === undefined ? {} : { executablePath } },
  webServer: {
    command: 'npm run dev',
    url: 'http://localhost:5173',
    reuseExistingServer: process.env.CI === undefined,
  },
});

import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { findBrowser } from './scripts/browsers.mjs';

const executablePath = await findBrowser('chromium');
const inBrowser = ['packages/*/test/**/*.browser.test.ts'];

export default defineConfig({
  // Tests run against src/: a stale dist/ cannot pass them.
  resolve: { conditions: ['@muntin/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@muntin/source', ...defaultServerConditions] } },
  test: {
    coverage: { include: ['packages/*/src/**'] },
    projects: [
      {
        extends: true,
        test: { name: 'unit', environment: 'node', include: ['packages/*/test/**/*.test.ts'], exclude: inBrowser },
      },
      {
        // The lowest RxJS that the peer dependency admits.
        extends: true,
        resolve: { alias: { rxjs: 'rxjs-lowest' } },
        test: {
          name: 'rxjs-lowest',
          environment: 'node',
          include: ['packages/core/test/{stream,reference}/**/*.test.ts'],
          exclude: inBrowser,
          setupFiles: 'packages/core/test/fixtures/lowest-rxjs.ts',
        },
      },
      {
        // Our packages as npm has them: packed, installed, and used by others. They have to be built before.
        test: {
          name: 'consumers',
          environment: 'node',
          include: ['consumers/*.test.ts'],
          globalSetup: 'consumers/setup.ts',
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: inBrowser,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: executablePath === undefined ? {} : { executablePath } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});

import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { findBrowser } from './scripts/browsers.mjs';

const executablePath = await findBrowser('chromium');
const inBrowser = ['packages/*/test/**/*.browser.test.ts'];

const units = ['packages/*/test/**/*.test.ts', 'docs/samples/*.test.ts'];

// Whatever a page goes through goes through these: they are tested in Node, to the line.
const connections = [
  'packages/core/src/{connection,deferred,freeze,page-time,steps}.ts',
  'packages/core/src/handshake/**',
  'packages/host/src/*.ts',
  'packages/host/src/container/**',
  'packages/guest/src/*.ts',
];
const testsOfConnections = [
  'packages/core/test/handshake/**/*.test.ts',
  'packages/core/test/{page-time,steps}.test.ts',
  'packages/{host,guest}/test/**/*.test.ts',
];
// A part of the unit tests, so that nothing is run twice where the lines of connections are counted; otherwise all of them.
const part = process.env['UNIT'];

export default defineConfig({
  // Tests run against src/: a stale dist/ cannot pass them.
  resolve: { conditions: ['@muntin/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@muntin/source', ...defaultServerConditions] } },
  test: {
    // As the stories of the browsers: what passes the second time is named in the output.
    retry: process.env['CI'] === undefined ? 0 : 1,
    coverage: {
      include: connections,
      // Each folder by itself, so that a well tested one does not hide another.
      thresholds: Object.fromEntries(connections.map((folder) => [folder, { lines: 95 }])),
      reporter: [['text', { skipFull: true }]],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: part === 'connections' ? testsOfConnections : units,
          exclude: part === 'rest' ? [...inBrowser, ...testsOfConnections] : inBrowser,
        },
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
        // The lowest React that the peer dependency admits.
        extends: true,
        resolve: { alias: { 'react-dom': 'react-dom-18', react: 'react-18' } },
        test: {
          name: 'react-18',
          environment: 'node',
          include: ['packages/react/test/**/*.test.ts'],
          setupFiles: 'packages/react/test/react-18.setup.ts',
          env: { REACT: '18' },
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

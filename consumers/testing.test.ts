import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';

it('a widget is tested with node:test, fake timers included, and the process ends by itself', async () => {
  const file = join(inject('consumers'), 'testing', 'ticker.test.mjs');
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['--test', '--test-reporter=tap', file], { env, timeout: 30_000 }, (error, stdout) =>
      resolve(`${stdout}${error === null ? '' : error.message}`),
    );
  });
  expect(output).toContain('# pass 2');
  expect(output).toContain('# fail 0');
});

const require = createRequire(import.meta.url);

// What jsdom hides of Node under Jest, the package brings.
it.each(['node', 'jsdom'])(
  'a widget is tested with Jest and its environment for %s, fake timers included',
  async (environment) => {
    const folder = join(inject('consumers'), 'jest');
    const args = [
      '--experimental-vm-modules',
      join(require.resolve('jest/package.json'), '..', 'bin', 'jest.js'),
      '--rootDir',
      folder,
      '--config',
      join(folder, 'jest.config.json'),
      '--env',
      require.resolve(`jest-environment-${environment}`),
      '--ci',
    ];
    const output = await new Promise<string>((done) => {
      execFile(process.execPath, args, { cwd: folder, timeout: 60_000 }, (_, stdout, stderr) => done(stdout + stderr));
    });
    expect(output).toContain('Tests:       2 passed, 2 total');
  },
  60_000,
);

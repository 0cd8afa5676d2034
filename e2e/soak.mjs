// `npm run soak -- MINUTES SEED`: the soak of soak.spec.ts for so long, from that seed. The same seed makes the same choices.
import { spawnSync } from 'node:child_process';

const [minutes = '1', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
for (const [name, value] of Object.entries({ minutes, seed }))
  if (!(Number(value) > 0)) {
    console.error(`${name} is "${value}": give a number above 0, as in \`npm run soak -- 20 7\``);
    process.exit(2);
  }
console.log(`soak: ${minutes} minutes, seed ${seed}`);
const env = { ...process.env, SOAK_MINUTES: minutes, SOAK_SEED: seed };
const { status } = spawnSync('npx', ['playwright', 'test', 'soak.spec', '--project=chromium'], {
  cwd: import.meta.dirname,
  env,
  stdio: 'inherit',
});
process.exit(status ?? 1);

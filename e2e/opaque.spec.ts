import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guestOf } from './fixtures/addresses.ts';
import { type EngineName, expect, test } from './fixtures/engine.ts';
import { type PowerName, powers, tryPowers } from './fixtures/opaque/powers.ts';
import { readTable, writeTable } from './fixtures/opaque/table.ts';

const path = join(import.meta.dirname, '..', 'docs', 'guide', 'opaque-guests.md');
const columns: Partial<Record<EngineName, string>> = {
  chromium: 'Chromium',
  firefox: 'Firefox',
  webkit: 'WebKitGTK',
  'webkit-old': 'WPE WebKit',
};

/** What a guest of this engine keeps: only what the same page can do with an origin counts. */
function compare(opaque: Record<PowerName, string>, control: Record<PowerName, string>, name: PowerName): string {
  if (control[name] !== 'yes' && opaque[name] !== 'yes') return '–';
  if (opaque[name] === 'yes') return control[name] === 'yes' ? 'kept' : 'only here';
  return opaque[name] === 'no' ? 'lost' : `\`${opaque[name]}\``;
}

test('what a guest without an origin cannot do is what the guide says', async ({ driver, engine, site }) => {
  await driver.goto(`${site.host}/host`);
  // Of one site with its host, so that no rule about third parties takes anything from the control.
  const own = site.guest.sameSite;
  await driver.evaluate(
    async (url) => {
      const mounts = [
        host.mount(url, { opaque: true, title: 'opaque' }),
        host.mount(url, { opaque: true, title: 'opaque, too' }),
        host.mount(url, { title: 'control' }),
        host.mount(url, { title: 'control, too' }),
      ];
      await Promise.all(mounts.map(({ ready }) => ready));
    },
    guestOf(site, {}, own),
  );
  // The second of each answers on the channel.
  for (const title of ['opaque, too', 'control, too'])
    await driver.frameEvaluate(`iframe[title="${title}"]`, () => {
      if (typeof BroadcastChannel !== 'function') return;
      const channel = new BroadcastChannel('power');
      channel.addEventListener('message', () => channel.postMessage(2));
    });
  const opaque = await driver.frameEvaluate('iframe[title="opaque"]', tryPowers, own, 1);
  const control = await driver.frameEvaluate('iframe[title="control"]', tryPowers, own, 3);
  const seen = Object.fromEntries(
    (Object.keys(powers) as PowerName[]).map((name) => [powers[name].title, compare(opaque, control, name)]),
  );
  const column = columns[engine] ?? engine;
  const page = await readFile(path, 'utf8');
  if (test.info().config.updateSnapshots === 'all') {
    await writeFile(path, writeTable(page, column, seen));
    return;
  }
  expect(readTable(page, column), 'run `npm run --workspace e2e guide`').toEqual(seen);
  // Whatever the table says: these are what the word means.
  for (const name of ['localStorage', 'cookie', 'serviceWorker', 'fetch', 'frames', 'broadcast'] as const)
    expect(opaque[name], name).not.toBe('yes');
});

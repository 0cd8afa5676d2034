import { guestOf, pageAt, strangerAt } from './fixtures/addresses.ts';
import { type Driver, expect, test } from './fixtures/engine.ts';
import type { Site } from './fixtures/site.ts';

/** What the attackers have got hold of. */
function lootOf(site: Site): readonly string[] {
  return site.logs.map(({ text }) => text).filter((text) => text.startsWith('loot '));
}

function overs(site: Site): number {
  return site.logs.filter(({ text }) => text === 'over').length;
}

async function mountHonest(driver: Driver, site: Site, url: string = guestOf(site)): Promise<void> {
  await driver.goto(pageAt(site.host, 'host'));
  await driver.evaluate((address) => void host.mount(address), url);
  await expect.poll(() => driver.evaluate(() => host.mounts[0]?.state.name), { timeout: 30_000 }).toBe('ready');
}

test('T79, T80: only a sibling of its own origin can take a guest elsewhere, by reference or by name, and that ends the session', async ({
  driver,
  site,
}) => {
  await mountHonest(driver, site, guestOf(site, {}, site.guest.a));
  await driver.evaluate(() => {
    const [mount] = host.mounts;
    if (mount !== undefined) mount.frame.name = 'the-guest';
  });
  // What is refused by name opens a window of its own.
  const arrived = strangerAt(site.guest.b, () =>
    parent === window ? window.close() : stranger.loot('taken elsewhere'),
  );
  const take = (url: string): void => {
    for (const attempt of [
      () => parent.frames[0]?.location.replace(url),
      () => {
        if (parent.frames[0] !== undefined) parent.frames[0].location.href = url;
      },
      () => void open(url, 'the-guest'),
    ])
      try {
        attempt();
      } catch {
        // The browser has refused it.
      }
  };
  await driver.evaluate((src) => void stranger.embed(src), strangerAt(site.guest.b, take, arrived));
  await expect.poll(() => overs(site), { timeout: 15_000 }).toBeGreaterThanOrEqual(1);
  await driver.evaluate(() => stranger.pause(500)); // a navigation that was not refused takes place meanwhile
  expect(await driver.evaluate(async () => host.mounts[0]?.guest.echo('still here'))).toBe('still here');
  expect(lootOf(site)).toEqual([]);
  // The control: the same script, with the guest's own origin.
  await driver.evaluate((src) => void stranger.embed(src), strangerAt(site.guest.a, take, arrived));
  await expect.poll(() => lootOf(site), { timeout: 15_000 }).toContain('loot taken elsewhere');
  await expect.poll(() => driver.evaluate(() => host.mounts[0]?.state.name)).not.toBe('ready');
});

test("T81: a click in a guest does not take the host's page away; it does where a frame has no sandbox", async ({
  driver,
  site,
}) => {
  const arrived = strangerAt(site.guest.b, () => stranger.loot('top'));
  const guest = strangerAt(
    site.guest.a,
    async (url) => {
      const { port } = await stranger.connect();
      const button = document.createElement('button');
      button.onclick = () => {
        // Said to the host first: whatever becomes of the click, it has happened.
        port.postMessage([stranger.note(2, 'clicked')]);
        setTimeout(() => {
          (top as Window).location.href = url;
        });
      };
      document.body.append(button);
    },
    arrived,
  );
  await driver.goto(pageAt(site.host, 'host'));
  await driver.evaluate((url) => void host.mount(url), guest);
  await expect.poll(() => overs(site), { timeout: 15_000 }).toBe(1);
  await driver.frameClick('iframe', 'button');
  await expect.poll(() => driver.evaluate(() => host.notes), { timeout: 15_000 }).toEqual(['clicked']);
  await expect.poll(() => driver.complaints.join('\n'), { timeout: 15_000 }).toContain('allow-top-navigation');
  expect(lootOf(site)).toEqual([]);
  // The control: a frame as people write it.
  await driver.goto(pageAt(site.host, 'naive-host'));
  await driver.evaluate((url) => void victim.mount(url), guest);
  await expect.poll(() => overs(site), { timeout: 15_000 }).toBe(2);
  await driver.frameClick('iframe', 'button');
  await expect.poll(() => lootOf(site), { timeout: 15_000 }).toEqual(['loot top']);
});

test('T82: with frame-src, an opaque guest cannot take its frame elsewhere; without, it can', async ({
  driver,
  site,
}) => {
  const arrived = strangerAt(site.guest.b, () => stranger.loot('elsewhere'));
  const guest = strangerAt(
    site.guest.a,
    (url) => {
      location.href = url;
    },
    arrived,
  );
  const play = async (headers: Readonly<Record<string, string>>): Promise<void> => {
    await driver.goto(pageAt(site.host, 'host', headers));
    await driver.evaluate((url) => void host.mount(url, { opaque: true }), guest);
  };
  await play({ 'h:content-security-policy': `frame-src ${site.guest.a}` });
  const refused = (): boolean =>
    site.logs.some(({ kind, text }) => kind === 'csp' && text.startsWith(`frame-src ${site.guest.b}`));
  await expect.poll(refused, { timeout: 15_000 }).toBe(true);
  expect(lootOf(site)).toEqual([]);
  await play({});
  await expect.poll(() => lootOf(site), { timeout: 15_000 }).toEqual(['loot elsewhere']);
});

for (const victim of ['vault-naive', 'vault-host'] as const)
  test(`T71, T93: what a guest gives back, and how it ends, ${victim === 'vault-host' ? 'is nothing' : 'takes what a naive host has lent'} to others`, async ({
    driver,
    site,
  }) => {
    test.setTimeout(60_000);
    await driver.goto(pageAt(site.host, victim));
    // Calls what it was lent, over and over, until the other one is over and some time after that.
    const honest = strangerAt(site.guest.crossSite, async () => {
      const line = await stranger.vault();
      line.port.postMessage([[stranger.kinds.call, 2, 4, undefined, 0]]);
      const [, , , attached] = await stranger.hear(line, stranger.kinds.result);
      const index = (attached as number[][])[0]?.[2];
      let left = Infinity;
      new BroadcastChannel('neighbour').onmessage = () => {
        left = Math.min(left, 10);
      };
      stranger.over();
      for (let id = 4; left > 0; id += 2, left--) {
        line.port.postMessage([[stranger.kinds.call, id, index, [], 0]]);
        let answer: readonly unknown[] | undefined;
        for (let tries = 0; answer === undefined && tries < 150; tries++) {
          await stranger.pause(20);
          answer = line.received.find(([, to]) => to === id);
        }
        if (answer?.[0] !== stranger.kinds.result) return stranger.loot('what another was lent');
      }
    });
    const hostile = strangerAt(site.guest.crossSite, async () => {
      const { port } = await stranger.vault();
      const indexes = Array.from({ length: 100 }, (_, at) => 65_536 + at);
      port.postMessage(indexes.map((index) => [stranger.kinds.release, index, 2 ** 31]));
      port.postMessage([[99]]);
      const channel = new BroadcastChannel('neighbour');
      for (let count = 0; count < 10; count++) {
        channel.postMessage('over');
        await stranger.pause(100);
      }
    });
    await driver.evaluate((url) => vault.mount(url, 'honest', undefined), honest);
    await expect.poll(() => overs(site), { timeout: 15_000 }).toBe(1);
    await driver.evaluate((url) => vault.mount(url, 'hostile', undefined), hostile);
    await expect.poll(() => overs(site), { timeout: 30_000 }).toBe(3);
    expect(lootOf(site)).toEqual(victim === 'vault-host' ? [] : ['loot what another was lent']);
    const ends = victim === 'vault-host' ? { honest: 'ready', hostile: 'PROTOCOL_VIOLATION' } : {};
    expect(await driver.evaluate(() => vault.ends)).toEqual(ends);
  });

test('T62d: a value of a million levels gets nowhere, in the browsers that can send one', async ({ driver, site }) => {
  test.setTimeout(90_000);
  const guest = strangerAt(site.guest.crossSite, async () => {
    const { port, received } = await stranger.vault();
    let deepest = 1_000_000;
    for (; deepest > 1; deepest = Math.floor(deepest * 0.9))
      try {
        let value: unknown = [1];
        for (let level = 0; level < deepest; level++) value = [value];
        port.postMessage([[stranger.kinds.call, 2, 3, value, 0]]);
        break;
      } catch {
        // The browser's own writer gives up.
      }
    for (let tries = 0; tries < 200 && !received.some(([, id]) => id === 2); tries++) await stranger.pause(50);
    stranger.loot(`${deepest} ${String(received.find(([, id]) => id === 2)?.[2])}`);
  });
  const seen: Record<string, { won: boolean; depth: number; answer: string }> = {};
  for (const victim of ['vault-naive', 'vault-host'] as const) {
    const before = lootOf(site).length;
    await driver.goto(pageAt(site.host, victim));
    await driver.evaluate((url) => vault.mount(url, 'levels', undefined), guest);
    await expect.poll(() => lootOf(site).length, { timeout: 40_000 }).toBe(before + 1);
    const [, depth = '', answer = ''] = (lootOf(site).at(-1) ?? '').split(' ');
    const won = await driver.evaluate(() => vault.won.includes('levels'));
    seen[victim] = { won, depth: Number(depth), answer };
  }
  console.log(`the deepest value that this browser sends: ${JSON.stringify(seen)}`);
  const { won = false, depth = 0, answer = '' } = seen['vault-host'] ?? {};
  expect(seen['vault-naive']).toEqual({ won: true, depth, answer: 'undefined' });
  // As much as `limits.valueDepth` says is honest.
  expect({ won, answer }).toEqual(
    depth < 20_000 ? { won: true, answer: 'undefined' } : { won: false, answer: 'VALUE_TOO_LARGE' },
  );
});

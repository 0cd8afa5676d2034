import { deadOrigin, pageAt } from './fixtures/addresses.ts';
import { type Driver, expect, expectQuiet, test } from './fixtures/engine.ts';
import type { Site } from './fixtures/site.ts';

const guestAt = (site: Site, origin: string = site.guest.crossSite): string =>
  pageAt(origin, 'element-guest', { host: site.host });

async function open(driver: Driver, site: Site): Promise<void> {
  await driver.goto(`${site.host}/element-host`);
}

const stateOf = (driver: Driver, id: string): Promise<string | undefined> =>
  driver.evaluate((name) => elementHost.at(name).dataset['state'], id);

const expectReady = (driver: Driver, id: string): Promise<void> =>
  expect.poll(() => stateOf(driver, id), { timeout: 15_000 }).toBe('ready');

/** How many frames there are in the elements of the page; `window.length` does not count those in shadow trees. */
const frames = (driver: Driver): Promise<number> =>
  driver.evaluate(
    () =>
      [...document.querySelectorAll('muntin-frame')].filter(
        ({ shadowRoot }) => (shadowRoot?.querySelector('iframe') ?? null) !== null,
      ).length,
  );

test('elements that were there before their class, from HTML and by cloning: calls, context, size, events', async ({
  driver,
  site,
}) => {
  await open(driver, site);
  // Set before the class is there: own properties, which hide those of the class.
  await driver.evaluate(async (src) => {
    const early = elementHost.fill(elementHost.at('early'));
    Object.assign(early, { src });
    await elementHost.define();
  }, guestAt(site));
  await expectReady(driver, 'early');
  expect(await driver.evaluate(() => elementHost.call('early', 2))).toBe(3);
  expect(await driver.evaluate(() => elementHost.at('early').shadowRoot?.querySelector('iframe')?.title)).toBe('Early');

  await driver.evaluate(
    (src) =>
      elementHost.insert(
        `<muntin-frame id="html" title="HTML" src="${src}" size="content" max-px="500"></muntin-frame>`,
      ) && undefined,
    guestAt(site, site.guest.a),
  );
  await driver.evaluate(() => {
    const copy = elementHost.at('html').cloneNode(true) as ReturnType<typeof elementHost.at>;
    copy.id = 'copy';
    document.body.append(elementHost.fill(copy));
  });
  await expectReady(driver, 'html');
  await expectReady(driver, 'copy');
  // Handlers of this moment answer, and a context is sent anew.
  await driver.evaluate(() => {
    elementHost.at('copy').handlers = { add: (by) => by * 100 };
    elementHost.at('copy').context = { theme: 'light' };
  });
  expect(await driver.evaluate(() => elementHost.call('copy', 2))).toBe(200);
  expect(await driver.evaluate(() => elementHost.at('copy').mount?.guest.theme())).toBe('light');
  expect(await driver.evaluate(() => elementHost.at('html').mount?.guest.theme())).toBe('dark');
  const height = (): Promise<number | undefined> =>
    driver.evaluate(() => elementHost.shadow('html', 'iframe')?.clientHeight);
  await expect.poll(height).toBe(320);
  await driver.evaluate(() => elementHost.at('html').mount?.guest.setHeight(900));
  await expect.poll(height).toBe(500);
  expect(await driver.evaluate(() => elementHost.at('html').getBoundingClientRect().height)).toBe(500);

  // What makes no other guest: a title, and templates that make the same once more.
  const before = await driver.evaluate(() => elementHost.mounts.size);
  await driver.evaluate(() => {
    const element = elementHost.at('html');
    element.title = 'Another title';
    element.use = [];
    element.options = {};
  });
  expect(await driver.evaluate(() => elementHost.shadow('html', 'iframe')?.title)).toBe('Another title');
  expect(await driver.evaluate(() => elementHost.mounts.size)).toBe(before);
  // Another address is another guest.
  await driver.evaluate(
    (src) => {
      elementHost.at('html').src = src;
    },
    guestAt(site, site.guest.b),
  );
  await expect.poll(() => driver.evaluate(() => elementHost.at('html').mount?.state.name)).toBe('ready');
  expect(await driver.evaluate(() => elementHost.at('html').mount?.origin)).toBe(site.guest.b);

  await driver.evaluate(() => {
    for (const element of [...document.querySelectorAll('muntin-frame')]) element.remove();
  });
  await expect.poll(() => frames(driver)).toBe(0);
  expect(await driver.evaluate(() => [...elementHost.mounts].every(({ state }) => state.name === 'unmounted'))).toBe(
    true,
  );
  expect(await driver.evaluate(() => elementHost.mounts.size)).toBe(before + 1);
  expect(site.logs.filter(({ kind }) => kind !== 'info')).toEqual([]);
});

test('an element that is moved keeps its guest, or loads it again', async ({ driver, site, engine }) => {
  await open(driver, site);
  await driver.evaluate(async (src) => {
    await elementHost.define();
    elementHost.insert(`<muntin-frame id="moved" title="Moved" src="${src}"></muntin-frame>`);
    document.body.append(document.createElement('section'));
  }, guestAt(site));
  await expectReady(driver, 'moved');
  const idOf = (): Promise<string | undefined> =>
    driver.evaluate(() => elementHost.at('moved').mount?.guest.document());
  const first = await idOf();
  const canMove = await driver.evaluate(() => {
    const section = document.querySelector('section');
    if (section === null || !('moveBefore' in section)) return false;
    Reflect.apply(Reflect.get(section, 'moveBefore') as () => void, section, [elementHost.at('moved'), null]);
    return true;
  });
  expect(await driver.evaluate(() => elementHost.at('moved').parentElement?.localName)).toBe(
    canMove ? 'section' : 'body',
  );
  // Firefox 153 has moveBefore, and loads frames in shadow trees anew all the same.
  const second = await idOf();
  if (engine === 'firefox')
    expect(await driver.evaluate(() => elementHost.at('moved').mount?.state.name)).toBe('ready');
  else expect(second).toBe(first);
  // Taken out and put in, as lists are sorted: the same mount, another document.
  await driver.evaluate(() => document.body.prepend(elementHost.at('moved')));
  await expect.poll(async () => (await idOf()) !== second).toBe(true);
  expect(await driver.evaluate(() => elementHost.call('moved', 4))).toBe(5);
  expect(await driver.evaluate(() => elementHost.mounts.size)).toBe(1);
  expect(await frames(driver)).toBe(1);
});

test('a lazy element mounts its guest when it is about to be seen', async ({ driver, site }) => {
  await open(driver, site);
  await driver.evaluate(async (src) => {
    await elementHost.define();
    document.body.insertAdjacentHTML('beforeend', '<div style="height: 5000px"></div>');
    elementHost.insert(`<muntin-frame id="lazy" title="Lazy" loading="lazy" src="${src}"></muntin-frame>`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }, guestAt(site));
  expect(await frames(driver)).toBe(0);
  await driver.evaluate(() => scrollTo(0, 4800));
  await expectReady(driver, 'lazy');
});

test('a failed guest says so, can be tried again, and is dimmed while it connects again', async ({ driver, site }) => {
  await open(driver, site);
  const [dead, alive] = [`${await deadOrigin()}/`, guestAt(site)];
  await driver.evaluate(async (src) => {
    await elementHost.define();
    const element = elementHost.insert(`<muntin-frame id="sick" title="Prices" src="${src}"></muntin-frame>`);
    element.options = { handshakeTimeoutMs: 300 };
  }, dead);
  await expect.poll(() => stateOf(driver, 'sick'), { timeout: 10_000 }).toBe('failed');
  const alert = await driver.evaluate(() => {
    const [failure] = elementHost.failures;
    return {
      text: elementHost.shadow('sick', '[role=alert]')?.innerText,
      code: failure?.code,
      button: elementHost.shadow('sick', '[role=alert] button')?.textContent,
      isShown: elementHost.shadow('sick', 'iframe')?.checkVisibility?.() ?? false,
    };
  });
  expect(alert.text).toMatch(/^Prices could not be loaded\./);
  expect(alert.text).toContain(alert.code ?? 'no code');
  expect(alert).toMatchObject({ button: 'Try again', isShown: false });

  // The button: the alert goes, and focus stays in the element.
  const after = await driver.evaluate(() => {
    const button = elementHost.shadow('sick', 'button');
    button?.focus();
    button?.click();
    return [document.activeElement?.id, elementHost.shadow('sick', '[role=alert]') === null];
  });
  expect(after).toEqual(['sick', true]);
  await expect.poll(() => stateOf(driver, 'sick'), { timeout: 10_000 }).toBe('failed');

  // Content of the page's own, with a button of its own.
  await driver.evaluate((src) => {
    elementHost
      .at('sick')
      .insertAdjacentHTML('beforeend', '<p slot="failed">Sorry. <button data-retry>Again</button></p>');
    elementHost.at('sick').options = { handshakeTimeoutMs: 1200 };
    elementHost.at('sick').src = src;
  }, alive);
  await expectReady(driver, 'sick');
  const opacity = (): Promise<number> =>
    driver.evaluate(() => Number(getComputedStyle(elementHost.shadow('sick', '.guest') ?? document.body).opacity));
  expect(await opacity()).toBe(1);
  // The least opacity until it has failed.
  const least = await driver.evaluate(
    async (url) => {
      const element = elementHost.at('sick');
      element.mount?.guest.go(url);
      let found = 1;
      for (let waits = 0; waits < 200 && element.dataset['state'] !== 'failed'; waits++) {
        const guest = elementHost.shadow('sick', '.guest');
        if (element.dataset['state'] === 'reconnecting' && guest)
          found = Math.min(found, Number(getComputedStyle(guest).opacity));
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      return found;
    },
    pageAt(site.guest.crossSite, 'blank'),
  );
  expect(least).toBeLessThan(0.6);
  await expect.poll(() => stateOf(driver, 'sick'), { timeout: 10_000 }).toBe('failed');
  expect(await driver.evaluate(() => elementHost.at('sick').innerText)).toContain('Sorry.');
  await driver.evaluate(() => elementHost.at('sick').querySelector('button')?.click());
  await expectReady(driver, 'sick');
  expect(await opacity()).toBe(1);

  // An option that is wrong is told, too, and is tried again when it has changed.
  await driver.evaluate(() => {
    const element = elementHost.at('sick');
    element.title = '';
    element.src = `${element.src}&again`;
  });
  await expect.poll(() => driver.evaluate(() => elementHost.failures.at(-1)?.code)).toBe('INVALID_OPTION');
  await driver.evaluate(() => {
    elementHost.at('sick').title = 'Prices';
  });
  await expectReady(driver, 'sick');
});

for (const framework of ['vue', 'svelte', 'angular'])
  test(`the component that docs/guide/${framework}.md prints shows a price, follows the guest, and leaves nothing`, async ({
    driver,
    site,
  }) => {
    const guest = pageAt(site.guest.crossSite, 'guide-guest', { host: site.host });
    await driver.goto(pageAt(site.host, 'guide-host', { framework, guest }));
    await expect
      .poll(() => driver.evaluate(() => document.querySelector('p:not([slot])')?.textContent), { timeout: 15_000 })
      .toBe('101.5');
    expect(await driver.evaluate(() => guideHost.went)).toEqual(['/prices/ACME']);
    const frame = (): Promise<readonly [string, number] | undefined> =>
      driver.evaluate(() => {
        const inside = document.querySelector('muntin-frame')?.shadowRoot?.querySelector('iframe');
        return inside instanceof HTMLIFrameElement ? ([inside.title, inside.clientHeight] as const) : undefined;
      });
    await expect.poll(frame).toEqual(['ACME prices', 240]);
    await driver.evaluate(() => guideHost.remove());
    await expect.poll(frame).toBeUndefined();
    expectQuiet(driver, site);
  });

for (const framework of ['vue', 'svelte'])
  test(`in ${framework}: mounted, changed with its component, and gone with it`, async ({ driver, site }) => {
    await driver.goto(pageAt(site.host, `${framework}-host`, { guest: guestAt(site) }));
    const state = (): Promise<string | undefined> => driver.evaluate(() => frameworkHost.element?.mount?.state.name);
    await expect.poll(state, { timeout: 10_000 }).toBe('ready');
    const id = await driver.evaluate(() => frameworkHost.element?.mount?.guest.document());
    expect(await driver.evaluate(() => frameworkHost.element?.mount?.guest.count(2))).toBe(3);
    expect(await driver.evaluate(() => frameworkHost.element?.mount?.guest.theme())).toBe('dark');
    await expect
      .poll(() => driver.evaluate(() => frameworkHost.element?.shadowRoot?.querySelector('iframe')?.clientHeight))
      .toBe(320);

    await driver.evaluate(() => {
      frameworkHost.setTitle('More');
      frameworkHost.setTheme('light');
      frameworkHost.setStep(40);
    });
    await expect.poll(() => driver.evaluate(() => frameworkHost.element?.mount?.guest.theme())).toBe('light');
    expect(await driver.evaluate(() => frameworkHost.element?.mount?.guest.count(2))).toBe(42);
    expect(await driver.evaluate(() => frameworkHost.element?.shadowRoot?.querySelector('iframe')?.title)).toBe('More');
    expect(await driver.evaluate(() => frameworkHost.element?.mount?.guest.document())).toBe(id);
    expect(await driver.evaluate(() => frameworkHost.mounts.size)).toBe(1);

    await driver.evaluate((url) => frameworkHost.setUrl(url), guestAt(site, site.guest.a));
    await expect.poll(() => driver.evaluate(() => frameworkHost.element?.mount?.origin)).toBe(site.guest.a);
    await expect.poll(state, { timeout: 10_000 }).toBe('ready');
    await driver.evaluate(() => frameworkHost.show(false));
    await expect.poll(() => driver.evaluate(() => document.querySelector('muntin-frame') === null)).toBe(true);
    const left = await driver.evaluate(() =>
      [...frameworkHost.mounts].map((mount) => `${mount.state.name} ${mount.frame.isConnected}`),
    );
    expect(left).toEqual(['unmounted false', 'unmounted false']);
    expectQuiet(driver, site);
  });

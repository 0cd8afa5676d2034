import { pageAt, type Wishes } from './fixtures/addresses.ts';
import { type Driver, expect, test } from './fixtures/engine.ts';
import type { Site } from './fixtures/site.ts';

const guestAt = (site: Site, wishes: Wishes = {}): string =>
  pageAt(site.guest.crossSite, 'place-guest', { host: site.host, ...wishes });

/** Mounts a guest and waits until it is there. */
const open = (
  driver: Driver,
  id: string,
  url: string,
  options: { opaque?: boolean; key?: string; maxBytes?: number } = {},
): Promise<void> =>
  driver.evaluate(
    (name, address, how) => {
      placeHost.open(name, address, 'left', how);
      return placeHost.of(name).ready;
    },
    id,
    url,
    options,
  );

const write = (driver: Driver, id: string, text: string): Promise<void> =>
  driver.frameEvaluate(
    `#${id}`,
    (value) => {
      const input = document.querySelector('input');
      if (input === null) return;
      input.value = value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    },
    text,
  );

const read = (driver: Driver, id: string): Promise<{ text: string | undefined; restored: boolean }> =>
  driver.frameEvaluate(`#${id}`, async () => {
    const restored = await globalThis.restored;
    return { text: document.querySelector('input')?.value, restored };
  });

/** Waits until another document is there than that one. */
const isAnother = (driver: Driver, id: string, than: string): Promise<void> =>
  expect.poll(() => driver.evaluate((name) => placeHost.which(name), id), { timeout: 15_000 }).not.toBe(than);

/** Waits until the host's storage has a text. */
const isStored = (driver: Driver, text: string): Promise<void> =>
  expect
    .poll(() =>
      driver.evaluate(
        (part) =>
          Object.values(Object.fromEntries(Object.entries(localStorage))).some((one) => String(one).includes(part)),
        text,
      ),
    )
    .toBe(true);

const documents = (site: Site): number => site.logs.filter(({ text }) => text.startsWith('document ')).length;

test('a guest that is moved lives on, or has its state again', async ({ driver, site }) => {
  await driver.goto(`${site.host}/place-host`);
  for (const [id, opaque] of [
    ['plain', false],
    ['opaque', true],
  ] as const) {
    await open(driver, id, guestAt(site), { opaque });
    await write(driver, id, 'a draft');
    const before = documents(site);
    const seen = await driver.evaluate(async (name) => {
      const first = await placeHost.which(name);
      const how = await placeHost.move(name, 'right');
      const second = await placeHost.which(name);
      const parent = placeHost.of(name).frame.parentElement?.id;
      return { how, isSame: first === second, parent, canMove: 'moveBefore' in Element.prototype };
    }, id);
    console.log(`${id}: ${JSON.stringify(seen)}, ${documents(site) - before} documents`);
    expect(seen).toEqual({ ...seen, how: seen.canMove ? 'moved' : 'reloaded', isSame: seen.canMove, parent: 'right' });
    expect(await read(driver, id)).toEqual({ text: 'a draft', restored: !seen.canMove });
    await expect.poll(() => documents(site) - before).toBe(seen.canMove ? 0 : 1);
  }
  // A list is sorted: the order is that of the calls, whoever answers first, and nobody is left behind.
  await open(driver, 'third', guestAt(site));
  const sorted = await driver.evaluate(async () => {
    const names = ['third', 'opaque', 'plain'];
    const moves = names.map((name) => placeHost.move(name, 'left'));
    // The last word counts, also before the frame has gone.
    const again = placeHost.places.move(placeHost.of('plain'), placeHost.at('left'), {
      before: placeHost.of('third').frame,
    });
    const stays = await Promise.all([...moves, again]);
    const order = [...placeHost.at('left').children].map((frame) => frame.id);
    return { order, left: placeHost.at('left').childNodes.length, stays: new Set(stays).size };
  });
  expect(sorted).toEqual({ order: ['plain', 'third', 'opaque'], left: 3, stays: expect.any(Number) });
  expect(await read(driver, 'plain')).toMatchObject({ text: 'a draft' });
});

test('the state of a guest outlives its document, its mount and the page', async ({ driver, site }) => {
  test.setTimeout(60_000);
  await driver.goto(`${site.host}/place-host`);
  await open(driver, 'news', guestAt(site), { key: 'news' });
  expect(await read(driver, 'news')).toEqual({ text: '', restored: false });
  const which = (): Promise<string> => driver.evaluate(() => placeHost.which('news'));

  await write(driver, 'news', 'one');
  let before = await which();
  await driver.evaluate(() => placeHost.places.reload(placeHost.of('news')));
  expect(await which()).not.toBe(before);
  expect(await read(driver, 'news')).toEqual({ text: 'one', restored: true });

  await write(driver, 'news', 'two');
  before = await which();
  await driver.frameEvaluate('#news', () => void setTimeout(() => location.reload()));
  await isAnother(driver, 'news', before);
  expect(await read(driver, 'news')).toEqual({ text: 'two', restored: true });

  // Plain DOM operations, as of a list that somebody else sorts: what is typed has been told.
  await write(driver, 'news', 'three');
  await isStored(driver, 'three');
  before = await which();
  await driver.evaluate(() => placeHost.at('right').append(placeHost.of('news').frame));
  await isAnother(driver, 'news', before);
  expect(await read(driver, 'news')).toEqual({ text: 'three', restored: true });

  // What has changed is told soon, and not for each change; so it is there after a crash, too.
  const writes = await driver.evaluate(() => placeHost.writes);
  await driver.frameEvaluate('#news', () => {
    for (const text of ['x', 'y', 'four']) {
      const input = document.querySelector('input');
      if (input !== null) input.value = text;
      changed();
    }
  });
  await isStored(driver, 'four');
  expect(await driver.evaluate(() => placeHost.writes)).toBe(writes + 1);

  // The page is another one, and the guest of the next version, which takes what its first version has kept.
  await write(driver, 'news', 'five');
  await driver.evaluate(() => placeHost.states.get('news')?.of(placeHost.of('news')).save());
  await driver.goto(`${site.host}/place-host`);
  await open(driver, 'news', guestAt(site, { version: 2 }), { key: 'news' });
  expect(await read(driver, 'news')).toEqual({ text: 'five', restored: true });
  // One that does not know that shape begins afresh, and so does a guest of another origin, although the key is the same.
  await open(driver, 'afresh', guestAt(site, { version: 3 }), { key: 'news' });
  expect(await read(driver, 'afresh')).toEqual({ text: '', restored: false });
  expect(site.logs.map(({ text }) => text)).toContain('refused INPUT_INVALID');
  await open(driver, 'other', pageAt(site.guest.a, 'place-guest', { host: site.host }), { key: 'news' });
  expect(await read(driver, 'other')).toEqual({ text: '', restored: false });

  // What a guest that lies says is never more than a text within the bounds.
  const kept = await driver.evaluate(() => JSON.stringify(Object.entries(localStorage)));
  await open(driver, 'liar', pageAt(site.guest.b, 'place-guest', { host: site.host, liar: 1 }), {
    key: 'liar',
    maxBytes: 1000,
  });
  await driver.frameEvaluate('#liar', () => {
    for (const text of [
      { toString: () => 'evil' },
      ['evil'],
      7,
      null,
      undefined,
      '',
      'é'.repeat(501),
      'x'.repeat(1001),
    ])
      try {
        lie(text);
      } catch {
        // what cannot cross does not
      }
  });
  expect(await driver.evaluate(() => placeHost.states.get('liar')?.of(placeHost.of('liar')).save())).toBe(false);
  expect(await driver.evaluate(() => JSON.stringify(Object.entries(localStorage)))).toBe(kept);
});

test('a parked guest lives on, out of reach; guests are loaded when they are near, and once', async ({
  driver,
  site,
}) => {
  await driver.goto(`${site.host}/place-host`);
  await open(driver, 'news', guestAt(site));
  await driver.frameEvaluate('#news', () => document.querySelector('#scroller')?.scrollTo(0, 77));
  const seen = await driver.evaluate(async () => {
    const { park, resume, isParked } = placeHost.places;
    const widget = placeHost.of('news');
    const { frame } = widget;
    frame.style.height = '150px';
    const before = frame.style.cssText;
    const first = await placeHost.which('news');
    frame.focus();
    park(park(widget));
    const style = getComputedStyle(frame);
    const hidden = [frame.inert, isParked(widget), style.visibility, document.activeElement === frame];
    const slotPx = placeHost.at('left').getBoundingClientRect().height;
    hidden.push(await placeHost.focus.of(widget).focus('first'), document.activeElement === frame);
    const isSame = (await placeHost.which('news')) === first;
    resume(resume(widget));
    const isBack = [
      frame.inert,
      isParked(widget),
      frame.style.cssText === before,
      (await placeHost.which('news')) === first,
    ];
    return { hidden, slotPx, isSame, isBack };
  });
  expect(seen).toEqual({
    hidden: [true, true, 'hidden', false, false, false],
    slotPx: 10,
    isSame: true,
    isBack: [false, false, true, true],
  });
  expect(await driver.frameEvaluate('#news', () => document.querySelector('#scroller')?.scrollTop)).toBe(77);

  // Two are shown, one is parked, and the fourth that was used is one too many.
  await open(driver, 'b', guestAt(site), { key: 'b' });
  await open(driver, 'c', guestAt(site));
  await open(driver, 'd', guestAt(site));
  await write(driver, 'b', 'of b');
  const alive = await driver.evaluate(async () => {
    const { keepAlive, isParked } = placeHost.places;
    const guests = keepAlive({ max: 2, maxParked: 1 });
    for (const id of ['b', 'news', 'c', 'd']) guests.show(placeHost.of(id));
    while (placeHost.of('b').state.name !== 'unmounted') await new Promise((resolve) => setTimeout(resolve, 20));
    return guests.widgets.map((widget) => `${widget.frame.id}${isParked(widget) ? ', parked' : ''}`);
  });
  expect(alive).toEqual(['d', 'c', 'news, parked']);
  await open(driver, 'b', guestAt(site), { key: 'b' });
  expect(await read(driver, 'b')).toEqual({ text: 'of b', restored: true });

  const before = documents(site);
  const near = await driver.evaluate(async (url) => {
    const slot = document.createElement('div');
    slot.id = 'far';
    slot.style.cssText = 'margin-top: 5000px; height: 10px';
    document.body.append(slot);
    const states: string[] = [];
    const cancel = new AbortController();
    const refused = placeHost.places
      .near(slot, { signal: cancel.signal })
      .catch((error: { code: string }) => error.code);
    const mounted = placeHost.places.near(slot, { marginPx: 100 }).then(() => placeHost.open('late', url, 'far'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    states.push(placeHost.widgets.has('late') ? 'mounted' : 'waits');
    cancel.abort();
    states.push(String(await refused));
    slot.scrollIntoView();
    await mounted;
    await placeHost.of('late').ready;
    scrollTo(0, 0);
    // Wanted three times, and loaded once.
    const soon = placeHost.places.prefetch(() => {
      placeHost.open('soon', url, 'right');
      return placeHost.of('soon');
    });
    soon.load();
    states.push(placeHost.places.isParked(soon.load()) ? 'parked' : 'shown');
    await placeHost.of('soon').ready;
    states.push(placeHost.places.isParked(soon.show()) ? 'parked' : 'shown');
    await placeHost.which('soon');
    return states;
  }, guestAt(site));
  expect(near).toEqual(['waits', 'CALL_CANCELLED', 'parked', 'shown']);
  await expect.poll(() => documents(site) - before).toBe(2);
});

/** What has the focus: an element of the host, or `guest: ` and one of the guest. */
async function focused(driver: Driver): Promise<string> {
  const inHost = await driver.evaluate(() => {
    const { activeElement: active } = document;
    return active === null || active === document.body ? '' : active.localName === 'iframe' ? 'guest: ' : active.id;
  });
  if (inHost !== 'guest: ') return inHost;
  return (
    inHost +
    (await driver.frameEvaluate('#news', () => {
      const { activeElement: active } = document;
      return active === document.body ? '' : active?.id || active?.textContent;
    }))
  );
}

test('focus goes to the first and last element of a guest, and comes back after a reload or a move', async ({
  driver,
  site,
  engine,
}) => {
  await driver.goto(`${site.host}/place-host`);
  await open(driver, 'news', guestAt(site));
  // WebKit lets no document of another site choose an element until a person has acted in it: the frame has the focus, and Tab goes on from there.
  const isWebKit = engine.startsWith('webkit');
  const afterMove = isWebKit ? 'guest: ' : 'guest: Last'; // there the frame that comes back is another one
  const give = async (to: 'first' | 'last' | 'restore'): Promise<readonly [boolean, string]> => [
    await driver.evaluate((target) => placeHost.focus.of(placeHost.of('news')).focus(target), to),
    await focused(driver),
  ];
  if (isWebKit) {
    expect(await give('first')).toEqual([false, 'guest: ']);
    await driver.frameClick('#news', '#middle');
  }
  expect(await give('first')).toEqual([true, 'guest: draft']);
  expect(await give('last')).toEqual([true, 'guest: Last']);
  await driver.evaluate(() => document.querySelector<HTMLElement>('#before')?.focus());
  expect(await focused(driver)).toBe('before');
  expect(await give('restore')).toEqual([true, 'guest: Last']);

  await driver.evaluate(() => placeHost.places.reload(placeHost.of('news')));
  await expect.poll(() => focused(driver)).toBe('guest: Last');
  await driver.evaluate(() => placeHost.move('news', 'right'));
  await expect.poll(() => focused(driver)).toBe(afterMove);
  const before = await driver.evaluate(() => placeHost.which('news'));
  await driver.frameEvaluate('#news', () => void setTimeout(() => location.reload()));
  await isAnother(driver, 'news', before);
  await expect.poll(() => focused(driver)).toBe(afterMove);

  // It is not taken from somebody who has gone on.
  await driver.evaluate(() => document.querySelector<HTMLElement>('#after')?.focus());
  await driver.evaluate(() => placeHost.places.reload(placeHost.of('news')));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await focused(driver)).toBe('after');
});

test('Tab and Shift+Tab enter and leave a guest at the right element @process', async ({ driver, site, engine }) => {
  test.skip(
    engine === 'firefox',
    'keys do not reach a guest in a process of its own here; played in firefox-inprocess',
  );
  await driver.goto(`${site.host}/place-host`);
  await open(driver, 'news', guestAt(site));
  await driver.click('#before');
  const seen: string[] = [];
  const press = async (key: 'Tab' | 'Shift+Tab'): Promise<void> => {
    const before = await focused(driver);
    await driver.press(key);
    // The focus goes from process to process, and is nowhere meanwhile.
    let now = before;
    for (const end = Date.now() + 2000; Date.now() < end && (now === before || now === ''); )
      now = await focused(driver);
    seen.push(now);
  };
  for (let count = 0; count < 4; count++) await press('Tab');
  for (let count = 0; count < 4; count++) await press('Shift+Tab');
  // Parked, it is passed by.
  await driver.evaluate(() => void placeHost.places.park(placeHost.of('news')));
  await driver.click('#before');
  await press('Tab');
  await press('Shift+Tab');
  const there = ['guest: draft', 'guest: middle', 'guest: Last'];
  const back = ['guest: middle', 'guest: draft', 'before'];
  // WebKit of 2022 stops at the frame itself on the way in, once more.
  const way =
    engine === 'webkit-old' ? ['guest: ', ...there, ...back, 'after'] : [...there, 'between', 'guest: Last', ...back];
  expect(seen).toEqual([...way, 'between', 'before']);
});

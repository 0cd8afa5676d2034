import { guestOf, pageAt } from './fixtures/addresses.ts';
import { type Driver, expect, expectQuiet, test } from './fixtures/engine.ts';
import type { Outcome } from './fixtures/pages/outcome.ts';

/** Begins everything that can be pending between the two sides of the newest mount; `outcomes` fills as it ends. */
async function beginAll(driver: Driver): Promise<void> {
  await driver.evaluate(async () => {
    const mounted = host.mounts.at(-1) as (typeof host.mounts)[number];
    await mounted.ready;
    const outcomes: Record<string, Outcome> = {};
    const note = (name: string, outcome: Outcome): void => {
      if (name in outcomes) outcomes[`${name} again`] = outcome;
      outcomes[name] = outcome;
    };
    Object.assign(globalThis, { outcomes });
    const options = { timeoutMs: Infinity };
    void host.settle(mounted.guest.documentNumber(undefined, options)).then((outcome) => note('query', outcome));
    void host.settle(mounted.guest.wait(undefined, options)).then((outcome) => note('mutation', outcome));
    await new Promise<void>((resolve) => {
      mounted.guest.ticks().subscribe({
        next: () => resolve(),
        error: (error: { code: string; cause?: { code: string } }) =>
          note('stream', { code: error.code, ...(error.cause === undefined ? {} : { cause: error.cause.code }) }),
        complete: () => note('stream', { value: 'complete' }),
      });
    });
  });
  await driver.frameEvaluate('iframe', () => guest.wait());
  await expect
    .poll(() => driver.evaluate(() => [host.tally.calls, host.tally.subscribed].map((count) => count > 0)))
    .toEqual([true, true]);
}

const outcomesOf = (driver: Driver): Promise<Record<string, Outcome>> =>
  driver.evaluate(() => (globalThis as unknown as { outcomes: Record<string, Outcome> }).outcomes);

const once = { calls: 1, aborted: 1, subscribed: 1, tornDown: 1 };

test.describe('a guest that loads anew connects again', () => {
  const ways: Readonly<Record<string, (driver: Driver, url: string) => Promise<unknown>>> = {
    'location.reload() inside': (driver) => driver.frameEvaluate('iframe', () => setTimeout(() => location.reload())),
    'mount.reload()': (driver) => driver.evaluate(() => host.mounts[0]?.reload()),
    'a navigation on its own origin': (driver, url) =>
      driver.frameEvaluate('iframe', (to) => setTimeout(() => location.assign(to)), `${url}&elsewhere`),
    'a move of its frame in the page': (driver) =>
      driver.evaluate(() => {
        const { frame } = host.mounts[0] as (typeof host.mounts)[number];
        const section = document.createElement('section');
        document.body.append(section);
        section.append(frame);
      }),
  };
  for (const [name, reload] of Object.entries(ways)) {
    test(`by ${name}: queries are answered, mutations say that they may have run`, async ({ driver, site }) => {
      const url = guestOf(site);
      await driver.goto(`${site.host}/host`);
      await driver.evaluate((address) => host.mount(address).ready, url);
      await beginAll(driver);
      await reload(driver, url);
      // A moved frame begins anew and takes its next document for the first: the query is sent again, and goes on waiting.
      const isAnswered = !name.startsWith('a move');
      const settled = ['mutation', ...(isAnswered ? ['query'] : []), 'stream'];
      await expect.poll(async () => Object.keys(await outcomesOf(driver)).sort()).toEqual(settled);
      const { query, mutation, stream } = await outcomesOf(driver);
      expect(query?.value).toBe(isAnswered ? 2 : undefined);
      expect(mutation).toMatchObject({ code: 'LINK_CLOSED', cause: 'PEER_RELOADED', mayHaveRun: true });
      expect(stream).toEqual({ code: 'LINK_CLOSED', cause: 'PEER_RELOADED' });
      const seen = await driver.evaluate(async () => {
        const { ready, guest, state } = host.mounts[0] as (typeof host.mounts)[number];
        await ready;
        return { tally: host.tally, state: state.name, context: await guest.readContext(), states: host.states[0] };
      });
      expect(seen).toMatchObject({ tally: once, context: { theme: 'dark' } });
      expect(seen.states?.filter((state) => state === 'ready')).toHaveLength(2);
      expect(seen.states?.at(-1)).toBe('ready');
      expectQuiet(driver, site);
    });
  }

  test('a move that keeps the document keeps the session', async ({ driver, site }) => {
    await driver.goto(`${site.host}/host`);
    const seen = await driver.evaluate(async (url) => {
      const { frame, guest, ready } = host.mount(url);
      await ready;
      const pending = guest.echo(1);
      const section = document.createElement('section');
      document.body.append(section);
      (section as unknown as { moveBefore(node: Node, child: null): void }).moveBefore(frame, null);
      return { pending: await pending, echo: await guest.echo(2), states: host.states[0]?.at(-1) };
    }, guestOf(site));
    expect(seen).toEqual({ pending: 1, echo: 2, states: 'ready' });
  });

  test('calls made in between wait for it', { tag: '@core' }, async ({ driver, site }) => {
    await driver.goto(`${site.host}/host`);
    const seen = await driver.evaluate(async (url) => {
      const mounted = host.mount(url);
      await mounted.ready;
      mounted.reload();
      const { state, ready } = mounted;
      const call = await mounted.guest.report('in between');
      await ready; // the promise is a new one: the mount was not ready when it was read
      return { state: state.name, call: call === undefined, notes: host.notes };
    }, guestOf(site));
    expect(seen).toEqual({ state: 'loading', call: true, notes: ['in between'] });
    expectQuiet(driver, site);
  });

  test('a guest that reloads for ever is stopped with RELOAD_LOOP', async ({ driver, site }) => {
    await driver.goto(`${site.host}/host`);
    const seen = await driver.evaluate(
      async (bad, good) => {
        const mounted = host.mount(bad);
        await new Promise<void>((resolve) => {
          mounted.state$.subscribe(({ name }) => {
            if (name === 'failed') resolve();
          });
        });
        const { code, message } = mounted.state.cause ?? {};
        const call = await host.settle(mounted.guest.echo(1));
        return {
          code,
          message,
          call: call.cause,
          ready: (await host.settle(mounted.ready)).code,
          neighbour: await host.mount(good).guest.echo(1),
        };
      },
      guestOf(site, { loop: '' }),
      guestOf(site, {}, site.guest.b),
    );
    expect(seen).toMatchObject({ code: 'RELOAD_LOOP', call: 'RELOAD_LOOP', ready: 'RELOAD_LOOP', neighbour: 1 });
    expect(seen.message).toMatch(/5 documents in a row.* reload\(\)/);
    expectQuiet(driver, site);
  });
});

test.describe('a guest that goes to another origin is given up, and what was pending is settled', () => {
  for (const page of ['guest', 'blank']) {
    test(`to a page ${page === 'guest' ? 'that says hello' : 'without the SDK'}`, async ({ driver, site }) => {
      await driver.goto(`${site.host}/host`);
      await driver.evaluate((url) => host.mount(url, { handshakeTimeoutMs: 2000 }).ready, guestOf(site));
      await beginAll(driver);
      const elsewhere = pageAt(site.guest.b, page, { host: site.host });
      await driver.frameEvaluate('iframe', (to) => setTimeout(() => location.assign(to)), elsewhere);
      await expect
        .poll(async () => Object.keys(await outcomesOf(driver)).sort())
        .toEqual(['mutation', 'query', 'stream']);
      const outcomes = await outcomesOf(driver);
      for (const outcome of Object.values(outcomes)) expect(outcome.code).toBe('LINK_CLOSED');
      const seen = await driver.evaluate(() => ({
        state: host.mounts[0]?.state.name,
        cause: host.mounts[0]?.state.cause?.code,
        tally: host.tally,
      }));
      expect(seen).toEqual({ state: 'failed', cause: 'PEER_NAVIGATED', tally: once });
      expect(await driver.frameEvaluate('iframe', () => traffic.filter(({ ports }) => ports > 0))).toEqual([]);
    });
  }
});

test('a guest that is busy for 8 s is unresponsive, then ready again; the host and other guests go on', async ({
  driver,
  site,
}) => {
  await driver.goto(`${site.host}/host`);
  const seen = await driver.evaluate(
    async (busyUrl, otherUrl) => {
      const busy = host.mount(busyUrl);
      const other = host.mount(otherUrl);
      await Promise.all([busy.ready, other.ready]);
      const startedAt = performance.now();
      const spin = busy.guest.spin({ ms: 8000 }, { timeoutMs: 20_000 });
      let unresponsiveAt = 0;
      busy.state$.subscribe(({ name }) => {
        if (name === 'unresponsive') unresponsiveAt = performance.now() - startedAt;
      });
      let slowest = 0;
      const pings = setInterval(() => void other.ping().then((ms) => (slowest = Math.max(slowest, ms))), 500);
      await spin;
      clearInterval(pings);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { states: host.states, unresponsiveAt, slowest, after: await busy.guest.echo('back') };
    },
    guestOf(site),
    guestOf(site, {}, site.guest.b),
  );
  expect(seen.states[0]?.slice(-3)).toEqual(['ready', 'unresponsive', 'ready']);
  expect(seen.states[1]?.at(-1)).toBe('ready');
  expect(seen.states[1]).not.toContain('unresponsive');
  expect(seen.unresponsiveAt).toBeGreaterThan(3000); // two questions, a third of 5 s apart, and the time for an answer
  expect(seen.unresponsiveAt).toBeLessThan(8000);
  expect(seen.slowest).toBeLessThan(2000);
  expect(seen.after).toBe('back');
  expectQuiet(driver, site);
});

test.describe('unmount settles everything', () => {
  test('during the handshake', async ({ driver, site }) => {
    await driver.goto(`${site.host}/host`);
    const seen = await driver.evaluate(
      async (url) => {
        const mounted = host.mount(url);
        const call = host.settle(mounted.guest.report('never sent'));
        const stream = host.settle(new Promise((_, reject) => mounted.guest.ticks().subscribe({ error: reject })));
        const ready = host.settle(mounted.ready);
        await mounted.unmount();
        const late = host.settle(mounted.guest.echo(1));
        return {
          call: await call,
          stream: await stream,
          ready: await ready,
          late: await late,
          states: host.states[0],
          frames: frames.length,
        };
      },
      guestOf(site, { delayMs: 200 }),
    );
    expect(seen).toMatchObject({
      call: { code: 'LINK_CLOSED', cause: 'UNMOUNTED' },
      stream: { code: 'LINK_CLOSED', cause: 'UNMOUNTED' },
      ready: { code: 'UNMOUNTED' },
      late: { code: 'LINK_CLOSED', cause: 'UNMOUNTED' },
      states: ['loading', 'unmounted'],
      frames: 0,
    });
    expect(seen.call.mayHaveRun).toBeUndefined();
    expectQuiet(driver, site);
  });

  test('with calls and streams pending in both directions, each torn down once', { tag: '@core' }, async ({
    driver,
    site,
  }) => {
    // Attached, so that the guest is still there afterwards and can be asked.
    await driver.goto(pageAt(site.host, 'host', { frame: guestOf(site) }));
    await driver.evaluate((origin) => host.attach('iframe', origin).ready, site.guest.crossSite);
    await beginAll(driver);
    const completed = await driver.evaluate(async () => {
      const mounted = host.mounts[0] as (typeof host.mounts)[number];
      let isComplete = false;
      mounted.state$.subscribe({ complete: () => (isComplete = true) });
      await mounted.unmount();
      await mounted.unmount();
      return isComplete;
    });
    expect(completed).toBe(true);
    await expect.poll(() => driver.frameEvaluate('iframe', () => guest.outcomes.length)).toBe(2);
    await driver.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200))); // time for a second teardown, if there were one
    const outcomes = await outcomesOf(driver);
    expect(outcomes).toMatchObject({
      query: { code: 'LINK_CLOSED', cause: 'UNMOUNTED' },
      mutation: { code: 'LINK_CLOSED', cause: 'UNMOUNTED', mayHaveRun: true },
      stream: { code: 'LINK_CLOSED', cause: 'UNMOUNTED' },
    });
    expect(Object.keys(outcomes)).toHaveLength(3);
    expect(await driver.evaluate(() => host.tally)).toEqual(once);
    const inside = await driver.frameEvaluate('iframe', () => ({ tally: guest.tally, outcomes: guest.outcomes }));
    expect(inside.tally).toEqual(once);
    for (const outcome of inside.outcomes) expect(outcome).toMatchObject({ code: 'LINK_CLOSED', cause: 'PEER_CLOSED' });
    expectQuiet(driver, site);
  });

  test('at the end of a block with await using', async ({ driver, site }) => {
    await driver.goto(`${site.host}/host`);
    const seen = await driver.evaluate(
      async (url) => ({
        echo: await host.useOnce(url),
        frames: frames.length,
        state: host.mounts[0]?.state.name,
      }),
      guestOf(site),
    );
    expect(seen).toEqual({ echo: 'for once', frames: 0, state: 'unmounted' });
    expectQuiet(driver, site);
  });
});

test('a frame that other code removes settles everything, on this side and on the other', async ({ driver, site }) => {
  await driver.goto(`${site.host}/host`);
  await driver.evaluate((url) => host.mount(url, { handshakeTimeoutMs: 2000 }).ready, guestOf(site));
  await beginAll(driver);
  await driver.evaluate(() => host.mounts[0]?.frame.remove());
  await expect.poll(async () => Object.keys(await outcomesOf(driver)).sort()).toEqual(['mutation', 'query', 'stream']);
  for (const outcome of Object.values(await outcomesOf(driver))) expect(outcome.code).toBe('LINK_CLOSED');
  const seen = await driver.evaluate(async () => {
    const mounted = host.mounts[0] as (typeof host.mounts)[number];
    const { name, cause } = mounted.state;
    await mounted.unmount(); // there is nothing left to remove, and it does not mind
    return { name, cause: cause?.code, tally: host.tally };
  });
  expect(seen).toEqual({ name: 'failed', cause: 'FRAME_REMOVED', tally: once });
  expectQuiet(driver, site);
});

test('a guest that closes its end is over for its host', async ({ driver, site }) => {
  await driver.goto(`${site.host}/host`);
  await driver.evaluate((url) => host.mount(url).ready, guestOf(site));
  await beginAll(driver);
  await driver.frameEvaluate('iframe', () => guest.shell.close());
  await expect.poll(async () => Object.keys(await outcomesOf(driver)).sort()).toEqual(['mutation', 'query', 'stream']);
  for (const outcome of Object.values(await outcomesOf(driver)))
    expect(outcome).toMatchObject({ code: 'LINK_CLOSED', cause: 'PEER_CLOSED' });
  expect(
    await driver.evaluate(() => [host.mounts[0]?.state.name, host.mounts[0]?.state.cause?.code, host.tally]),
  ).toEqual(['failed', 'PEER_CLOSED', once]);
  const inside = await driver.frameEvaluate('iframe', () => ({
    tally: guest.tally,
    outcomes: guest.outcomes.map(({ code }) => code),
  }));
  expect(inside).toEqual({ tally: once, outcomes: ['LINK_CLOSED', 'LINK_CLOSED'] });
  expectQuiet(driver, site);
});

test('two mounts of one guest know nothing of each other', async ({ driver, site }) => {
  await driver.goto(`${site.host}/host`);
  const seen = await driver.evaluate(async (url) => {
    const [first, second] = [host.mount(url), host.mount(url)];
    await Promise.all([first.ready, second.ready]);
    first.setContext({ theme: 'light' });
    const themes = [await first.guest.readContext(), await second.guest.readContext()];
    const pending = second.guest.echo('of the second');
    await first.unmount();
    return {
      themes,
      pending: await pending,
      echo: await second.guest.echo(1),
      first: await host.settle(first.guest.echo(1)),
      frames: frames.length,
    };
  }, guestOf(site));
  expect(seen).toMatchObject({
    themes: [{ theme: 'light' }, { theme: 'dark' }],
    pending: 'of the second',
    echo: 1,
    first: { code: 'LINK_CLOSED' },
    frames: 1,
  });
  expectQuiet(driver, site);
});

test('the context reaches a guest without a reload, also what is set before it is there', { tag: '@core' }, async ({
  driver,
  site,
}) => {
  await driver.goto(`${site.host}/host`);
  const seen = await driver.evaluate(async (url) => {
    const mounted = host.mount(url, { context: { theme: 'dark', secret: 'kept' } });
    mounted.setContext({ theme: 'before' });
    await mounted.ready;
    for (const theme of ['one', 'two']) mounted.setContext({ theme });
    const context = await mounted.guest.readContext();
    let refused = '';
    try {
      mounted.setContext({ theme: (() => 'x') as unknown as string });
    } catch (error) {
      refused = (error as { code: string }).code;
    }
    return { context, refused, after: await mounted.guest.readContext() };
  }, guestOf(site));
  const context = { theme: 'two', secret: 'kept' };
  expect(seen).toEqual({ context, refused: 'VALUE_NOT_CLONEABLE', after: context });
  const inside = await driver.frameEvaluate('iframe', () => ({ themes: guest.themes, document: window.name }));
  expect(inside).toEqual({ themes: ['before', 'one', 'two'], document: '1' });
  expectQuiet(driver, site);
});

test('state$ shows the present state first, then every change, and completes', async ({ driver, site }) => {
  await driver.goto(`${site.host}/host`);
  const seen = await driver.evaluate(async (url) => {
    const mounted = host.mount(url);
    const late: string[] = [];
    const { ready } = mounted;
    const fulfilled = (await ready) === undefined && (await mounted.ready) === undefined;
    mounted.state$.subscribe({ next: ({ name }) => late.push(name), complete: () => late.push('complete') });
    mounted.reload();
    const renewed = mounted.ready !== ready;
    await mounted.ready;
    await mounted.unmount();
    mounted.state$.subscribe({ next: ({ name }) => late.push(`${name} for who comes last`) });
    return { fulfilled, renewed, late };
  }, guestOf(site));
  expect({ fulfilled: seen.fulfilled, renewed: seen.renewed }).toEqual({ fulfilled: true, renewed: true });
  expect(seen.late[0]).toBe('ready');
  expect(seen.late.filter((name) => name !== 'handshaking')).toEqual([
    'ready',
    'reconnecting',
    'loading',
    'ready',
    'unmounted',
    'complete',
    'unmounted for who comes last',
  ]);
  expectQuiet(driver, site);
});

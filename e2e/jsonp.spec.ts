import { expect, test } from './fixtures/jsonp-server.ts';

/** What Node has, too, and takes from the language. */
function isOfTheLanguage(name: string): boolean {
  const languages =
    /^(Array|BigInt|Boolean|Date|Error|JSON|Map|Math|Number|Object|Promise|Reflect|RegExp|Set|String|Symbol|TypeError|decodeURIComponent|encodeURIComponent|isFinite|isNaN|parseFloat|parseInt|unescape)$/;
  return languages.test(name);
}

test.describe('@core', () => {
  test.setTimeout(90_000);

  test.beforeEach(async ({ driver, site }) => {
    await driver.goto(`${site.host}/jsonp-host?secret=in-the-address`);
  });

  test('an answer is parsed and validated, and its frame is gone', async ({ driver, server }) => {
    const seen = await driver.evaluate(async (origin) => {
      const [ok, window, proto] = await Promise.all([
        jsonpKit.askForBook(`${origin}/jsonp/ok?lang=en`),
        jsonpKit.askForBook(`${origin}/jsonp/window`),
        jsonpKit.ask(`${origin}/jsonp/proto`),
      ]);
      return { ok, window, proto, frames: jsonpKit.frames };
    }, server.origin);
    const book = { value: '{"title":"Dune","year":1965}' };
    expect(seen).toEqual({ ok: book, window: book, proto: { value: '{"title":"x"}' }, frames: 0 });
    const asked = server.requests.filter((request) => request.includes('/jsonp/ok'));
    // One request, a callback of ours, no referrer.
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(/^GET 127\.0\.0\.1:\d+ \/jsonp\/ok\?lang=en&callback=jsonp_\w{21}$/);
    expect(server.requests.filter((request) => request.includes('from'))).toEqual([]);
  });

  test('what fails is told at once, by its name', async ({ driver, server, engine }) => {
    // Firefox tells nobody whether a script in a worker was not loaded or has thrown.
    const thrown = engine.startsWith('firefox') ? 'JSONP_NOT_LOADED' : 'JSONP_BAD_RESPONSE';
    const codes = {
      missing: 'JSONP_NOT_LOADED',
      broken: 'JSONP_NOT_LOADED',
      elsewhere: 'JSONP_NOT_LOADED',
      cut: 'JSONP_NOT_LOADED',
      refused: 'JSONP_NOT_LOADED',
      syntax: thrown,
      empty: 'JSONP_BAD_RESPONSE',
      'no-content': thrown,
      other: thrown,
      throws: thrown,
      late: 'JSONP_BAD_RESPONSE',
      wrong: 'OUTPUT_INVALID',
    };
    const ends = await driver.evaluate(
      (origin, names) =>
        Promise.all(names.map(async (name) => [name, (await jsonpKit.askForBook(`${origin}/jsonp/${name}`)).code])),
      server.origin,
      Object.keys(codes),
    );
    // None has waited for the time-out, which has a code of its own.
    expect(Object.fromEntries(ends)).toEqual(codes);
    // Engines differ in what they load as a script at all.
    const types = await driver.evaluate(
      (origin) =>
        Promise.all(
          ['html', 'nosniff', 'image'].map(async (name) => (await jsonpKit.ask(`${origin}/jsonp/${name}`)).code),
        ),
      server.origin,
    );
    for (const code of types) expect(['JSONP_NOT_LOADED', 'JSONP_BAD_RESPONSE']).toContain(code);
    expect(await driver.evaluate(() => jsonpKit.frames)).toBe(0);
  });

  test('what takes too long, is too large or is cancelled ends with its code', async ({ driver, server }) => {
    const seen = await driver.evaluate(async (origin) => {
      const codes = await Promise.all([
        jsonpKit.ask(`${origin}/jsonp/silent`, { timeoutMs: 300 }),
        jsonpKit.ask(`${origin}/jsonp/ok`, { maxBytes: 10 }),
        jsonpKit.ask(`${origin}/jsonp/ok`, { maxBytes: 28 }),
        jsonpKit.cancel(`${origin}/jsonp/silent`, 200),
        jsonpKit.cancel(`${origin}/jsonp/ok`, 0),
        jsonpKit.ask('http://books.example/'),
        jsonpKit.ask(`${origin}/jsonp/ok`, { timeoutMs: -1 }),
        jsonpKit.ask(`${origin}/jsonp/ok`, { callback: 'x' } as object),
      ]);
      return { codes: codes.map(({ code, value }) => code ?? value), frames: jsonpKit.frames };
    }, server.origin);
    expect(seen).toEqual({
      codes: [
        'JSONP_TIMED_OUT',
        'JSONP_TOO_LARGE',
        '{"title":"Dune","year":1965}',
        'CALL_CANCELLED',
        'CALL_CANCELLED',
        'INVALID_OPTION',
        'INVALID_OPTION',
        'INVALID_OPTION',
      ],
      frames: 0,
    });
  });

  test('a script that never returns costs neither its answer nor the page', async ({ driver, server }) => {
    const seen = await driver.evaluate(async (origin) => {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 20);
      const [loop, promises, answered, honest] = await Promise.all([
        jsonpKit.ask(`${origin}/jsonp/loop`, { timeoutMs: 3000 }),
        jsonpKit.ask(`${origin}/jsonp/promise-loop`, { timeoutMs: 3000 }),
        jsonpKit.ask(`${origin}/jsonp/answer-then-loop`),
        jsonpKit.ask(`${origin}/jsonp/ok`),
      ]);
      clearInterval(timer);
      return {
        loop: loop.code,
        promises: promises.code,
        answered,
        honest,
        hasRun: ticks > 10,
        frames: jsonpKit.frames,
      };
    }, server.origin);
    expect(seen).toEqual({
      loop: 'JSONP_TIMED_OUT',
      // Jobs after the script has ended are none of the answer.
      promises: expect.stringMatching('JSONP_(TIMED_OUT|BAD_RESPONSE)'),
      answered: { value: '{"title":"before"}' },
      honest: { value: '{"title":"Dune","year":1965}' },
      hasRun: true,
      frames: 0,
    });
  });

  test('at most six frames are there at a time, and the rest come later', async ({ driver, server }) => {
    const seen = await driver.evaluate(async (origin) => {
      const calls = Array.from({ length: 14 }, (_, index) =>
        index === 9 ? jsonpKit.cancel(`${origin}/jsonp/slow`, 1) : jsonpKit.ask(`${origin}/jsonp/slow?n=${index}`),
      );
      const ends = await Promise.all(calls);
      return { most: jsonpKit.mostFrames, left: jsonpKit.frames, ends: ends.map(({ code, value }) => code ?? value) };
    }, server.origin);
    const ends = Array.from({ length: 14 }, (_, index) => (index === 9 ? 'CALL_CANCELLED' : '{"title":"slow"}'));
    expect(seen).toEqual({ most: 6, left: 0, ends });
  });

  test('the frame is closed, and the script has the language and nothing else', async ({ driver, server }) => {
    const seen = await driver.evaluate(async (origin) => {
      const call = jsonpKit.ask(`${origin}/jsonp/slow`);
      await new Promise((resolve) => setTimeout(resolve));
      const frame = document.querySelector('iframe');
      const attributes = Object.fromEntries(
        ['sandbox', 'allow', 'referrerpolicy', 'credentialless'].map((name) => [
          name,
          frame?.getAttribute(name) ?? null,
        ]),
      );
      const knows = 'credentialless' in HTMLIFrameElement.prototype;
      await call;
      const { value = '[]' } = await jsonpKit.ask(`${origin}/jsonp/names`);
      return { attributes, knows, names: JSON.parse(value) as string[] };
    }, server.origin);
    expect(seen.attributes).toEqual({
      sandbox: 'allow-scripts',
      allow: '',
      referrerpolicy: 'no-referrer',
      credentialless: seen.knows ? '' : null,
    });
    const natives = new Set(
      Object.getOwnPropertyNames(Object.prototype).concat('Infinity', 'NaN', 'undefined', 'eval'),
    );
    // Two old constants of Chromium cannot be taken away; they are numbers.
    const kept = new Set(['self', 'window', 'globalThis', 'PERSISTENT', 'TEMPORARY']);
    const extra = seen.names.filter((name) => !natives.has(name) && !kept.has(name) && !isOfTheLanguage(name));
    expect(extra).toEqual([expect.stringMatching(/^jsonp_\w{21}$/)]);
  });

  test('an endpoint that speaks CORS is asked by fetch from then on, if that is preferred', async ({
    driver,
    server,
  }) => {
    const seen = await driver.evaluate(async (origin) => {
      const ends = [];
      for (const name of ['both', 'both', 'only', 'only'])
        ends.push((await jsonpKit.ask(`${origin}/jsonp/${name}`, { prefer: 'cors' })).value);
      return {
        ends,
        both: await jsonpKit.speaksCors(`${origin}/jsonp/both`),
        only: await jsonpKit.speaksCors(`${origin}/jsonp/only`),
        plain: (await jsonpKit.ask(`${origin}/jsonp/both`)).value,
      };
    }, server.origin);
    const byFetch = '{"title":"by fetch"}';
    const byScript = '{"title":"by script"}';
    expect(seen).toEqual({
      ends: [byFetch, byFetch, byScript, byScript],
      both: true,
      only: false,
      plain: byScript,
    });
    const asked = (name: string): number[] => {
      const all = server.requests.filter((request) => request.includes(`/jsonp/${name}`));
      return [
        all.filter((one) => !one.includes('callback')).length,
        all.filter((one) => one.includes('callback')).length,
      ];
    };
    // By fetch and by script: `only` is asked once by fetch, and never again.
    expect([asked('both'), asked('only')]).toEqual([
      [3, 1],
      [1, 2],
    ]);
  });

  test('a page with a strict policy is told so, and serves the page of the frame itself', async ({
    driver,
    site,
    server,
  }) => {
    // `connect-src 'self'` is for the log of the tests only.
    const strict = `default-src 'none'; script-src 'self'; connect-src 'self'; frame-src ${server.origin} 'self'`;
    const typed = "; require-trusted-types-for 'script'; trusted-types 'none'";
    for (const policy of [strict, strict + typed]) {
      await driver.goto(`${site.host}/jsonp-host?h:content-security-policy=${encodeURIComponent(policy)}`);
      const ends = await driver.evaluate(async (origin) => {
        const frameUrl = `${origin}/frame`;
        const all = await Promise.all([
          jsonpKit.ask(`${origin}/jsonp/ok`),
          jsonpKit.ask(`${origin}/jsonp/ok`, { frameUrl }),
          jsonpKit.ask(`${origin}/jsonp/answer-then-loop`, { frameUrl }),
          jsonpKit.ask(`${origin}/hostile/import-scripts`, { frameUrl }),
          jsonpKit.ask(`${origin}/jsonp/ok`, { frameUrl: '/blank' }),
        ]);
        return all.map(({ code, value }) => code ?? value);
      }, server.origin);
      expect(ends).toEqual([
        'BLOCKED_BY_CSP',
        '{"title":"Dune","year":1965}',
        '{"title":"before"}',
        expect.stringMatching('JSONP_(NOT_LOADED|BAD_RESPONSE)'),
        'BLOCKED_BY_CSP',
      ]);
    }
    expect(server.requests.filter((request) => request.includes('/evil/'))).toEqual([]);
  });

  test("the frame's page does nothing where it has an origin", async ({ driver, server }) => {
    const job = { token: 't', url: `${server.origin}/jsonp/ok?callback=cb`, callback: 'cb', maxChars: 100, policy: '' };
    await driver.goto(`${server.origin}/bare-frame#${encodeURIComponent(JSON.stringify(job))}`);
    // As long as an answer takes.
    await driver.evaluate(() => new Promise((resolve) => setTimeout(resolve, 700)));
    expect(server.requests.filter((request) => request.includes('/jsonp/ok'))).toEqual([]);
  });
});

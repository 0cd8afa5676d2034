import type { Consent, OriginPower, OriginsExplanation } from '@muntin/core/origins';
import { type Driver, type EngineName, expect, test } from './fixtures/engine.ts';
import { pairs } from './fixtures/origin-pairs.ts';
import type { Seen } from './fixtures/pages/origins.ts';
import type { Site } from './fixtures/site.ts';

test('says of every pair the same as in Node', async ({ driver, site }) => {
  await driver.goto(`${site.host}/origins`);
  const found = await driver.evaluate(
    (list) =>
      Promise.all(
        list.map(async ([a, b]) => {
          const { sameOrigin, sameSite, schemefullySameSite } = await origins.explain(a, b);
          return [a, b, sameOrigin, sameSite, schemefullySameSite];
        }),
      ),
    pairs,
  );
  expect(found).toEqual(pairs);
});

test('code that posts by hand talks to one window on one origin only', async ({ driver, site }) => {
  await driver.goto(`${site.host}/origins`);
  const { crossSite, a } = site.guest;
  expect(await driver.evaluate((...where) => origins.byHand(...where), crossSite, crossSite)).toEqual({
    told: ['frame', 'frame'], // to what was posted to it, and to the question
    isReached: true,
  });
  // The frame shows another origin than the pinned one.
  expect(await driver.evaluate((...where) => origins.byHand(...where), crossSite, a)).toEqual({
    told: [],
    isReached: false,
  });
});

/** What the claims say of a thing that was tried: without a word of the other side, and with it. */
const seenFor: Readonly<Record<Consent, Seen>> = {
  yes: [true, true],
  no: [false, false],
  unlessRefused: [true, false],
  ifGranted: [false, true],
};

type Target = (site: Site, driver: Driver, frame: string | undefined) => Promise<string> | string;

const targets: Readonly<Record<string, Target>> = {
  'the same origin': ({ host }) => host,
  'another port': ({ guest }) => guest.sameSite,
  'an address of this machine': ({ guest }) => guest.crossSite,
  'another site': ({ guest }) => guest.a,
  'a data address': () => 'data:text/html,hello',
  'a blob of its own': (_, driver, frame) => inPage(driver, frame, () => origins.ownBlob()),
  'a blob of another site': ({ guest }, driver, frame) =>
    inPage(driver, frame, (origin) => origins.foreignBlob(origin), guest.a),
};

/** Where the one who tries is: a page, or a page in a frame with an opaque origin. */
const places = { 'a page': undefined, 'an opaque page': 'iframe.opaque', 'a page below a site': undefined } as const;

function inPage<A extends unknown[], R>(
  driver: Driver,
  frame: string | undefined,
  body: (...args: A) => R,
  ...args: A
): Promise<Awaited<R>> {
  return frame === undefined ? driver.evaluate(body, ...args) : driver.frameEvaluate(frame, body, ...args);
}

/** Where one engine does otherwise: `how` says so. */
const differs = [{ engine: /^firefox/, power: 'shareCookies', to: /a blob of its own$/ }] as const;

for (const [place, frame] of Object.entries(places))
  test(`every claim about what ${place} may do is what the browser does`, async ({ driver, engine, site }) => {
    test.setTimeout(90_000);
    const from = place === 'a page below a site' ? site.guest.a.replace('//a.', '//x.a.') : site.host;
    await driver.goto(`${from}/origins`);
    if (frame !== undefined) await openOpaque(driver);
    const here = await inPage(driver, frame, () => self.origin);
    const to = place === 'a page below a site' ? { 'the site above': targets['another site'] } : targets;
    for (const [name, target] of Object.entries(to)) {
      if (target === undefined) throw new Error(`there is no target ${name}`);
      // `blob:null/…` does not say whose it is: for its maker it is there, for others not.
      if (frame !== undefined && name === 'a blob of its own') continue;
      const b = await target(site, driver, frame);
      const domain = b.startsWith('http') ? new URL(b).hostname : 'localhost';
      const said = await inPage(driver, frame, (one, other) => origins.explain(one, other), here, b);
      const seen = await inPage(driver, frame, (other, common) => origins.probe(other, common), b, domain);
      // There is no window of a page that cannot be framed.
      for (const power of Object.keys(seen) as OriginPower[])
        if (power !== 'message' || seen.frame[0]) check({ engine, name: `${place} → ${name}`, power, said, seen });
    }
  });

interface Claim {
  readonly engine: EngineName;
  readonly name: string;
  readonly power: OriginPower;
  readonly said: OriginsExplanation;
  readonly seen: Readonly<Record<OriginPower, Seen>>;
}

function check({ engine, name, power, said, seen }: Claim): void {
  const { may, how } = said.may[power];
  const isDifferent = differs.some((row) => row.engine.test(engine) && row.power === power && row.to.test(name));
  if (!isDifferent) expect.soft(seen[power], `${name}: ${power} is "${may}". ${how}`).toEqual(seenFor[may]);
  else {
    expect.soft(seen[power], name).not.toEqual(seenFor[may]);
    expect.soft(how).toMatch(/Firefox/);
  }
}

/** A data address has an opaque origin, and what it frames keeps its own, as it does not in a sandbox. */
async function openOpaque(driver: Driver): Promise<void> {
  await driver.evaluate(() => {
    const script = document.querySelector<HTMLScriptElement>('script[type=module]')?.src ?? '';
    const frame = document.createElement('iframe');
    frame.className = 'opaque';
    frame.title = 'opaque';
    frame.src = `data:text/html,<title>origins</title><body><script type=module src="${script}"></script>`;
    return new Promise<void>((resolve) => {
      frame.addEventListener('load', () => resolve());
      document.body.append(frame);
    });
  });
}

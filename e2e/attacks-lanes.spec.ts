import { pageAt, strangerAt } from './fixtures/addresses.ts';
import { type Driver, expect, test } from './fixtures/engine.ts';
import { startSite } from './fixtures/site.ts';

/** One attack over a lane, by a guest that speaks Comlink's words by hand. */
interface LaneAttack {
  /** What the guest does, after "a guest that … ". */
  readonly does: string;
  /** Runs in the guest's page; sees nothing around it but its arguments. */
  readonly run: (given: unknown) => unknown;
  readonly given?: unknown;
  /** What a naive host suffers. */
  readonly harm: string;
}

const ran = 'code ran';
const code = `lanes.harm.push('${ran}')`;

const attacks: readonly LaneAttack[] = [
  {
    does: 'answers a call with a port of its own, which came as that of a procedure',
    run: async (given) => {
      const { port } = await stranger.lanes();
      const mine = new MessageChannel();
      mine.port2.onmessage = ({ ports: [helper] }) => helper && stranger.runOn(helper, String(given));
      port.addEventListener(
        'message',
        ({ data }: MessageEvent<[number, string, { id: string; argumentList: unknown }][]>) => {
          for (const [kind, name, { id, argumentList } = { id: '', argumentList: 0 }] of data) {
            if (kind !== stranger.kinds.lane || name !== 'api' || !Array.isArray(argumentList)) continue;
            const answer = { id, type: 'HANDLER', name: 'proxy', value: mine.port1 };
            port.postMessage([[kind, 'api', answer, []], stranger.bring(mine.port1)], [mine.port1]);
          }
        },
      );
      port.start();
      await stranger.pause(500);
    },
    given: code,
    harm: ran,
  },
  {
    does: 'passes a port of its own as a callback',
    run: async (given) => {
      const { port } = await stranger.lanes();
      const mine = new MessageChannel();
      mine.port2.onmessage = ({ ports: [helper] }) => helper && stranger.runOn(helper, String(given));
      const argumentList = [{ type: 'HANDLER', name: 'proxy', value: mine.port1 }];
      const request = { id: 'x', type: 'APPLY', path: ['use'], argumentList };
      port.postMessage([[stranger.kinds.lane, 'db', request, []], stranger.bring(mine.port1)], [mine.port1]);
      await stranger.pause(500);
    },
    given: code,
    harm: ran,
  },
  {
    does: 'constructs a function of its own text',
    run: async (given) => {
      const { port } = await stranger.lanes();
      port.addEventListener('message', ({ ports: [made] }) =>
        made?.postMessage({ id: 'run', type: 'APPLY', path: [], argumentList: [] }),
      );
      const argumentList = [{ type: 'RAW', value: given }];
      const request = { id: 'x', type: 'CONSTRUCT', path: ['constructor', 'constructor'], argumentList };
      port.postMessage([[stranger.kinds.lane, 'db', request, []]]);
      await stranger.pause(500);
    },
    given: code,
    harm: ran,
  },
  {
    does: 'reads what is not served',
    run: async () => {
      const { port } = await stranger.lanes();
      port.postMessage([[stranger.kinds.lane, 'db', { id: 'x', type: 'GET', path: ['secret'] }, []]]);
      await stranger.pause(300);
    },
    harm: 'secret was read',
  },
  {
    does: 'calls what is not served',
    run: async () => {
      const { port } = await stranger.lanes();
      const request = { id: 'x', type: 'APPLY', path: ['drop'], argumentList: [] };
      port.postMessage([[stranger.kinds.lane, 'db', request, []]]);
      await stranger.pause(300);
    },
    harm: 'drop was called',
  },
  {
    does: 'asks for an endpoint, and calls over it what is not served',
    run: async () => {
      const { port } = await stranger.lanes();
      port.addEventListener('message', ({ ports: [given] }) =>
        given?.postMessage({ id: 'y', type: 'APPLY', path: ['drop'], argumentList: [] }),
      );
      port.postMessage([[stranger.kinds.lane, 'db', { id: 'x', type: 'ENDPOINT' }, []]]);
      await stranger.pause(300);
    },
    harm: 'drop was called',
  },
];

/** What one attack leads to in the page of a host, with what comes of it after the guest was unmounted. */
async function play(driver: Driver, page: 'lanes-host' | 'lanes-naive', { run, given }: LaneAttack): Promise<unknown> {
  const site = await startSite();
  try {
    await driver.goto(pageAt(site.host, page));
    const url = strangerAt(site.guest.crossSite, run, given);
    await driver.evaluate((address) => lanes.mount(address), url);
    await expect.poll(() => site.logs.some(({ text }) => text === 'over'), { timeout: 15_000 }).toBe(true);
    await driver.evaluate(() => lanes.unmount());
    const uncaught = site.logs
      .filter(({ frame, kind }) => frame.startsWith(`${site.host}/`) && /uncaught|rejection/.test(kind))
      .map(({ text }) => text);
    return { harm: await driver.evaluate(() => [...new Set(lanes.harm)]), uncaught };
  } finally {
    site.close();
  }
}

for (const attack of attacks)
  test(`a guest that ${attack.does} @core`, async ({ driver }) => {
    test.setTimeout(60_000);
    expect(await play(driver, 'lanes-naive', attack)).toMatchObject({ harm: [attack.harm] });
    expect(await play(driver, 'lanes-host', attack)).toEqual({ harm: [], uncaught: [] });
  });

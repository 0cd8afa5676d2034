import { type CorsDiagnosis, type EngineName as DoctorEngine, diagnoseCors, type Exchange } from '@muntin/server';
import { asksOf, type Servers, startServers, written } from './fixtures/cors/servers.ts';
import { type Situation, situations } from './fixtures/cors/situations.ts';
import { type Driver, expect, test } from './fixtures/engine.ts';

/** Where WebKit of 2022 does otherwise than that of today, for which the doctor answers. */
const differsInOld: ReadonlySet<string> = new Set([
  'the header Range: bytes=-5',
  'the header X-HTTP-Method-Override: TRACE',
]);

/** Every situation at once, in one page; a frame without an origin plays those of an opaque page. */
async function playAll(driver: Driver, servers: Servers): Promise<boolean[]> {
  await driver.goto(`${servers.home}/page`);
  const tasks = situations.map(({ from, init = {} }, index) => ({
    isOpaque: from === 'opaque',
    url: servers.address('page-player', index),
    init,
  }));
  return driver.evaluate(async (list) => {
    const attempt = async ({ url, init }: { url: string; init: RequestInit }): Promise<boolean> => {
      try {
        await fetch(url, init);
        return true;
      } catch {
        return false;
      }
    };
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.srcdoc = `<script>
      const attempt = ${String(attempt)};
      onmessage = ({ data, ports }) => attempt(data).then((read) => ports[0].postMessage(read));
    </script>`;
    await new Promise((resolve) => {
      frame.addEventListener('load', resolve);
      document.body.append(frame);
    });
    const inFrame = (task: (typeof list)[number]): Promise<boolean> =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener('message', ({ data }) => resolve(data as boolean));
        port1.start();
        frame.contentWindow?.postMessage(task, '*', [port2]);
      });
    const outcomes: boolean[] = [];
    // A few at a time: a browser opens six connections to a server.
    for (let at = 0; at < list.length; at += 6)
      outcomes.push(
        ...(await Promise.all(list.slice(at, at + 6).map((task) => (task.isOpaque ? inFrame : attempt)(task)))),
      );
    return outcomes;
  }, tasks);
}

function diagnose(servers: Servers, { from, init = {} }: Situation, index: number): Promise<CorsDiagnosis> {
  return diagnoseCors({
    url: servers.address('doctor', index),
    origin: from === 'opaque' ? 'null' : servers.home,
    ...init,
    ...(init.body === undefined ? {} : { body: init.body }),
  });
}

/** What the doctor says that this engine sends, as the servers write it down. */
function asSeen({ method, url, requestHeaders, status }: Exchange): string[] {
  const get = (name: string): string | undefined => requestHeaders.find(([one]) => one.toLowerCase() === name)?.[1];
  const hop = new URL(url).pathname.split('/')[3] ?? '';
  return status === undefined ? [] : [written({ method, hop, origin: get('origin'), asks: asksOf(get) })];
}

test('the doctor says of every situation what the browser does', async ({ driver, engine }) => {
  test.setTimeout(60_000);
  const name: DoctorEngine = engine.startsWith('webkit')
    ? 'webkit'
    : engine.startsWith('firefox')
      ? 'firefox'
      : 'chromium';
  const servers = await startServers();
  try {
    const outcomes = await playAll(driver, servers);
    const wrong: { readonly title: string; readonly [more: string]: unknown }[] = [];
    for (const [index, situation] of situations.entries()) {
      const verdict = (await diagnose(servers, situation, index)).engines[name];
      const expected = { read: outcomes[index], sent: servers.seen('page-player', index) };
      const said = { read: verdict.ok, sent: verdict.exchanges.flatMap(asSeen) };
      if (JSON.stringify(expected) !== JSON.stringify(said))
        wrong.push({ title: situation.title, cause: verdict.cause, expected, said });
    }
    expect(engine === 'webkit-old' ? wrong.filter(({ title }) => !differsInOld.has(title)) : wrong).toEqual([]);
    expect(outcomes.filter(Boolean).length).toBeGreaterThan(30);
  } finally {
    servers.close();
  }
});

// Imports every entry point in plain Node, as a server that renders pages does, and calls each of its functions: with nothing, and
// where that is not all it takes, as an application does. Prints what came of each.
const entries = process.argv.slice(2);
const { contract, query } = await import('@muntin/core');
const shop = contract({
  name: 'acme/shop',
  version: '1.0.0',
  guest: { price: query() },
  host: { track: query() },
});
const handlers = { price: () => 1 };
const host = { title: 'Shop', url: 'https://shop.example/', handlers: { track: () => undefined } };
/** @type {Record<string, readonly unknown[]>} */
const uses = {
  '@muntin/host mount': [shop, { ...host, into: {} }],
  '@muntin/host attach': [shop, { frame: {}, origin: 'https://shop.example', handlers: host.handlers }],
  '@muntin/host open': [shop, { url: host.url, handlers: host.handlers }],
  '@muntin/host mountWorker': [shop, { worker: () => undefined, handlers: host.handlers }],
  '@muntin/guest expose': [shop, { hosts: ['https://app.example'], handlers }],
  '@muntin/guest/popup expose': [shop, { hosts: ['https://app.example'], handlers }],
  '@muntin/guest/worker expose': [shop, { handlers }],
};

/** @param {(...args: readonly unknown[]) => unknown} act @param {readonly unknown[]} args */
async function outcomeOf(act, args) {
  try {
    await act(...args);
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${String(error.code)}: ${error.message}` : String(error);
  }
}

/** @type {Record<string, string>} */
const outcomes = {};
for (const entry of entries) {
  const exported = Object.entries(await import(entry));
  outcomes[`${entry} import`] = 'ok';
  for (const [name, value] of exported) {
    if (typeof value !== 'function' || String(value).startsWith('class ')) continue;
    const key = `${entry} ${name}`;
    outcomes[`${key}()`] = await outcomeOf(value, []);
    if (uses[key] !== undefined) outcomes[`${key}(…)`] = await outcomeOf(value, uses[key]);
  }
}
process.stdout.write(JSON.stringify(outcomes));

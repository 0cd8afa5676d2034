import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

interface Feed {
  readonly metadata: { readonly title: string; readonly generated: number };
  readonly features: readonly {
    readonly id: string;
    readonly properties: { readonly mag: number; readonly place: string; readonly time: number; readonly type: string };
    readonly geometry: { readonly coordinates: readonly [number, number, number] };
  }[];
}

/**
 * Makes `virtual:record` from the feed that vega-datasets packages: earthquakes only, in the order in which they happened,
 * with the few fields the desk shows. The build does it, so no data is committed.
 */
export function recordPlugin(): Plugin {
  const id = 'virtual:record';
  return {
    name: 'quake-desk:record',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load: async (resolved) => (resolved === `\0${id}` ? `export default ${JSON.stringify(await readRecord())};` : null),
  };
}

async function readRecord(): Promise<object> {
  const root = await findPackage('vega-datasets');
  const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const feed: Feed = JSON.parse(await readFile(join(root, 'data/earthquakes.json'), 'utf8'));
  const quakes = feed.features.filter(({ properties }) => properties.type === 'earthquake');
  quakes.sort((a, b) => a.properties.time - b.properties.time);
  return {
    source: { feed: feed.metadata.title, generated: feed.metadata.generated, package: `vega-datasets ${version}` },
    leftOut: feed.features.length - quakes.length,
    rows: quakes.map(({ id, properties: { time, mag, place }, geometry: { coordinates } }) => [
      id,
      time,
      ...coordinates,
      mag,
      place,
    ]),
  };
}

/** The folder of an installed package; its `exports` do not name the data file, so the path is made by hand. */
async function findPackage(name: string): Promise<string> {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  while (!folder.endsWith(name)) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`${name} is not installed: run npm install`);
    folder = parent;
  }
  return folder;
}

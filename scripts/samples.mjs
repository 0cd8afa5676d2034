// Puts the samples of the docs into their pages: each TypeScript block behind `<!-- sample: FILE -->` is that file, which is compiled and run
// in tests.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { isMain, root } from './run.mjs';

const place = /(<!-- sample: (\S+) -->\n\n```ts\n)[^]*?(```\n)/g;

/** @param {string} page the path of a page @returns {string} its text with each sample as its file has it */
export function withSamples(page) {
  return readFileSync(page, 'utf8').replace(
    place,
    (_, start, file, end) => start + readFileSync(join(dirname(page), file), 'utf8') + end,
  );
}

/** @returns {string[]} every page that may have samples */
export function pages() {
  const docs = join(root, 'docs');
  const inDocs = readdirSync(docs, { recursive: true, encoding: 'utf8' }).map((path) => join(docs, path));
  // What the site is built from is made of these.
  const made = join(docs, 'site');
  return [join(root, 'README.md'), ...inDocs.filter((path) => path.endsWith('.md') && !path.startsWith(made))];
}

if (isMain(import.meta.url)) {
  for (const page of pages()) {
    const text = withSamples(page);
    if (text === readFileSync(page, 'utf8')) continue;
    writeFileSync(page, text);
    console.log(`written: ${relative(root, page)}`);
  }
}

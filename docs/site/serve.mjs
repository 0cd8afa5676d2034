// The site while it is written: a page that is saved is shown anew. The API is read once.
import { watch } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'vitepress';
import { root } from '../../scripts/run.mjs';
import { assemble } from './assemble.mjs';

console.log('reading the API …');
await assemble();
const server = await createServer(join(root, 'docs', 'site'));
await server.listen();
server.printUrls();
/** @type {NodeJS.Timeout | undefined} */
let timer;
watch(join(root, 'docs'), { recursive: true }, (_, path) => {
  if (path === null || path.startsWith('site') || !/\.(md|svg)$/.test(path)) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    assemble({ api: false }).catch((/** @type {unknown} */ error) => console.error(error));
  }, 100);
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defaultClientConditions, defineConfig } from 'vite';

const pages = join(import.meta.dirname, 'fixtures', 'pages');

// One build of every page, against the packages as they are published: no `@muntin/source` here.
export default defineConfig({
  root: pages,
  // With the sentences of errors, which these tests read; what production ships is the same code with short ones.
  resolve: {
    conditions: defaultClientConditions.map((name) => (name === 'development|production' ? 'development' : name)),
  },
  build: {
    outDir: join(import.meta.dirname, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    minify: false, // A failure names the line that is in src/.
    sourcemap: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: readdirSync(pages)
        .filter((name) => name.endsWith('.html'))
        .map((name) => join(pages, name)),
    },
  },
});

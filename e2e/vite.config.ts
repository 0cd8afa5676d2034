import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import vue from '@vitejs/plugin-vue';
import { defaultClientConditions, defineConfig } from 'vite';
import { writeGuide } from './fixtures/guide.ts';

const pages = join(import.meta.dirname, 'fixtures', 'pages');
const host = join(import.meta.dirname, '..', 'packages', 'host');
const guide = join(import.meta.dirname, '.guide');

writeGuide(guide);

// One build of every page, against the packages as they are published: no `@muntin/source` here.
export default defineConfig({
  root: pages,
  plugins: [
    vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === 'muntin-frame' } } }),
    svelte({ configFile: false }),
  ],
  // With the sentences of errors, which these tests read; what production ships is the same code with short ones.
  resolve: {
    conditions: defaultClientConditions.map((name) => (name === 'development|production' ? 'development' : name)),
    // The two scripts that run where endpoints do: as they are shipped, which is shorter.
    alias: [
      { find: /^\.\/scripts\.js$/, replacement: join(host, 'dist', 'production', 'jsonp', 'scripts.js') },
      { find: /^virtual:guide\//, replacement: `${guide}/` },
    ],
  },
  // Angular's decorators are those that TypeScript had first.
  oxc: { decorator: { legacy: true } },
  // React as one develops with it: its StrictMode does nothing otherwise.
  define: { 'process.env.NODE_ENV': '"development"' },
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

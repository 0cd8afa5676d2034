import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { staging, summaryOf } from '../assemble.mjs';
import { repository } from '../pages.mjs';

const sidebarFile = join(staging, 'sidebar.json');

const base = process.env['DOCS_BASE'] ?? '/';

// The check of `npm test` looks at pages and links: it needs neither an index nor small scripts.
const isCheck = process.argv.includes('--check');
const search = {
  provider: /** @type {const} */ ('local'),
  options: {
    miniSearch: { searchOptions: { boostDocument: (/** @type {string} */ id) => (id.includes('/api/') ? 0.4 : 1) } },
  },
};

export default defineConfig({
  vite: { build: { minify: isCheck ? false : 'esbuild', chunkSizeWarningLimit: 5000 } },
  srcDir: '.pages',
  outDir: 'dist',
  cacheDir: '.cache',
  base,
  title: 'Muntin',
  titleTemplate: ':title · Muntin',
  description:
    'Pages made of other people’s pages: typed calls and streams between a host and the guests in its frames.',
  lang: 'en',
  cleanUrls: false,
  lastUpdated: false,
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}logo.svg` }],
    ['meta', { name: 'theme-color', content: '#14201e' }],
  ],
  markdown: {
    // As GitHub does it, where the same pages are read.
    anchor: {
      slugify: (text) =>
        text
          .trim()
          .toLowerCase()
          .replace(/[^\p{L}\p{N}\s_-]/gu, '')
          .replaceAll(/\s/g, '-'),
    },
    theme: { light: 'github-light', dark: 'github-dark' },
  },
  transformPageData(page) {
    const path = join(staging, page.relativePath);
    if (page.description === '' && existsSync(path)) page.description = summaryOf(readFileSync(path, 'utf8'));
  },
  // Each page is there as Markdown, too.
  transformHead: ({ pageData }) =>
    pageData.isNotFound === true
      ? []
      : [['link', { rel: 'alternate', type: 'text/markdown', href: `${base}${pageData.relativePath}` }]],
  themeConfig: {
    logo: '/logo.svg',
    nav: [
      { text: 'Start', link: '/guide/getting-started', activeMatch: '^/(guide|concepts)/' },
      { text: 'Recipes', link: '/recipes' },
      { text: 'Options', link: '/options' },
      { text: 'Errors', link: '/errors/', activeMatch: '^/errors/' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
    ],
    sidebar: existsSync(sidebarFile) ? JSON.parse(readFileSync(sidebarFile, 'utf8')) : [],
    outline: { level: [2, 3] },
    ...(isCheck ? {} : { search }),
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: {
      text: 'Edit this page',
      // It runs in the page, and knows nothing of this file.
      pattern: ({ frontmatter }) => frontmatter['editUrl'] ?? '',
    },
    footer: {
      message: 'MIT licence',
      copyright: 'Every sample of these pages is compiled, and each page is there as Markdown: add .md to its address.',
    },
  },
});

// What programs read: each page as Markdown beside its HTML, and `llms.txt`, which lists them.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { allPages, staging, summaryOf, titleOf } from './assemble.mjs';
import { groups } from './pages.mjs';

const dist = join(staging, '..', 'dist');
const base = process.env['DOCS_BASE'] ?? '/';

/** @param {string} page @returns {string} a page as it is read: without what is for the site's builder */
const textOf = (page) =>
  readFileSync(join(staging, page), 'utf8')
    .replace(/^---\n[^]*?\n---\n+/, '')
    .replace(/<figure class="picture">[^]*?<figcaption>(.*?)<\/figcaption><\/figure>/g, '*Picture: $1*');

/** Puts them into `dist`. */
export function writeTwins() {
  for (const page of allPages()) {
    mkdirSync(dirname(join(dist, page)), { recursive: true });
    copyFileSync(join(staging, page), join(dist, page));
    writeFileSync(join(dist, page), textOf(page));
  }
  const line = (/** @type {string} */ page) => {
    const text = textOf(page);
    return `- [${titleOf(text)}](${base}${page}): ${summaryOf(text)}`;
  };
  const errors = allPages().filter((page) => /^errors\/[A-Z_]+\.md$/.test(page));
  const api = allPages().filter((page) => /^api\/.*index\.md$/.test(page));
  const parts = [
    '# Muntin',
    '> Pages made of other people’s pages: a host mounts guests in frames on other origins, and both sides call each other through typed procedures and streams. TypeScript, MIT licence.',
    ...groups.map(
      ({ text, pages }) =>
        `## ${text}\n\n${pages
          .filter((page) => allPages().includes(page))
          .map(line)
          .join('\n')}`,
    ),
    `## API\n\n${api.map(line).join('\n')}`,
    `## Error codes\n\n${errors.map(line).join('\n')}`,
  ];
  writeFileSync(join(dist, 'llms.txt'), `${parts.join('\n\n')}\n`);
}

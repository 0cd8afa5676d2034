// What the site must have. Each rule reads what it compares with from another place than the one the pages were made from.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root } from '../../scripts/run.mjs';
import { entries } from './api.mjs';
import { allPages, staging } from './assemble.mjs';

const dist = join(staging, '..', 'dist');

/** @param {string} path @returns {string} */
const read = (path) => readFileSync(path, 'utf8');

/** @returns {readonly string[]} an export, in the report of the public surface, that no page tells of */
function exportsWithoutPage() {
  return entries().flatMap(({ specifier, report }) => {
    const folder = `api/${specifier.replace('@muntin/', '')}`;
    const index = join(staging, folder, 'index.md');
    if (!existsSync(index)) return [`${specifier} has no page`];
    const list = read(index);
    const names = [
      ...read(report).matchAll(
        /^export (?:(?:declare |abstract )*(?:function|interface|type|class|const|let|enum) (\w+)|\{ (\w+)(?: as (\w+))? \})/gm,
      ),
    ].map(([, own, same, as]) => as ?? same ?? own ?? '');
    if (names.length === 0 && !/export default|export \{/.test(read(report))) return [`${report} names no export`];
    return [...new Set(names)].flatMap((name) => {
      const target =
        new RegExp(`\\[${name}\\]\\(([^)]+\\.md)\\)`).exec(list)?.[1] ??
        new RegExp(`### ${name}\\n[^]*?\\[\\w+\\]\\(([^)]+\\.md)\\)`).exec(list)?.[1];
      if (target === undefined) return [`${specifier} exports ${name}, and ${folder}/index.md does not list it`];
      const page = posix.join(folder, target).replace('api/@muntin/', 'api/').replace(/\.md$/, '.html');
      return existsSync(join(dist, page)) ? [] : [`${specifier} exports ${name}, and ${page} is not there`];
    });
  });
}

/** @returns {readonly string[]} a code of the code base without a page: cause, check, remedy */
function codesWithoutPage() {
  const source = read(join(root, 'packages', 'core', 'src', 'errors.ts'));
  const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code = '']) => code);
  if (codes.length < 40) return [`errors.ts has ${codes.length} codes: is it read in the right way?`];
  return codes
    .filter((code) => {
      const page = join(dist, 'errors', `${code}.html`);
      return !existsSync(page) || !['Cause:', 'Check:', 'Remedy:'].every((part) => read(page).includes(part));
    })
    .map((code) => `${code} has no page with cause, check and remedy`);
}

/** @returns {readonly string[]} a link to a page, a file or a heading that is not there */
function deadLinks() {
  const pages = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.html'))
    .map((path) => path.replaceAll('\\', '/'));
  const base = process.env['DOCS_BASE'] ?? '/';
  const ids = new Map(
    pages.map((page) => [
      page,
      new Set([...read(join(dist, page)).matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => id)),
    ]),
  );
  return pages.flatMap((page) => {
    const hrefs = new Set(
      [...read(join(dist, page)).matchAll(/<(?:a|link|img)\s[^>]*?(?:href|src)="([^"]+)"/g)].map(
        ([, href = '']) => href,
      ),
    );
    return [...hrefs].flatMap((href) => {
      if (/^[a-z]+:|^\/\//.test(href)) return [];
      const [path = '', hash = ''] = href.replaceAll('&amp;', '&').split('#');
      const local = path.startsWith(base) ? path.slice(base.length) : posix.join(posix.dirname(page), path);
      const target = path === '' ? page : local === '' || local.endsWith('/') ? `${local}index.html` : local;
      const found = [target, `${target}.html`].find((name) => existsSync(join(dist, name)));
      if (found === undefined) return [`${page} links to ${href}, which is not there`];
      const known = ids.get(found);
      return hash === '' || known === undefined || known.has(decodeURIComponent(hash))
        ? []
        : [`${page} links to ${href}, and there is no such heading`];
    });
  });
}

/** @returns {readonly string[]} a page without its Markdown, or `llms.txt` without what it lists */
function withoutTwin() {
  const missing = allPages()
    .filter((page) => !existsSync(join(dist, page)))
    .map((page) => `${page} has no twin`);
  const list = read(join(dist, 'llms.txt'));
  const listed = [...list.matchAll(/\]\(([^)]+\.md)\)/g)].map(([, path = '']) =>
    path.slice((process.env['DOCS_BASE'] ?? '/').length),
  );
  return [
    ...missing,
    ...listed
      .filter((path) => !existsSync(join(dist, path)))
      .map((path) => `llms.txt lists ${path}, which is not there`),
    ...(listed.length < 60 ? [`llms.txt lists ${listed.length} pages only`] : []),
  ];
}

/** @returns {readonly string[]} everything that is wrong with what was built */
export const findFaults = () => [...exportsWithoutPage(), ...codesWithoutPage(), ...deadLinks(), ...withoutTwin()];

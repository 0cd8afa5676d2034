// Gathers the pages of the site in one folder: the Markdown of the repository with its links turned into links of the site, a page for each
// error code, and the API.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, posix, relative } from 'node:path';
import { root } from '../../scripts/run.mjs';
import { writeApi } from './api.mjs';
import { optionsPage } from './options.mjs';
import { blob, edit, groups, moved, standIns } from './pages.mjs';

const here = join(root, 'docs', 'site');
/** The folder that the site is built from; it is made anew each time. */
export const staging = join(here, '.pages');

/** @param {string} path @returns {string} */
const read = (path) => readFileSync(path, 'utf8');

/** @param {string} page @param {string} text */
function write(page, text) {
  const path = join(staging, page);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** @returns {Map<string, string>} source in the repository → page of the site */
function sources() {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join('docs', path.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.md') && !path.startsWith('docs/site/'));
  const packages = readdirSync(join(root, 'packages')).filter((name) =>
    existsSync(join(root, 'packages', name, 'README.md')),
  );
  return new Map([
    ...docs.map((path) => /** @type {const} */ ([path, path.slice('docs/'.length)])),
    ...packages.map((name) => /** @type {const} */ ([`packages/${name}/README.md`, `packages/${name}.md`])),
    ...Object.entries(moved),
  ]);
}

/** @returns {readonly string[]} the codes that a page of its own explains */
const codes = () =>
  [...read(join(root, 'docs', 'errors.md')).matchAll(/^<a id="([A-Z_]+)"><\/a>$/gm)].map(([, code = '']) => code);

/**
 * The text outside of blocks of code, changed; code stays as it is.
 * @param {string} text
 * @param {(prose: string) => string} change
 */
function inProse(text, change) {
  return text
    .split(/^( *(?:```|~~~)[^]*?^ *(?:```|~~~) *$)/gm)
    .map((part, index) => (index % 2 === 0 ? change(part) : part))
    .join('');
}

/** What is dead, and where: the build fails with it. @type {string[]} */
const dead = [];

/**
 * @param {string} source @param {string} page @param {string} target @param {ReadonlyMap<string, string>} pages
 * @returns {string} what a link of this source is on this page
 */
function linked(source, page, target, pages) {
  if (/^([a-z]+:|\/\/|#$)/.test(target)) return target;
  if (target.startsWith('/')) return target;
  const [path = '', hash = ''] = target.split('#');
  const file = path === '' ? source : posix.join(posix.dirname(source), path).replace(/\/$/, '');
  const anchor = hash === '' ? '' : `#${hash}`;
  const to = (/** @type {string} */ other) => {
    const way = posix.relative(posix.dirname(page), other);
    return way.startsWith('.') ? way : `./${way}`;
  };
  if (file === 'docs/errors.md' && codes().includes(hash)) return to(`errors/${hash}.md`);
  const other = pages.get(file) ?? /** @type {Record<string, string>} */ (standIns)[file];
  if (page === other) return anchor;
  if (other !== undefined) return to(other) + anchor;
  if (file.startsWith('docs/api/')) return to(file.slice('docs/'.length)) + anchor;
  if (existsSync(join(root, file))) return blob(file) + anchor;
  dead.push(`${source}: ${target}`);
  return target;
}

/** A picture becomes part of the page, so that it is dark where the page is. @param {string} source @param {string} path @param {string} label */
function picture(source, path, label) {
  const file = join(root, posix.join(posix.dirname(source), path));
  if (!existsSync(file)) {
    dead.push(`${source}: ${path}`);
    return '';
  }
  if (!source.startsWith('docs/')) {
    const name = `${posix.dirname(source).replaceAll('/', '-')}-${basename(path)}`;
    mkdirSync(join(staging, 'public', 'pictures'), { recursive: true });
    cpSync(file, join(staging, 'public', 'pictures', name));
    return `![${label}](/pictures/${name})`;
  }
  const svg = read(file)
    .replace(/<\?xml[^>]*>|<style>[^]*?<\/style>|<!--[^]*?-->/g, '')
    .replace(/\n\s*/g, ' ')
    .trim();
  return `<figure class="picture">${svg}<figcaption>${label}</figcaption></figure>`;
}

/** @param {string} text @param {string} source @param {string} page @param {ReadonlyMap<string, string>} pages */
function forSite(text, source, page, pages) {
  const known = codes();
  return inProse(text, (prose) =>
    prose
      .replace(/!\[([^\]]*)\]\(([^)\s]+\.svg)\)/g, (_, label, path) => picture(source, path, label))
      .replace(
        /(?<!!)\[((?:[^\]`]|`[^`]*`)+)\]\(([^)\s]+)\)/g,
        (_, label, target) => `[${label}](${linked(source, page, target, pages)})`,
      )
      // A code leads to its page, wherever it is named in a sentence or a table.
      .replace(/^(?!#).*$/gm, (line) =>
        line.replace(/(\[[^\]]*\]\([^)]*\))|`([A-Z_]+)`/g, (all, link, code) =>
          link === undefined && known.includes(code) && page !== `errors/${code}.md`
            ? `[\`${code}\`](${linked('docs/errors.md', page, `#${code}`, pages).replace(/^#/, '')})`
            : all,
        ),
      ),
  );
}

/** @param {string} text @returns {string} its first heading */
export const titleOf = (text) => (/^# (.+)$/m.exec(text)?.[1] ?? '').replaceAll(/[`\\]/g, '');

/** @param {string} text @returns {string} its first sentences, for lists and search engines */
export function summaryOf(text) {
  const first = text
    .replace(/^---\n[^]*?\n---\n/, '')
    .replace(/^# .+$/m, '')
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .find((part) => /^[A-Za-z`*[]/.test(part) && !part.startsWith('```'));
  const plain = (first ?? '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`\\]/g, '')
    .replace(/\s+/g, ' ');
  return plain.length <= 200 ? plain : `${plain.slice(0, 197).replace(/\s\S*$/, '')} …`;
}

/** One page for each error code, cut out of `docs/errors.md`. @param {string} text @param {ReadonlyMap<string, string>} pages @returns {string} what is left of it */
function writeCodes(text, pages) {
  const begin = text.indexOf('## Every code');
  const [intro, sections] = [text.slice(0, begin), text.slice(begin)];
  const parts = sections.split(/^<a id="[A-Z_]+"><\/a>$/gm).slice(1);
  const names = codes();
  for (const [index, code] of names.entries()) {
    const body = (parts[index] ?? '').replace(/^### .+$/m, '').trim();
    const page = `errors/${code}.md`;
    const near = [names[index - 1], names[index + 1]].map((name) =>
      name === undefined ? 'false' : `{ text: ${name}, link: /errors/${name} }`,
    );
    const head = `---\neditUrl: ${edit('docs/errors.md')}\nprev: ${near[0]}\nnext: ${near[1]}\n---\n\n# \`${code}\`\n\n`;
    const tail = '\n\nWhat errors have in common, and the table of all: [errors](./index.md).\n';
    write(page, head + forSite(body, 'docs/errors.md', page, pages) + tail);
  }
  return `${intro}## Every code\n\n${names.map((code) => `- \`${code}\``).join('\n')}\n`;
}

/** The page with the hashes of the files that were built from these sources; in the repository they would be wrong with the next change. @param {string} text */
function withHashes(text) {
  const hashes = JSON.parse(read(join(root, 'packages', 'guest', 'dist', 'one-file', 'integrity.json')));
  return text.replace(
    /(muntin-guest(?:\.\w+)?\.js)(" integrity="|": ")sha384-…/g,
    (_, file, between) => file + between + hashes[file],
  );
}

/** @param {ReadonlyMap<string, string>} pages */
function writePages(pages) {
  for (const [source, page] of pages) {
    let text = read(join(root, source));
    if (source === 'docs/errors.md') text = writeCodes(text, pages);
    if (source === 'docs/guide/without-a-bundler.md') text = withHashes(text);
    // The first page has its facts as JSON, which YAML is a superset of.
    const facts = source === 'docs/site/home.md' ? read(join(here, 'home.json')).trim() : `editUrl: ${edit(source)}`;
    const head = `---\n${facts}\n---\n\n`;
    if (source === 'docs/site/home.md') text = text.replace(/^# .+\n+/, '');
    write(page, head + forSite(text, source, page, pages));
  }
  const decisions = [...pages]
    .filter(([, page]) => page.startsWith('decisions/'))
    .map(([source, page]) => `- [${titleOf(read(join(root, source)))}](./${basename(page)})`);
  write(
    'decisions/index.md',
    `# Decisions\n\nWhat was decided about the design, why, and what follows from it.\n\n${decisions.sort().join('\n')}\n`,
  );
}

/** @returns {Promise<import('typescript').Program>} */
async function writeApiPages() {
  const out = join(staging, 'api');
  const { program } = await writeApi(out);
  const scope = join(out, '@muntin');
  for (const name of readdirSync(scope)) renameSync(join(scope, name), join(out, name));
  rmSync(scope, { recursive: true });
  for (const path of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
    const file = join(out, path);
    if (!statSync(file).isFile()) continue;
    const kind = /^# (Function|Interface|Type Alias|Variable|Class): /m;
    const entry = dirname(dirname(path)).replaceAll('\\', '/');
    const specifier = entry.startsWith('eslint-plugin') ? entry : `@muntin/${entry}`;
    const text = read(file);
    const what = kind.exec(text)?.[1]?.toLowerCase();
    const from =
      what === undefined ? '' : `<p class="kind">${what} of <a href="../"><code>${specifier}</code></a></p>\n\n`;
    const more = text
      .replace(kind, '# ')
      .replaceAll('@muntin/', path === 'index.md' ? '' : '@muntin/')
      .replace(/^#{2,4} Default Value\n\n```ts\n(.+)\n```$/gm, 'Default: `$1`');
    writeFileSync(
      file,
      `---\neditLink: false\nprev: false\nnext: false\n---\n\n${more.replace(/^(# .+)$/m, `$1\n\n${from}`)}`,
    );
  }
  const index = join(out, 'index.md');
  const list = read(index).match(/^- .+$/gm) ?? [];
  const about = new Map(
    readdirSync(join(root, 'packages')).flatMap((name) => {
      const path = join(root, 'packages', name, 'package.json');
      if (!existsSync(path)) return [];
      const { name: full, description } = JSON.parse(read(path));
      return [/** @type {const} */ ([full, description])];
    }),
  );
  const rows = list.map((line) => {
    const [, name = '', target = ''] = /\[(.+?)\]\((.+?)\)/.exec(line) ?? [];
    const specifier = name.startsWith('eslint-plugin') ? name : `@muntin/${name.replace(/^@muntin\//, '')}`;
    return `| [\`${specifier}\`](./${target.replace('@muntin/', '')}) | ${(about.get(specifier) ?? '').replaceAll('<', '&lt;')} |`;
  });
  writeFileSync(
    index,
    `---\neditLink: false\n---\n\n# API\n\nEvery export of every entry point, from the comments in the source. What an option does and its default is also in one table for each function: [options](../options.md).\n\n| entry point | |\n| --- | --- |\n${rows.join('\n')}\n`,
  );
  return program;
}

/** @returns {{ text: string, collapsed?: boolean, items: { text: string, link: string }[] }[]} */
function sidebar() {
  const there = [...sources().values(), 'api/index.md', 'decisions/index.md'];
  const link = (/** @type {string} */ page) => {
    const text = titleOf(read(join(staging, page)));
    return { text, link: `/${page.replace(/(index)?\.md$/, '')}` };
  };
  const named = new Set(groups.flatMap(({ pages }) => pages));
  const rest = there.filter((page) => !named.has(page) && !/^(index\.md|decisions\/|packages\/)/.test(page));
  const packages = there.filter((page) => page.startsWith('packages/')).sort();
  return [
    ...groups.map(({ text, pages }, index) => ({
      text,
      collapsed: index > 6,
      items: pages.filter((page) => there.includes(page)).map(link),
    })),
    { text: 'Packages', collapsed: true, items: packages.map(link) },
    ...(rest.length > 0 ? [{ text: 'More', items: rest.map(link) }] : []),
  ];
}

/**
 * @param {{ api?: boolean }} [options] `api: false` leaves the pages of the API as they are
 * @returns {Promise<{ options: string | undefined }>} what `docs/options.md` has to be
 */
export async function assemble({ api = true } = {}) {
  dead.length = 0;
  if (api) rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  const program = api ? await writeApiPages() : undefined;
  const options = program === undefined ? undefined : optionsPage(program);
  if (options !== undefined) writeFileSync(join(root, 'docs', 'options.md'), options);
  cpSync(join(here, 'public'), join(staging, 'public'), { recursive: true });
  writePages(sources());
  writeFileSync(join(staging, 'sidebar.json'), JSON.stringify(sidebar()));
  if (dead.length > 0) throw new Error(`links to nothing:\n  ${dead.join('\n  ')}`);
  return { options };
}

/** @returns {readonly string[]} every page, as a path in the staging folder */
export const allPages = () =>
  readdirSync(staging, { recursive: true, encoding: 'utf8' })
    .map((path) => relative(staging, join(staging, path)).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md'))
    .sort();

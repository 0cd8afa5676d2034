import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** A test file that a row names, and the titles that it names of it. */
interface Named {
  readonly row: string;
  readonly path: string;
  readonly titles: readonly string[];
}

/** What the tables of the page name: of specs without a folder those of `e2e/`, of other files those below `packages/` or the root. */
function readNamed(page: string): readonly Named[] {
  const named: Named[] = [];
  let last = '';
  for (const line of page.split('\n')) {
    if (!line.startsWith('| ')) continue;
    const [, row = '', where = ''] = line.split(/ *\| */u);
    // A title belongs to the file that was named before it; `the same` is the first file of the row above.
    const parts = where.split(/(`[^`*]*\.ts`)/u);
    let path = where.startsWith('the same') ? last : '';
    let isFirst = true;
    for (const part of parts) {
      const file = /^`([^*]*\.ts)`$/u.exec(part)?.[1];
      if (file !== undefined) {
        path = file;
        if (isFirst) last = file;
        isFirst = false;
        named.push({ row, path, titles: [] });
      } else if (path !== '') {
        named.push({
          row,
          path,
          titles: [...part.matchAll(/"([^"]+)"/gu)].map(([, title = '']) => title),
        });
      }
    }
  }
  return named;
}

function placeOf(path: string): string | undefined {
  return [`packages/${path}`, path, `e2e/${path}`].find((place) => existsSync(new URL(place, root)));
}

const named = readNamed(read('docs/verification.md'));

it('the tables of what is verified name tests', () => {
  expect(new Set(named.map(({ path }) => path)).size).toBeGreaterThan(25);
  expect(named.flatMap(({ titles }) => titles).length).toBeGreaterThan(12);
});

it.each(named)('"$row": $path is there, and has what is named of it', ({ path, titles }) => {
  const place = placeOf(path);
  if (place === undefined) throw new Error(`there is no ${path}`);
  const text = read(place);
  expect(titles.filter((title) => !text.includes(title))).toEqual([]);
});

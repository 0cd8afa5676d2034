import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { pages, withSamples } from '../../scripts/samples.mjs';

const printing = pages().filter((page) => readFileSync(page, 'utf8').includes('<!-- sample: '));

it('some pages print samples', () => {
  expect(printing.map((page) => page.replace(/^.*\//, '')).sort()).toEqual(['extensions.md', 'shapes.md']);
});

it.each(printing)('%s prints the files that are compiled here', (page) => {
  expect(readFileSync(page, 'utf8')).toBe(withSamples(page));
});

it('every code of an error has its section: cause, check and remedy', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const codes = [...read('../../packages/core/src/errors.ts').matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(
    ([, code]) => code,
  );
  expect(codes.length).toBeGreaterThan(40);
  const page = read('../errors.md');
  for (const code of codes)
    expect(page).toMatch(
      new RegExp(
        `<a id="${code}"></a>\\n\\n### \`${code}\`\\n\\n- \\*\\*Cause:\\*\\* .+\\n- \\*\\*Check:\\*\\* .+\\n- \\*\\*Remedy:\\*\\* .+\\n`,
      ),
    );
});

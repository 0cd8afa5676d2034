// The API as pages, from TSDoc. It runs on TypeScript 6, which is a dependency of this folder alone: 7 has no compiler API.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Application, Converter } from 'typedoc';
import { root } from '../../scripts/run.mjs';

/** @typedef {{ specifier: string, file: string, report: string }} Entry what is imported, its source, and the report of what it exports */

/** @returns {readonly Entry[]} every entry point that the published packages have; `./internal` is for our own packages, and may change with every version */
export function entries() {
  const packages = join(root, 'packages');
  return readdirSync(packages).flatMap((folder) => {
    const path = join(packages, folder, 'package.json');
    if (!existsSync(path)) return [];
    /** @type {{ name: string, private?: boolean, exports?: Record<string, string | Record<string, string>> }} */
    const { name, private: isPrivate = false, exports = {} } = JSON.parse(readFileSync(path, 'utf8'));
    if (isPrivate) return [];
    return Object.entries(exports).flatMap(([key, target]) => {
      const source = typeof target === 'string' ? undefined : target['@muntin/source'];
      if (key === './internal' || source === undefined) return [];
      const report = join(packages, folder, 'api', `${key === '.' ? 'index' : key.slice(2)}.api.md`);
      return [{ specifier: name + key.slice(1), file: join(packages, folder, source), report }];
    });
  });
}

/**
 * Writes a page for each export, in a folder for each entry point.
 * @param {string} out
 * @returns {Promise<{ program: import('typescript').Program }>} the program that was read, for whoever has further questions
 */
export async function writeApi(out) {
  const all = entries();
  const here = join(root, 'docs', 'site');
  const tsconfig = join(out, '..', 'tsconfig.json');
  mkdirSync(dirname(tsconfig), { recursive: true });
  const files = [join(here, 'probe.ts'), ...all.map(({ file }) => file)];
  writeFileSync(tsconfig, JSON.stringify({ extends: join(here, 'tsconfig.json'), include: [], files }));
  const app = await Application.bootstrapWithPlugins({
    entryPoints: all.map(({ file }) => relative(process.cwd(), file)),
    tsconfig,
    plugin: ['typedoc-plugin-markdown'],
    // The compiler of the project has checked the types.
    skipErrorChecking: true,
    readme: 'none',
    excludeInternal: true,
    excludePrivate: true,
    disableSources: true,
    disableGit: true,
    basePath: root,
    logLevel: 'Error',
    // Options of the plug-in.
    ...{
      router: 'member',
      hideBreadcrumbs: true,
      hidePageHeader: true,
      useCodeBlocks: true,
      expandObjects: true,
      parametersFormat: 'table',
      entryFileName: 'index',
    },
  });
  /** @type {import('typescript').Program | undefined} */
  let program;
  app.converter.on(Converter.EVENT_BEGIN, (context) => {
    program = context.programs[0];
  });
  const project = await app.convert();
  if (project === undefined || program === undefined) throw new Error('typedoc has made nothing of the packages');
  for (const { specifier, file } of all) {
    const name = relative(root, file)
      .replace(/\.tsx?$/, '')
      .replace(/\/index$/, '');
    const made = project.children?.find((child) => child.name === name);
    if (made === undefined)
      throw new Error(`typedoc has no module ${name}: ${project.children?.map((child) => child.name).join(', ')}`);
    made.name = specifier;
  }
  app.options.setValue('out', out);
  await app.generateOutputs(project);
  return { program };
}

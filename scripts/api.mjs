// What each entry point of the packages gives to those who import it, as a report beside the package (`api/*.api.md`): a change of the public
// surface shows in the difference. `npm run api` writes the reports; with `--check` it fails where one is not what the types say.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { root } from './run.mjs';

const isCheck = process.argv.includes('--check');
// For our own packages only: it may change with every version.
const internal = './internal';

/** @type {import('@microsoft/api-extractor').IConfigCompiler} */
const compiler = {
  overrideTsconfig: {
    compilerOptions: {
      target: 'es2022',
      module: 'nodenext',
      moduleResolution: 'nodenext',
      lib: ['es2022', 'dom', 'dom.iterable', 'esnext.disposable'],
      types: [],
      skipLibCheck: true,
      strict: true,
    },
  },
};

/** @param {string} folder of the package @returns {(readonly [name: string, types: string])[]} */
function entriesOf(folder) {
  /** @type {{ exports?: Record<string, { types?: string } | string> }} */
  const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([path, target]) =>
    path === internal || typeof target === 'string' || target.types === undefined
      ? []
      : [/** @type {const} */ ([path === '.' ? 'index' : path.slice(2), target.types])],
  );
}

/** @param {string} folder @param {string} name @param {string} types @param {string} temporary @returns {boolean} whether the report is as it was */
function report(folder, name, types, temporary) {
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(folder, 'api-extractor.json'),
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      newlineKind: 'lf',
      mainEntryPointFilePath: join(folder, types),
      compiler,
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: join(folder, 'api'),
        reportTempFolder: temporary,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  mkdirSync(join(folder, 'api'), { recursive: true });
  const { succeeded, apiReportChanged } = Extractor.invoke(config, {
    localBuild: !isCheck,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === ExtractorLogLevel.Error) console.log(message.text);
    },
  });
  return succeeded && !(isCheck && apiReportChanged);
}

const temporary = mkdtempSync(join(tmpdir(), 'muntin-api-'));
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  for (const [entry, types] of entriesOf(folder)) {
    if (report(folder, entry, types, temporary)) continue;
    console.log(`${name}/api/${entry}.api.md is not what the types say: run npm run api, and look at what has changed`);
    process.exitCode = 1;
  }
}
rmSync(temporary, { recursive: true });

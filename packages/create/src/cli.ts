import { spawn } from 'node:child_process';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { cancel, confirm, intro, isCancel, log, outro, select, text } from '@clack/prompts';
import {
  type Answers,
  checkFolder,
  checkName,
  checkOrigin,
  checkTemplate,
  generate,
  nameOf,
  type Template,
  templates,
} from './generate.ts';

const usage = `npm create muntin@latest [folder] -- [options]

  --template <name>   ${templates.join(' or ')}
  --name <name>       name of the package and the contract; by default that of the folder
  --host <origin>     where the host is in production; by default https://shell.example
  --guest <origin>    where the guest is in production; by default https://widget.example
  --install           runs npm install; --no-install leaves it
  --yes               asks nothing, and takes the default of what is not given
  --help              shows this

Where there is no terminal, nothing is asked either. Nothing is sent anywhere; only npm install uses the network.`;

const options = {
  template: { type: 'string' },
  name: { type: 'string' },
  host: { type: 'string' },
  guest: { type: 'string' },
  install: { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Thrown where somebody has chosen to stop. */
const stopped = new Error('stopped');

/** `create-muntin`, with its arguments. Returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      allowNegative: true,
    });
    if (values.help === true) {
      log.message(usage);
      return 0;
    }
    if (positionals.length > 1)
      throw new Error(`one folder is made, and ${positionals.join(', ')} are named: give one`);
    const asks = process.stdin.isTTY && process.stdout.isTTY && values.yes !== true;
    intro('Muntin: pages made of other people’s pages');
    const given = { ...values, folder: positionals[0] };
    const answers = asks ? await ask(given) : await takeDefaults(given);
    const installs = values.install ?? (asks ? await orStop(confirm({ message: 'Run npm install?' })) : false);
    const folder = await generate(answers);
    if (installs) await install(folder);
    const steps = [
      `cd ${relative(process.cwd(), folder) || '.'}`,
      ...(installs ? [] : ['npm install']),
      'npm test',
      'npm run dev',
    ];
    outro(`Done. Next:\n\n${steps.map((step) => `     ${step}`).join('\n')}`);
    return 0;
  } catch (error) {
    if (error !== stopped) log.error(error instanceof Error ? error.message : String(error));
    else cancel('Nothing was made.');
    return 1;
  }
}

interface Given {
  readonly folder: string | undefined;
  readonly template?: string;
  readonly name?: string;
  readonly host?: string;
  readonly guest?: string;
}

/** What was given, checked as a whole by `generate`. */
async function takeDefaults({
  folder = 'my-widget',
  template = 'vanilla-ts',
  name,
  host,
  guest,
}: Given): Promise<Answers> {
  return {
    folder,
    template: await requireTemplate(template),
    ...(name === undefined ? {} : { name }),
    ...(host === undefined ? {} : { host }),
    ...(guest === undefined ? {} : { guest }),
  };
}

async function requireTemplate(given: string): Promise<Template> {
  const wrong = checkTemplate(given);
  const found = templates.find((name) => name === given);
  if (found === undefined) throw new Error(wrong);
  return found;
}

/** Asks for what was not given. */
async function ask(given: Given): Promise<Answers> {
  const line = (message: string, initialValue: string, check: (value: string) => string | undefined): Promise<string> =>
    orStop(text({ message, initialValue, validate: (value) => check(value ?? '') }));
  const folder =
    given.folder ?? (await line('Folder', 'my-widget', (value) => (value === '' ? 'Give a name' : undefined)));
  const wrong = await checkFolder(folder);
  if (wrong !== undefined) throw new Error(wrong);
  const template =
    given.template === undefined
      ? await orStop(
          select<Template>({
            message: 'Built with',
            options: [
              { value: 'vanilla-ts', label: 'TypeScript' },
              { value: 'react-ts', label: 'React and TypeScript' },
            ],
          }),
        )
      : await requireTemplate(given.template);
  return {
    folder,
    template,
    name: given.name ?? (await line('Name of the package and the contract', nameOf(folder), checkName)),
    host:
      given.host ??
      (await line('Origin of the host in production', 'https://shell.example', (value) => checkOrigin('host', value))),
    guest:
      given.guest ??
      (await line('Origin of the guest in production', 'https://widget.example', (value) =>
        checkOrigin('guest', value),
      )),
  };
}

async function orStop<T>(answer: Promise<T>): Promise<Exclude<T, symbol>> {
  const value = await answer;
  if (isCancel(value)) throw stopped;
  return value as Exclude<T, symbol>; // no answer of ours is a symbol
}

function install(cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // On Windows npm is a script of the shell.
    const running = spawn('npm', ['install'], { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
    running.once('error', reject);
    running.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`npm install ended with ${code}: run it again in ${cwd}`));
    });
  });
}

import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What there is to start from. */
export const templates = ['vanilla-ts', 'react-ts'] as const;

/** The name of a template. */
export type Template = (typeof templates)[number];

/** What a new project is made of. */
export interface Answers {
  /** The folder that is made; it may exist where it is empty. */
  readonly folder: string;
  /** What it is built with. */
  readonly template: Template;
  /** The name of the package and the contract, as npm takes it. @defaultValue made of the folder's */
  readonly name?: string;
  /** The exact origin of the host in production. @defaultValue 'https://shell.example' */
  readonly host?: string;
  /** The exact origin of the guest in production. @defaultValue 'https://widget.example' */
  readonly guest?: string;
}

const source = join(dirname(dirname(fileURLToPath(import.meta.url))), 'templates');

/** Whether a text names a template. */
export function isTemplate(text: unknown): text is Template {
  return templates.some((name) => name === text);
}

/**
 * Writes a new project, and returns its folder. Nothing is installed.
 *
 * @throws Error for a folder that has something in it, a template that is not there, a name that npm would not take, and an origin that is
 * none, naming it and the remedy.
 */
export async function generate(answers: Answers): Promise<string> {
  const folder = resolve(answers.folder);
  const { template, host = 'https://shell.example', guest = 'https://widget.example' } = answers;
  const name = answers.name ?? nameOf(folder);
  const wrong =
    checkTemplate(template) ??
    checkName(name) ??
    checkOrigin('host', host) ??
    checkOrigin('guest', guest) ??
    (await checkFolder(folder));
  if (wrong !== undefined) throw new Error(wrong);
  if (host === guest)
    throw new Error(`host and guest are both ${host}: a guest on its host's origin is not kept apart from it`);
  await mkdir(folder, { recursive: true });
  for (const part of ['shared', template]) await cp(join(source, part), folder, { recursive: true });
  const words: Readonly<Record<string, string>> = { name, contract: name.replace(/^@/, ''), host, guest };
  const history = join(folder, '.git');
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path === history || path.startsWith(history + sep)) continue;
    const text = await readFile(path, 'utf8');
    const filled = text.replace(/%(name|contract|host|guest)%/g, (_, word: string) => words[word] ?? '');
    if (filled !== text) await writeFile(path, filled);
  }
  // npm leaves a file of this name out of a package.
  await rename(join(folder, '_gitignore'), join(folder, '.gitignore'));
  return folder;
}

/** A name for the package, from that of its folder. */
export function nameOf(folder: string): string {
  return (
    basename(resolve(folder))
      .toLowerCase()
      .replace(/[^a-z0-9-~]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'my-widget'
  );
}

/** Why a template is none; `undefined` where it is one. */
export function checkTemplate(template: unknown): string | undefined {
  return isTemplate(template)
    ? undefined
    : `there is no template "${String(template)}": give one of ${templates.join(', ')}`;
}

/** Why a name is none for a package. */
export function checkName(name: string): string | undefined {
  return name.length <= 200 && /^(@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*$/.test(name)
    ? undefined
    : `"${name}" is no name of a package: give lower case, digits and hyphens, as in my-widget`;
}

/** Why a text is no exact origin for production. */
export function checkOrigin(side: 'host' | 'guest', origin: string): string | undefined {
  // `https://*.example` and `https://shell.example.` are origins for `URL`, and no policy can name an IPv6 address.
  const isPlain = /^https:\/\/[\w-]+(?:\.[\w-]+)*(?::\d+)?$/.test(origin);
  return isPlain && URL.canParse(origin) && new URL(origin).origin === origin
    ? undefined
    : `"${origin}" is no origin of the ${side}: give scheme and host, without a path, as in https://shell.example`;
}

/** Why a project cannot be made in a folder. */
export async function checkFolder(folder: string): Promise<string | undefined> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (found === undefined) return `${folder} is a file, or in one: give a folder`;
  const others = found.filter((name) => name !== '.git');
  return others.length === 0
    ? undefined
    : `${folder} is not empty (${others.slice(0, 3).join(', ')}): give another folder`;
}

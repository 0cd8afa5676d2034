import { parseArgs } from 'node:util';
import { MuntinError } from '@muntin/core';
import { type CorsDiagnosis, diagnoseCors } from '../doctor/diagnose.ts';
import type { Exchange } from '../doctor/exchange.ts';
import type { Header } from '../rules/safelist.ts';
import { writeManifest } from './manifest.ts';

/** Where a command writes. */
export interface Output {
  out(text: string): void;
  error(text: string): void;
}

const usage = `muntin cors <url> --origin <origin> [options]
  Sends what a browser would send, and says what it would make of the answer. The requests are real.
  --origin <origin>      the page's origin, as in https://shell.example; null for an opaque one
  --method <method>      GET where there is none
  --header '<name: value>'   as often as needed
  --credentials          as with credentials: 'include'; no cookie is sent
  --body <text>          the body of the request
  --only-preflight       sends no more than the preflight, where there is one
  --json                 the whole diagnosis as JSON

muntin manifest <module> --url <url> --host <origin> [options]
  Writes the manifest of a guest from the contract that a module exports.
  --url <url>            where the guest's page is, absolute or relative to the manifest
  --host <origin>        who may embed it; as often as needed
  --name <text>          its name for people; that of the contract where there is none
  --export <name>        the contract's export, where the module has several
  --with <file>          a JSON file with further fields: icons, permissions, grants, csp, …
  --check                compares with what is there, in place of writing it: see --out
  --out <file>           where to write; the standard output where there is none

Exit codes: 0 all is well, 1 it is not, 2 the command cannot be read.`;

/** Runs one command of `muntin`; answers its exit code. */
export async function run(args: readonly string[], given: Output): Promise<number> {
  const [command, ...rest] = args;
  const output: Output = { out: (text) => given.out(harmless(text)), error: (text) => given.error(harmless(text)) };
  try {
    if (command === 'cors') return await runCors(rest, output);
    if (command === 'manifest') return await writeManifest(rest, output);
    output.error(usage);
    return command === '--help' || command === '-h' ? 0 : 2;
  } catch (error) {
    // What parseArgs throws has a code, too.
    if (!(error instanceof Error) || !('code' in error)) throw error;
    output.error(error instanceof MuntinError ? error.message : `${error.message}\n\n${usage}`);
    return 2;
  }
}

// oxlint-disable-next-line no-control-regex -- those are what is escaped
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** What servers have answered is written, too, and a terminal obeys control characters: they are escaped as JSON has them. */
function harmless(text: string): string {
  return text.replace(control, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

async function runCors(args: readonly string[], output: Output): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      origin: { type: 'string' },
      method: { type: 'string' },
      header: { type: 'string', multiple: true },
      credentials: { type: 'boolean' },
      body: { type: 'string' },
      'only-preflight': { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  const [url] = positionals;
  if (url === undefined || values.origin === undefined || positionals.length > 1) {
    output.error(usage);
    return 2;
  }
  const found = await diagnoseCors({
    url,
    origin: values.origin,
    headers: (values.header ?? []).map(readHeader),
    credentials: values.credentials === true ? 'include' : 'same-origin',
    onlyPreflight: values['only-preflight'] === true,
    ...(values.method === undefined ? {} : { method: values.method }),
    ...(values.body === undefined ? {} : { body: values.body }),
  });
  output.out(values.json === true ? JSON.stringify(found, undefined, 2) : asText(found));
  return found.ok ? 0 : 1;
}

function readHeader(text: string): Header {
  const at = text.indexOf(':');
  if (at < 1) throw new MuntinError('INVALID_OPTION', `--header is ${JSON.stringify(text)}: give "name: value"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function asText({ ok, cause, advice, recipes, exchanges, unknown }: CorsDiagnosis): string {
  const copied = Object.entries(recipes).filter(([, text]) => text !== '');
  return [
    `${ok ? 'ok' : 'not ok'}  ${cause}`,
    '',
    advice,
    '',
    ...exchanges.flatMap(asLines),
    ...copied.flatMap(([server, text]) => ['', `${server}:`, ...text.split('\n').map((line) => `  ${line}`)]),
    '',
    'Not known outside the page:',
    ...unknown.map((one) => `  ${one}`),
  ].join('\n');
}

function asLines({ method, url, requestHeaders, status, responseHeaders, error }: Exchange): readonly string[] {
  const shown = (headers: readonly Header[], pattern: RegExp): string[] =>
    headers.filter(([name]) => pattern.test(name)).map(([name, value]) => `    ${name}: ${value}`);
  return [
    `  ${method} ${url}`,
    ...shown(requestHeaders, /^(origin|access-control-.*)$/i),
    `  ${status ?? error ?? ''}`,
    ...shown(responseHeaders, /^(access-control-.*|vary|location)$/i),
  ];
}

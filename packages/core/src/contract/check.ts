import { inspect, invalidOption, isPeerCode } from '../errors.ts';
import { wrongTimeout } from '../option-values.ts';
import { checkOptions, type OptionKinds } from '../options.ts';
import { compatibility } from './compare.ts';
import type { AnyProcedureOptions, ContractOptions } from './define.ts';
import { isSchema } from './schema.ts';
import type { ProcedureKind, Procedures, StreamOptions } from './types.ts';

// A contract is written once, and the same wherever it runs: these checks are for whoever writes it. Production builds have them without
// a body: see scripts/production.mjs.

// What a call may reject with on its own side; a declared error must not look like one.
const localCodes: readonly string[] = ['CALL_TIMED_OUT', 'CALL_CANCELLED', 'LINK_CLOSED', 'INVALID_OPTION'];

const callKinds: OptionKinds<AnyProcedureOptions> = {
  input: 'any',
  output: 'any',
  errors: 'object',
  timeoutMs: 'any',
  describe: 'string',
};
const streamKinds: OptionKinds<AnyProcedureOptions & StreamOptions> = {
  ...callKinds,
  overflow: 'any',
  buffer: 'any',
  resumable: 'any',
};
const contractKinds: OptionKinds<ContractOptions<Procedures, Procedures, unknown>> = {
  name: 'string',
  version: 'string',
  guest: 'object',
  host: 'object',
  context: 'any',
};

/** The longest path of a procedure, name of a contract and code of an error, in UTF-16 code units. */
const maxName = 256;

// Names that the language asks for by itself: a client with such a procedure would call it for whoever looks at it.
const taken: ReadonlyMap<string, string> = new Map([
  ['then', 'a client with a "then" would look like a promise'],
  ['toJSON', 'JSON.stringify would call it'],
]);

/** What a procedure is made of. Throws `INVALID_OPTION`. */
export function checkProcedure(kind: ProcedureKind, options: Partial<AnyProcedureOptions & StreamOptions>): void {
  checkOptions(kind, options, kind === 'observable' ? streamKinds : callKinds);
  const { input, output, errors = {}, timeoutMs, buffer, resumable } = options;
  if (buffer !== undefined && !(Number.isSafeInteger(buffer) && buffer > 0))
    throw invalidOption(`buffer is ${inspect(buffer)}: give a whole number from 1`);
  const wrong = timeoutMs === undefined ? undefined : wrongTimeout(timeoutMs);
  if (wrong !== undefined) throw wrong;
  if (resumable !== undefined && typeof resumable !== 'boolean' && typeof resumable !== 'function')
    throw invalidOption(`resumable is ${inspect(resumable)}: give true, false or a function that makes the next input`);
  for (const [name, schema] of Object.entries({ input, output, ...errors }))
    if (schema !== undefined && !isSchema(schema))
      throw invalidOption(`${name} is ${inspect(schema)}: give a Standard Schema, or type<T>() to trust the compiler`);
  for (const code of Object.keys(errors))
    if (code === '' || code.length > maxName)
      throw invalidOption(`errors has a code of ${code.length} characters: give one of 1 to ${maxName}`);
  for (const code of Object.keys(errors))
    if (isPeerCode(code) || localCodes.includes(code))
      throw invalidOption(`errors has ${inspect(code)}, which is a code of Muntin: choose another`);
}

/** What is given as a contract is one. Throws `INVALID_OPTION`. */
export function checkIsContract(given: unknown): void {
  if (typeof given === 'object' && given !== null && 'guest' in given && 'host' in given && 'version' in given) return;
  const hint = given === undefined ? '; it is undefined where modules import each other' : '';
  throw invalidOption(`the contract is ${inspect(given)}: give what contract() has returned${hint}`);
}

/** What a contract is made of. Throws `INVALID_OPTION`. */
export function checkContract(options: ContractOptions<Procedures, Procedures, unknown>): void {
  checkOptions('contract', options, contractKinds);
  const { name, version, guest = {}, host = {}, context } = options;
  if (typeof name !== 'string' || name === '' || name.length > maxName)
    throw invalidOption(`name is ${inspect(name)}: give a contract a name such as "acme/ticker"`);
  if (typeof version !== 'string' || compatibility(version) === undefined)
    throw invalidOption(`version is ${inspect(version)}: give a semantic version such as "1.0.0"`);
  if (context !== undefined && !isSchema(context))
    throw invalidOption(`context is ${inspect(context)}: give a Standard Schema, or type<T>() to trust the compiler`);
  for (const side of [guest, host]) checkPaths(side);
}

/** The procedures of one side; `reserved` stands before their paths in a session. Throws `INVALID_OPTION`. */
export function checkPaths(tree: Procedures, reserved = ''): void {
  const found = new Set<string>();
  const visit = (group: Procedures, prefix: string): void => {
    for (const [name, entry] of Object.entries<unknown>(group)) {
      const path = prefix + name;
      const why = taken.get(name);
      if (why !== undefined) throw invalidOption(`${inspect(path)}: ${why}; choose another name`);
      if (!isGroup(entry))
        throw invalidOption(
          `"${path}" is ${inspect(entry)}: give query(), mutation(), observable() or a group of them`,
        );
      if (name === '' || (reserved === '' && path.startsWith('+')) || reserved.length + path.length > maxName)
        throw invalidOption(
          `${inspect(path)}: give the procedure a name that does not begin with "+", and a path of ${maxName} characters at most`,
        );
      if (reserved !== '' && name.includes('/'))
        throw invalidOption(
          `${inspect(path)}: a procedure of an extension has no "/" in its name, which ends that of the extension`,
        );
      if (typeof entry['kind'] !== 'string') visit(entry, `${path}.`);
      else if (found.has(path)) throw invalidOption(`"${path}" is there twice; rename one`);
      else found.add(path);
    }
  };
  visit(tree, '');
}

/** A procedure, or a group of them. */
function isGroup(value: unknown): value is Procedures {
  return typeof value === 'object' && value !== null;
}

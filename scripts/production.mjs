// Writes dist/production beside a package's dist: the same modules with short errors. Sources stay as they are. What a browser downloads
// has the code of an error, its facts (names and values) and where to read more; the sentences around them are for whoever develops, and
// come with the conditions `development` and `node`.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import MagicString from 'magic-string';
import { parseSync } from 'vite';
import { isMain } from './run.mjs';

/** Where a person finds the page for a code, as `pageOf` of core has it. @type {{ homepage: string }} */
const { homepage } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Functions that only look at what an application wrote: they, and all calls of them, are left out. */
const checks = new Set([
  'checkOptions',
  'findWrongOption',
  'checkProcedure',
  'checkContract',
  'checkPaths',
  'checkHandlers',
  'checkSelector',
  'checkSchema',
  'findNearest',
]);
/** Functions that only add to a message, for whoever develops. */
const prose = new Set(['explainOrigin', 'suggest', 'hintAt', 'reasonOf']);

/** Modules that only help whoever develops, by package, and what is left of their functions. @type {Readonly<Record<string, string>>} */
const withoutBody = {
  'core/hints.js': `export function pageOf() { return ''; }
export function remedyOf(kind) { return kind; }
export function hintAt() { return ''; }
export function suggest() { return ''; }
export function findNearest() {}
`,
  'core/reference/where-live.js': `export function whereLive(_, name) { return name; }
`,
  'core/options.js': `export function checkOptions() {}
export function findWrongOption() {}
`,
  'core/contract/check.js': `export function checkProcedure() {}
export function checkContract() {}
export function checkIsContract() {}
export function checkPaths() {}
`,
  'core/rpc/check-handlers.js': `export function checkHandlers() {}
`,
  'core/codec/check-codec.js': `export function checkCodec() {}
`,
  'core/codec/uncloneable-now.js': `import { MuntinError } from '../errors.js';
export function notCloneableNow(_, root, cause) { return new MuntinError('VALUE_NOT_CLONEABLE', root, { cause }); }
`,
  'host/console.js': `export function reportFailure() {}
export function isTraced() { return false; }
export function traceState() {}
`,
  'host/container/isolation.js': `export function watchIsolation() {}
export function unwatchIsolation() {}
`,
  'guest/trouble.js': `export function booted() {}
export function refused() {}
`,
  'guest/size/check-selector.js': `export function checkSelector() {}
`,
  'guest/size/name.js': `export function nameOf() { return ''; }
`,
};

/** @typedef {{ type: string, start: number, end: number, [key: string]: unknown }} Node */

/** @param {unknown} value @returns {value is Node} */
const isNode = (value) => typeof value === 'object' && value !== null && 'type' in value && 'start' in value;

/** @param {Node} node @returns {Node[]} */
const childrenOf = (node) => Object.values(node).flat().filter(isNode);

/** @param {Node} node @param {(node: Node) => void} visit */
function walk(node, visit) {
  visit(node);
  for (const child of childrenOf(node)) walk(child, visit);
}

/** @param {Node} node @param {string} key @returns {Node} */
const part = (node, key) => /** @type {Node} */ (node[key]);
/** @param {Node} node @param {string} key @returns {Node[]} */
const parts = (node, key) => /** @type {Node[]} */ (node[key]);
/** @param {Node | undefined} node @param {string} name */
const isNamed = (node, name) => node?.type === 'Identifier' && node['name'] === name;

/** What ends a session or answers the peer, and which of the arguments is a message. */
const endings = new Map([
  ['break', 1],
  ['violate', 0],
  ['onViolation', 0],
  ['answered', 1],
]);

/**
 * The module with short errors, and without what is looked at only where one develops. In `new MuntinError(code, message)` and
 * `invalidOption(message)`, a message that is written there (or in a constant beside it) keeps the name that it begins with and what is
 * interpolated; `refer` says where to read more.
 * @param {string} source @returns {string}
 */
export function shorten(source) {
  const text = new MagicString(source);
  const tree = /** @type {Node} */ (/** @type {unknown} */ (parseSync('module.js', source).program));
  const constants = readConstants(tree);
  /** What is left of each message. @type {Map<Node, string>} */
  const done = new Map();
  /** @param {Node} node @param {string} said */
  const leave = (node, said) => {
    if (!done.has(node)) text.overwrite(node.start, node.end, said === '' ? "''" : `\`${said}\``);
    done.set(node, said);
  };
  /** @param {Node | undefined} message @returns {boolean | undefined} whether any of it is left; nothing where it is not written here */
  const rewrite = (message) => {
    if (message === undefined) return undefined;
    if (message.type === 'ConditionalExpression') {
      const [one, other] = [rewrite(part(message, 'consequent')), rewrite(part(message, 'alternate'))];
      return one === undefined && other === undefined ? undefined : one !== false || other !== false;
    }
    if (message.type === 'Identifier') {
      // A constant of the module may be used otherwise; one of a function is there for its error.
      const constant = findConstant(message, constants);
      return constant?.isLocal ? rewrite(constant.value) : undefined;
    }
    if (!isText(message)) return undefined;
    if (!done.has(message)) leave(message, saidIn(message));
    return done.get(message) !== '';
  };
  /** The name that a text begins with and what is interpolated, as the source of a template. @param {Node} message @returns {string} */
  const saidIn = (message) => {
    let said = /^(?:[a-z][\w.]*(?= (?:is|has|was|are)\b)|\w+\.|[a-z]\w*(?=: ))/.exec(startOf(message))?.[0] ?? '';
    const facts = message.type === 'Literal' ? [] : parts(message, 'expressions');
    for (const [index, fact] of facts.entries()) {
      if (rewriteFact(fact)) continue;
      // What was written without a space stays together, as in `${prefix}${name}`.
      const isJoined = said === '' || said.endsWith('.') || (index > 0 && textBefore(message, index) === '');
      said += `${isJoined ? '' : ' '}\${${source.slice(fact.start, fact.end)}}`;
    }
    return said;
  };
  /** @param {Node} fact @returns {boolean} whether it is a sentence, of which nothing is left */
  const rewriteFact = (fact) => {
    if (isProse(fact, constants)) {
      const constant = fact.type === 'Identifier' ? findConstant(fact, constants) : undefined;
      if (constant?.isLocal && !done.has(constant.value)) leave(constant.value, '');
      return true;
    }
    return fact.type === 'Identifier' && rewrite(fact) === false;
  };
  walk(tree, (node) => {
    if (node.type === 'NewExpression' && isNamed(part(node, 'callee'), 'MuntinError')) {
      if (rewrite(parts(node, 'arguments')[1]) !== undefined)
        text.overwrite(node.start, part(node, 'callee').end, 'refer');
    } else if (node.type === 'CallExpression') {
      const callee = part(node, 'callee');
      const name = String((callee.type === 'MemberExpression' ? part(callee, 'property') : callee)['name']);
      const ending = endings.get(name);
      if (name === 'invalidOption') rewrite(parts(node, 'arguments')[0]);
      else if (ending !== undefined) rewrite(parts(node, 'arguments')[ending]);
      else if (checks.has(name)) text.overwrite(node.start, node.end, 'undefined');
      // The compiler's helper: what is imported so has an absolute address.
      else if (name === '__rewriteRelativeImportExtension') text.overwrite(callee.start, callee.end, '');
    }
  });
  return text.toString().replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
}

/** @param {Node} node */
const isText = (node) =>
  node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node['value'] === 'string');

/** @param {Node} node @returns {string} how a text begins, up to the first thing that is interpolated */
const startOf = (node) => (node.type === 'Literal' ? String(node['value']) : textBefore(node, 0));

/** @param {Node} template @param {number} index @returns {string} what stands before the expression with this index */
function textBefore(template, index) {
  const [quasi] = parts(template, 'quasis').slice(index);
  return quasi === undefined ? '' : /** @type {{ cooked: string }} */ (quasi['value']).cooked;
}

/** @typedef {{ value: Node, isLocal: boolean }} Constant */
/** @typedef {Map<string, Constant[]>} Constants */

/** @param {Node} tree @returns {Constants} every constant with a value, by name, in the order of the source */
function readConstants(tree) {
  /** @type {Constants} */
  const found = new Map();
  const top = new Set(parts(tree, 'body').flatMap((node) => [node, ...childrenOf(node)]));
  walk(tree, (node) => {
    if (node.type !== 'VariableDeclaration' || node['kind'] !== 'const') return;
    for (const declared of parts(node, 'declarations')) {
      const id = part(declared, 'id');
      const value = /** @type {Node | null} */ (declared['init']);
      if (id.type !== 'Identifier' || value === null) continue;
      const name = String(id['name']);
      found.set(name, [...(found.get(name) ?? []), { value, isLocal: !top.has(node) }]);
    }
  });
  return found;
}

/**
 * The constant that a name means: the one declared last before it.
 * @param {Node} use @param {Constants} constants @returns {Constant | undefined}
 */
function findConstant(use, constants) {
  return constants
    .get(String(use['name']))
    ?.filter(({ value }) => value.start < use.start)
    .at(-1);
}

/** Whether what is interpolated is a sentence itself, without facts. @param {Node} fact @param {Constants} constants @returns {boolean} */
function isProse(fact, constants) {
  if (fact.type === 'CallExpression' && prose.has(String(part(fact, 'callee')['name']))) return true;
  if (fact.type === 'Literal') return /\s|^$/.test(String(fact['value']));
  if (fact.type === 'ConditionalExpression')
    return isProse(part(fact, 'consequent'), constants) && isProse(part(fact, 'alternate'), constants);
  if (fact.type !== 'Identifier') return false;
  const value = findConstant(fact, constants)?.value;
  return value !== undefined && value.type !== 'Identifier' && isProse(value, constants);
}

/** Makes an error that says where to read more; in `errors.js` of every production build. */
const refer = `
export function refer(code, facts, options) {
  const link = \`${homepage}errors/\${code}.html\`;
  return new MuntinError(code, facts === '' ? link : \`\${facts} (\${link})\`, options);
}
`;

/** @param {string} name of the package @param {string} path of the module @param {string} source @returns {string} */
function produce(name, path, source) {
  const given = `${name}/${path}`;
  const short = withoutBody[given] ?? shorten(source);
  if (given === 'core/errors.js') {
    const made = "new MuntinError('INVALID_OPTION', message)";
    if (!short.includes(made))
      throw new Error('errors.js makes INVALID_OPTION in another way than scripts/production.mjs expects');
    return `${short.replace(made, "refer('INVALID_OPTION', message)")}${refer}`;
  }
  if (given === 'core/internal.js') return `export { refer } from './errors.js';\n${short}`;
  if (!/\brefer\(/.test(short)) return short;
  const from =
    name === 'core' ? `${'../'.repeat(path.split(/[\\/]/).length - 1) || './'}errors.js` : '@muntin/core/internal';
  return `import { refer } from '${from}';\n${short}`;
}

/** Modules whose exports are the source texts of scripts: what a bundler does not make shorter is made so here. */
const scripts = new Set(['host/jsonp/scripts.js']);

/** @param {string} text an expression @returns {Promise<string>} */
async function minify(text) {
  const { code } = await transform(`x=${text}`, { minify: true, charset: 'utf8', target: 'es2022' });
  return code.trim().replace(/^x=|;$/g, '');
}

/** @param {string} file @returns {Promise<string>} the module, with every script in it as short as it can be */
async function shortenScripts(file) {
  const { says, worker, bootWith } = await import(`${pathToFileURL(file).href}?${Date.now()}`);
  const boot = await minify(bootWith(await minify(worker)));
  return `export const says = ${JSON.stringify(says)};\nexport const boot = ${JSON.stringify(boot)};\n`;
}

/** @param {string} dist the folder that the compiler has written to */
export async function writeProduction(dist) {
  const name = basename(dirname(dist));
  const to = join(dist, 'production');
  rmSync(to, { recursive: true, force: true });
  for (const given of Object.keys(withoutBody))
    if (given.startsWith(`${name}/`) && !existsSync(join(dist, given.slice(name.length + 1))))
      throw new Error(`scripts/production.mjs leaves out ${given}, which is not there`);
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.js')) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    const given = join(dist, path);
    const isScript = scripts.has(`${name}/${path.replaceAll('\\', '/')}`);
    const text = isScript ? await shortenScripts(given) : produce(name, path, readFileSync(given, 'utf8'));
    writeFileSync(join(to, path), text);
  }
}

if (isMain(import.meta.url)) await writeProduction(join(process.cwd(), 'dist'));

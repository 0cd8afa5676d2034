// Writes dist/production beside a package's dist: the same modules with short errors. Sources stay as they are. What a browser downloads
// has the code of an error, its facts (names and values) and where to read more; the sentences around them are for whoever develops, and
// come with the conditions `development` and `node`.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import MagicString from 'magic-string';
import { parseSync } from 'vite';
import { isMain } from './run.mjs';

/** Where a person finds the paragraph for a code, relative to the repository; the one place that says it. */
const reference = 'docs/errors.md#';

/** Modules that only help whoever develops, and what is left of them. @type {Readonly<Record<string, string>>} */
const withoutBody = {
  'hints.js': `export const remedyOf = (kind) => kind;
export const hintAt = () => '';
export const suggest = () => '';
export const findNearest = () => undefined;
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

/**
 * The module with short errors: in `new MuntinError(code, message)` and `invalidOption(message)`, a message that is written there (or in a
 * constant beside it) keeps the name that it begins with and what is interpolated.
 * @param {string} source @returns {string}
 */
export function shorten(source) {
  const text = new MagicString(source);
  const tree = /** @type {Node} */ (/** @type {unknown} */ (parseSync('module.js', source).program));
  const constants = readConstants(tree);
  /** @type {Set<Node>} */
  const done = new Set();
  /** @param {Node | undefined} message @param {string} link what the message ends with, as the source of a template */
  const rewrite = (message, link) => {
    if (message === undefined || done.has(message)) return;
    done.add(message);
    if (message.type === 'ConditionalExpression') {
      rewrite(part(message, 'consequent'), link);
      rewrite(part(message, 'alternate'), link);
    } else if (message.type === 'Identifier') {
      // A constant of the module may be used otherwise; one of a function is there for its error.
      const constant = findConstant(message, constants);
      if (constant?.isLocal) rewrite(constant.value, link);
    } else if (isText(message)) {
      const said = saidIn(message, constants, source);
      text.overwrite(message.start, message.end, `\`${said === '' ? link : `${said} (${link})`}\``);
    }
  };
  walk(tree, (node) => {
    if (node.type === 'NewExpression' && isNamed(part(node, 'callee'), 'MuntinError')) {
      const [code, message] = parts(node, 'arguments');
      const link = code?.type === 'Literal' ? reference + String(code['value']) : undefined;
      if (link !== undefined) rewrite(message, link);
    } else if (node.type === 'CallExpression' && isNamed(part(node, 'callee'), 'invalidOption'))
      rewrite(parts(node, 'arguments')[0], `${reference}INVALID_OPTION`);
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

/**
 * The name that a text begins with and what is interpolated, as the source of a template.
 * @param {Node} message @param {Constants} constants @param {string} source @returns {string}
 */
function saidIn(message, constants, source) {
  let said = /^(?:[a-z][\w.]*(?= (?:is|has|was|are)\b)|\w+\.)/.exec(startOf(message))?.[0] ?? '';
  const facts = message.type === 'Literal' ? [] : parts(message, 'expressions');
  for (const [index, fact] of facts.entries()) {
    if (isProse(fact, constants)) continue;
    // What was written without a space stays together, as in `${prefix}${name}`.
    const isJoined = said === '' || said.endsWith('.') || (index > 0 && textBefore(message, index) === '');
    said += `${isJoined ? '' : ' '}\${${source.slice(fact.start, fact.end)}}`;
  }
  return said;
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

/** Whether what is interpolated is a sentence itself. @param {Node} fact @param {Constants} constants @returns {boolean} */
function isProse(fact, constants) {
  if (fact.type === 'Literal') return /\s/.test(String(fact['value']));
  if (fact.type === 'ConditionalExpression')
    return isProse(part(fact, 'consequent'), constants) || isProse(part(fact, 'alternate'), constants);
  if (fact.type !== 'Identifier') return false;
  const value = findConstant(fact, constants)?.value;
  return value !== undefined && value.type !== 'Identifier' && isProse(value, constants);
}

/** @param {string} dist the folder that the compiler has written to */
export function writeProduction(dist) {
  const to = join(dist, 'production');
  rmSync(to, { recursive: true, force: true });
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.js')) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), withoutBody[path] ?? shorten(readFileSync(join(dist, path), 'utf8')));
  }
}

if (isMain(import.meta.url)) writeProduction(join(process.cwd(), 'dist'));

import type { Rule, Scope, SourceCode } from 'eslint';
import type * as ES from 'estree';

/** A node of the tree, with the way up. */
export type Node = Rule.Node;

/** The variable that a name means where it stands; `undefined` for a global. */
export function variableOf(source: SourceCode, name: ES.Identifier): Scope.Variable | undefined {
  for (let scope: Scope.Scope | null = source.getScope(name); scope !== null; scope = scope.upper) {
    const found = scope.set.get(name.name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a constant was set to: the initialiser of a name that is written once. */
export function initialOf(source: SourceCode, node: ES.Node): ES.Node | undefined {
  if (node.type !== 'Identifier') return undefined;
  const variable = variableOf(source, node);
  const [definition, ...others] = variable?.defs ?? [];
  if (definition === undefined || others.length > 0) return undefined;
  if (definition.type === 'FunctionName') return definition.node;
  if (definition.type !== 'Variable' || definition.node.id.type !== 'Identifier') return undefined;
  const isWrittenOnce = variable?.references.filter((reference) => reference.isWrite()).length === 1;
  const { init } = definition.node;
  return isWrittenOnce && init ? bare(init) : undefined;
}

/** Follows constants to what they were set to. */
export function resolve(source: SourceCode, node: ES.Node): ES.Node {
  let found = bare(node);
  for (let hops = 0; hops < 5; hops++) {
    const next = initialOf(source, found);
    if (next === undefined) break;
    found = next;
  }
  return found;
}

/** The text of a constant string, through names and templates without parts; `undefined` for all else. */
export function textOf(source: SourceCode, node: ES.Node | null | undefined): string | undefined {
  if (node === null || node === undefined) return undefined;
  const found = resolve(source, node);
  if (found.type === 'Literal' && typeof found.value === 'string') return found.value;
  if (found.type === 'TemplateLiteral' && found.expressions.length === 0)
    return found.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

/** The name of a property that is written down: `a.name`, `a['name']`. */
export function propertyName(node: ES.MemberExpression | ES.Property): string | undefined {
  const key = node.type === 'MemberExpression' ? node.property : node.key;
  if (!node.computed && key.type === 'Identifier') return key.name;
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined;
}

/** The object and name of a method that is called; `undefined` for other calls. */
export function methodOf(call: ES.SimpleCallExpression): { object: ES.Expression; name: string } | undefined {
  const { callee } = call;
  if (callee.type !== 'MemberExpression' || callee.object.type === 'Super') return undefined;
  const name = propertyName(callee);
  return name === undefined ? undefined : { object: callee.object, name };
}

// But for the first, parsers of TypeScript put them around an expression.
const wrappers: ReadonlySet<string> = new Set([
  'ChainExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
]);

/** A node without the wrappers that change nothing of its value, such as `as const` and `!`. */
export function bare(node: ES.Node): ES.Node {
  const inner: unknown = wrappers.has(node.type) ? Reflect.get(node, 'expression') : undefined;
  return isNode(inner) ? bare(inner) : node;
}

/** Whether nothing that follows a statement runs after it. */
export function leadsOut(statement: ES.Statement): boolean {
  if (statement.type !== 'BlockStatement') return /^(Return|Throw|Continue|Break)Statement$/.test(statement.type);
  const last = statement.body.at(-1);
  return last !== undefined && leadsOut(last);
}

/** All nodes below and with a node, in the order of the text. */
export function* walk(source: SourceCode, node: ES.Node): Generator<ES.Node> {
  yield node;
  for (const key of source.visitorKeys[node.type] ?? []) {
    const child: unknown = Reflect.get(node, key);
    for (const one of Array.isArray(child) ? child : [child]) if (isNode(one)) yield* walk(source, one);
  }
}

function isNode(value: unknown): value is ES.Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Where a node begins in the text. */
export const startOf = (node: ES.Node): number => node.range?.[0] ?? 0;

/** And where it ends. */
export const endOf = (node: ES.Node): number => node.range?.[1] ?? 0;

export const isFunction = (
  node: ES.Node | undefined,
): node is ES.FunctionExpression | ES.ArrowFunctionExpression | ES.FunctionDeclaration =>
  node?.type === 'FunctionExpression' ||
  node?.type === 'ArrowFunctionExpression' ||
  node?.type === 'FunctionDeclaration';

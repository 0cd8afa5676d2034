import type { Rule, SourceCode } from 'eslint';
import type * as ES from 'estree';
import {
  bare,
  endOf,
  initialOf,
  isFunction,
  leadsOut,
  methodOf,
  propertyName,
  resolve,
  startOf,
  textOf,
  variableOf,
  walk,
} from '../ast.ts';

type Listener = ES.FunctionExpression | ES.ArrowFunctionExpression | ES.FunctionDeclaration;
type Fact = 'origin' | 'source' | 'data' | 'whole';

/** Demands that a listener to messages of windows checks the origin and the source before it uses the data. */
export const checkedMessage: Rule.RuleModule = {
  meta: {
    type: 'problem',
    docs: { description: 'demand that message listeners check origin and source before they use the data' },
    messages: {
      origin: 'Anybody can post to this window. Compare event.origin with the exact origin before the data is used.',
      source:
        'Every frame of that origin can post to this window. Compare event.source with the window that you talk to before the data is used.',
      both: 'Anybody can post to this window. Compare event.origin with the exact origin, and event.source with the window that you talk to, before the data is used.',
    },
    schema: [],
  },
  create(context) {
    const source = context.sourceCode;
    const judge = (given: ES.Node | undefined): void => {
      const listener = given && resolve(source, given);
      if (!isFunction(listener)) return;
      const missing = whatIsMissing(source, listener);
      if (missing !== undefined) context.report({ node: missing.at, messageId: missing.what });
    };
    return {
      CallExpression(call) {
        const [type, listener] = call.arguments;
        if (textOf(source, type) === 'message' && isWindowListener(source, call)) judge(listener);
      },
      AssignmentExpression({ left, right }) {
        const isOnMessage =
          left.type === 'MemberExpression'
            ? propertyName(left) === 'onmessage' && isWindow(left.object)
            : isGlobal(source, left, 'onmessage');
        if (isOnMessage) judge(right);
      },
    };
  },
};

function isWindowListener(source: SourceCode, call: ES.SimpleCallExpression): boolean {
  const method = methodOf(call);
  if (method === undefined) return isGlobal(source, call.callee, 'addEventListener');
  return method.name === 'addEventListener' && isWindow(method.object);
}

// `self` is a worker's own name for itself, too, and a worker hears its owner only.
const isWindow = (node: ES.Node): boolean =>
  node.type === 'Identifier'
    ? /^(window|globalThis|top|parent)$/.test(node.name)
    : node.type === 'MemberExpression' && /^(window|defaultView|parent|top)$/.test(propertyName(node) ?? '');

function isGlobal(source: SourceCode, node: ES.Node, name: string): boolean {
  if (node.type !== 'Identifier' || node.name !== name) return false;
  const reference = source.getScope(node).references.find(({ identifier }) => identifier === node);
  return (reference?.resolved?.defs.length ?? 0) === 0;
}

/** The first use of the data, where something that should be known by then has not been looked at. */
function whatIsMissing(
  source: SourceCode,
  listener: Listener,
): { at: ES.Node; what: 'origin' | 'source' | 'both' } | undefined {
  const known: Found[] = [];
  for (const found of factsOf(source, listener)) {
    const { fact, node, checks } = found;
    if (checks !== undefined) known.push(found);
    else if (fact === 'data') {
      const [isOriginKnown, isSourceKnown] = (['origin', 'source'] as const).map((wanted) =>
        known.some((earlier) => (earlier.fact === wanted || isGivenAway(earlier)) && isIn(node, earlier.checks)),
      );
      if (isOriginKnown !== true) return { at: node, what: isSourceKnown === true ? 'origin' : 'both' };
      if (isSourceKnown !== true) return { at: node, what: 'source' };
    }
  }
  return undefined;
}

/** A part of the text, from one place to another. */
type Span = readonly [from: number, to: number];

interface Found {
  readonly fact: Fact;
  readonly node: ES.Node;
  /** What runs only as it decides; nothing where it decides nothing. */
  readonly checks: Span | undefined;
}

const isIn = (node: ES.Node, [from, to]: Span = [0, 0]): boolean => from <= startOf(node) && startOf(node) < to;

/** The event as a whole was given to a function whose answer decides: it may look at everything. */
const isGivenAway = ({ fact, node }: Found): boolean =>
  fact === 'whole' && (node as ES.Node & Rule.NodeParentExtension).parent.type === 'CallExpression';

/** In the order of the text: each place where something of the event is read. */
function factsOf(source: SourceCode, listener: Listener): Found[] {
  const [parameter] = listener.params;
  if (parameter === undefined) return [];
  const names = new Map<string, Fact>();
  let event: string | undefined;
  if (parameter.type === 'Identifier') event = parameter.name;
  if (parameter.type === 'ObjectPattern') addNames(names, parameter);
  const found: Found[] = [];
  for (const node of walk(source, listener.body)) {
    // `const { data, origin } = event`, and `const data = event.data`: names for them; the use comes later.
    if (node.type === 'VariableDeclarator') addDeclared(names, node, event);
    const fact = factAt(node, names, event);
    if (fact !== undefined) found.push({ fact, node, checks: decides(node) ?? decidesByName(source, node, fact) });
  }
  return found.sort((a, b) => startOf(a.node) - startOf(b.node));
}

const facts: ReadonlySet<string> = new Set<Fact>(['origin', 'source', 'data']);
const isFact = (name: string | undefined): name is Fact => name !== undefined && facts.has(name);

function addNames(names: Map<string, Fact>, pattern: ES.ObjectPattern): void {
  for (const property of pattern.properties) {
    if (property.type !== 'Property') continue;
    const name = propertyName(property);
    if (!isFact(name)) continue;
    const { value } = property;
    if (value.type === 'Identifier') names.set(value.name, name);
    // `{ data: { type } }`
    else if (value.type === 'ObjectPattern')
      for (const part of value.properties)
        if (part.type === 'Property' && part.value.type === 'Identifier') names.set(part.value.name, name);
  }
}

function addDeclared(names: Map<string, Fact>, { id, init }: ES.VariableDeclarator, event: string | undefined): void {
  const from = init ? bare(init) : undefined;
  if (id.type === 'ObjectPattern' && from?.type === 'Identifier' && from.name === event) addNames(names, id);
  if (from?.type !== 'MemberExpression' || from.object.type !== 'Identifier' || from.object.name !== event) return;
  const name = propertyName(from);
  if (!isFact(name)) return;
  if (id.type === 'Identifier') names.set(id.name, name);
  if (id.type === 'ObjectPattern')
    for (const part of id.properties)
      if (part.type === 'Property' && part.value.type === 'Identifier') names.set(part.value.name, name);
}

function factAt(node: ES.Node, names: ReadonlyMap<string, Fact>, event: string | undefined): Fact | undefined {
  const { parent } = node as ES.Node & Rule.NodeParentExtension;
  if (node.type === 'MemberExpression' && node.object.type === 'Identifier' && node.object.name === event) {
    if (isDeclared(node, parent)) return undefined;
    const name = propertyName(node);
    return isFact(name) ? name : undefined;
  }
  if (node.type !== 'Identifier' || isNameOnly(node, parent)) return undefined;
  if (node.name === event) return parent.type === 'MemberExpression' || isDeclared(node, parent) ? undefined : 'whole';
  return names.get(node.name);
}

/** It gets a name, and is used by that. */
const isDeclared = (node: ES.Node, parent: ES.Node): boolean =>
  parent.type === 'VariableDeclarator' && parent.init === node;

/** A name that reads nothing: of a property, of what is declared. */
function isNameOnly(node: ES.Identifier, parent: ES.Node): boolean {
  if (parent.type === 'MemberExpression') return parent.property === node && !parent.computed;
  if (parent.type === 'Property')
    return parent.key === node && !parent.computed && !parent.shorthand ? true : isInPattern(parent);
  return parent.type === 'VariableDeclarator' && parent.id === node;
}

const isInPattern = (property: ES.Node): boolean =>
  (property as ES.Node & Rule.NodeParentExtension).parent.type === 'ObjectPattern';

/**
 * What runs only as what is read here decides: the branch of a test, all that follows where a branch leads out, and what is right of `&&`, `||`.
 */
function decides(node: ES.Node): Span | undefined {
  let child = node as ES.Node & Rule.NodeParentExtension;
  for (let { parent } = child; ; child = parent as typeof child, { parent } = child) {
    if (parent.type === 'IfStatement') {
      if (parent.test !== child) return undefined;
      const isLeft = leadsOut(parent.consequent) || (parent.alternate ? leadsOut(parent.alternate) : false);
      return [endOf(child), isLeft ? Infinity : endOf(parent)];
    }
    if (parent.type === 'ConditionalExpression' || parent.type === 'WhileStatement')
      return parent.test === child ? [endOf(child), endOf(parent)] : undefined;
    if (parent.type === 'SwitchStatement')
      return parent.discriminant === child ? [endOf(child), endOf(parent)] : undefined;
    if (parent.type === 'LogicalExpression' && parent.left === child && isStatement(parent))
      return [endOf(child), endOf(parent)];
    if (/Statement$|Declaration$|Function|^Program$/.test(parent.type) || parent.type === 'VariableDeclarator')
      return undefined;
  }
}

/** `const isOurs = event.origin === pin; if (!isOurs) return`. What is made of the data is a name for data, and no check. */
function decidesByName(source: SourceCode, node: ES.Node, fact: Fact): Span | undefined {
  if (fact === 'data') return undefined;
  let at = node as ES.Node & Rule.NodeParentExtension;
  while (at.parent.type.endsWith('Expression')) at = at.parent as typeof at;
  const { parent } = at;
  if (isFunction(at) || parent.type !== 'VariableDeclarator' || parent.id.type !== 'Identifier') return undefined;
  const variable = variableOf(source, parent.id);
  if (variable === undefined || initialOf(source, parent.id) === undefined) return undefined;
  for (const { identifier } of variable.references) {
    const span = identifier === parent.id ? undefined : decides(identifier);
    if (span !== undefined) return span;
  }
  return undefined;
}

/** `isOurs(event) && use(event.data);` as a statement, or as the body of an arrow function. */
function isStatement(node: ES.Node): boolean {
  const { parent } = node as ES.Node & Rule.NodeParentExtension;
  return (
    parent.type === 'ExpressionStatement' ||
    parent.type === 'ArrowFunctionExpression' ||
    (parent.type === 'LogicalExpression' && isStatement(parent))
  );
}

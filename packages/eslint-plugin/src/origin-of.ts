import type { SourceCode } from 'eslint';
import type * as ES from 'estree';
import { bare, initialOf, propertyName, resolve, textOf, variableOf } from './ast.ts';

/** What an event is called. A `message` is as often the data. */
export const eventNames: RegExp = /^(e|ev|evt|event|messageEvent|messageEvt)$/i;
const listMethods = /^(every|filter|find|findIndex|findLast|flatMap|forEach|map|reduce|some|sort|toSorted)$/;
const ownNames: ReadonlySet<string> = new Set([
  'location',
  'window',
  'self',
  'globalThis',
  'document',
  'top',
  'parent',
]);

/**
 * Whether an expression is the origin that somebody else has: of a message event, of a request's `Origin` header, of an address. The
 * origin of one's own page (`location.origin`) is not.
 */
export function isForeignOrigin(source: SourceCode, given: ES.Node): boolean {
  const node = bare(given);
  if (node.type === 'Identifier') return isOriginName(source, node);
  if (node.type === 'CallExpression') return isHeaderCall(source, node) || isOriginInOtherCase(source, node);
  if (node.type === 'LogicalExpression') return isForeignOrigin(source, node.left);
  if (node.type !== 'MemberExpression' || node.object.type === 'Super') return false;
  if (propertyName(node) !== 'origin') return false;
  const object = bare(node.object);
  // The `Origin` header of a request: `req.headers.origin`.
  if (object.type === 'MemberExpression') return propertyName(object) === 'headers' || !isOwn(object);
  if (object.type === 'Identifier') return !ownNames.has(object.name) && isEventOrAddress(source, object);
  return object.type === 'NewExpression' && object.callee.type === 'Identifier' && object.callee.name === 'URL'
    ? !isOwnAddress(object)
    : false;
}

/** `window.location.origin` and such. */
function isOwn(node: ES.MemberExpression): boolean {
  return propertyName(node) === 'location' || (node.object.type === 'Identifier' && ownNames.has(node.object.name));
}

function isOwnAddress(node: ES.NewExpression): boolean {
  const [first] = node.arguments;
  return first?.type === 'MemberExpression' && isOwn(first);
}

/** A name that is used as an event is, or that an address was parsed into. */
function isEventOrAddress(source: SourceCode, name: ES.Identifier): boolean {
  const initial = initialOf(source, name);
  if (initial?.type === 'NewExpression')
    return initial.callee.type === 'Identifier' && initial.callee.name === 'URL' && !isOwnAddress(initial);
  const definition = variableOf(source, name)?.defs[0];
  if (definition === undefined) return eventNames.test(name.name);
  if (definition.type !== 'Parameter') return false;
  const [first] = definition.node.params;
  if (first === definition.name && isListener(source, definition.node)) return true;
  return eventNames.test(name.name) && !isOfList(definition.node);
}

type Parented = ES.Node & { readonly parent?: Parented };

/** `entries.filter((e) => …)`: what a list has, and no event. */
function isOfList({ parent }: Parented): boolean {
  return (
    parent?.type === 'CallExpression' &&
    parent.callee.type === 'MemberExpression' &&
    listMethods.test(propertyName(parent.callee) ?? '')
  );
}

/** Whether a function listens to messages: where it stands, or by its name. */
function isListener(source: SourceCode, listener: Parented): boolean {
  if (isListenerPlace(source, listener)) return true;
  const { parent } = listener;
  const name =
    listener.type === 'FunctionDeclaration'
      ? listener.id
      : parent?.type === 'VariableDeclarator'
        ? parent.id
        : undefined;
  if (name?.type !== 'Identifier') return false;
  const uses = variableOf(source, name)?.references ?? [];
  return uses.some(({ identifier }) => isListenerPlace(source, identifier));
}

/** `addEventListener('message', …)`, `onmessage = …`. */
function isListenerPlace(source: SourceCode, node: Parented): boolean {
  const { parent } = node;
  if (parent?.type === 'AssignmentExpression') return parent.right === node && nameOf(parent.left) === 'onmessage';
  return (
    parent?.type === 'CallExpression' &&
    parent.arguments[1] === node &&
    nameOf(parent.callee) === 'addEventListener' &&
    textOf(source, parent.arguments[0]) === 'message'
  );
}

function nameOf(node: ES.Node): string | undefined {
  if (node.type === 'MemberExpression') return propertyName(node);
  return node.type === 'Identifier' ? node.name : undefined;
}

/** `origin`, taken out of an event or a request, or a constant that was set to one. */
function isOriginName(source: SourceCode, name: ES.Identifier): boolean {
  const definition = variableOf(source, name)?.defs[0];
  if (definition === undefined) return false;
  if (definition.type === 'Parameter') return isOriginParameter(source, definition.node, definition.name);
  if (definition.type !== 'Variable') return false;
  const { id, init } = definition.node;
  if (init === null || init === undefined) return false;
  if (id.type === 'ObjectPattern') return takesOriginOf(source, id, init, name.name);
  const found = resolve(source, name);
  return found !== name && found.type !== 'Identifier' && isForeignOrigin(source, found);
}

/** What a listener takes out of its event, what is called an origin of others, or what a function that judges origins is given. */
function isOriginParameter(source: SourceCode, of: Parented, name: ES.Identifier): boolean {
  const [first] = 'params' in of ? of.params : [];
  if (first?.type === 'ObjectPattern')
    return takes(first, name.name) && (isListener(source, of) || first.properties.some(isOfEvent));
  if (/^(eventOrigin|messageOrigin|requestOrigin|senderOrigin)$/i.test(name.name)) return true;
  return /^origin$/i.test(name.name) && judgesOrigins(of);
}

const isOfEvent = (property: ES.Property | ES.RestElement): boolean =>
  property.type === 'Property' && /^(data|source)$/.test(propertyName(property) ?? '');

/** `cors({ origin: (origin, done) => … })`, `isAllowed(origin)`: by its name. A point has an origin, too. */
function judgesOrigins(of: Parented): boolean {
  const { parent } = of;
  const id = of.type === 'FunctionDeclaration' || of.type === 'FunctionExpression' ? of.id : undefined;
  const named =
    id?.name ??
    (parent?.type === 'VariableDeclarator'
      ? nameOf(parent.id)
      : parent?.type === 'Property' || parent?.type === 'MethodDefinition'
        ? nameOf(parent.key)
        : undefined);
  return /allow|trust|valid|permit|accept|cors|origin|known|ours|safe/i.test(named ?? '');
}

/** Whether a pattern gives the origin this name. */
function takes(pattern: ES.ObjectPattern, name: string): boolean {
  return pattern.properties.some(
    (property) =>
      property.type === 'Property' &&
      propertyName(property) === 'origin' &&
      property.value.type === 'Identifier' &&
      property.value.name === name,
  );
}

/** `const { origin } = event`, and `const { origin } = req.headers`. */
function takesOriginOf(source: SourceCode, pattern: ES.ObjectPattern, init: ES.Node, name: string): boolean {
  if (!takes(pattern, name)) return false;
  const from = bare(init);
  if (from.type === 'Identifier') return !ownNames.has(from.name) && isEventOrAddress(source, from);
  return from.type === 'MemberExpression' && propertyName(from) === 'headers';
}

/** `request.headers.get('origin')`, `req.get('Origin')`, `req.header('origin')`, and `req.headers['origin']` is a member. */
function isHeaderCall(source: SourceCode, { callee, arguments: [first] }: ES.SimpleCallExpression): boolean {
  if (callee.type !== 'MemberExpression' || !/^(get|header)$/.test(propertyName(callee) ?? '')) return false;
  return textOf(source, first)?.toLowerCase() === 'origin';
}

/** `event.origin.toLowerCase()`, `String(event.origin)`: the same origin still. */
function isOriginInOtherCase(source: SourceCode, { callee, arguments: [first] }: ES.SimpleCallExpression): boolean {
  if (callee.type === 'Identifier')
    return callee.name === 'String' && first !== undefined && isForeignOrigin(source, first);
  if (callee.type !== 'MemberExpression' || callee.object.type === 'Super') return false;
  return /^(toLowerCase|toUpperCase|trim|toString|replace|slice|substring|substr)$/.test(propertyName(callee) ?? '')
    ? isForeignOrigin(source, callee.object)
    : false;
}

import type { SourceCode } from 'eslint';
import type * as ES from 'estree';
import { bare, initialOf, propertyName, resolve, textOf, variableOf } from './ast.ts';

const eventNames = /^(e|ev|evt|event|msg|message|messageEvent|messageEvt|me)$/i;
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
  if (eventNames.test(name.name)) return true;
  const initial = initialOf(source, name);
  if (initial?.type === 'NewExpression')
    return initial.callee.type === 'Identifier' && initial.callee.name === 'URL' && !isOwnAddress(initial);
  return isListenerParameter(source, name);
}

/** Whether a name is the first parameter of a function that listens to messages. */
function isListenerParameter(source: SourceCode, name: ES.Identifier): boolean {
  const definition = variableOf(source, name)?.defs[0];
  if (definition?.type !== 'Parameter') return false;
  const listener: ES.Node & { parent?: ES.Node } = definition.node;
  if (listener.params[0] !== definition.name) return false;
  const call = listener.parent;
  if (call?.type !== 'CallExpression') return false;
  const { callee } = call;
  const called =
    callee.type === 'MemberExpression' ? propertyName(callee) : callee.type === 'Identifier' && callee.name;
  return called === 'addEventListener' && textOf(source, call.arguments[0]) === 'message';
}

/** `origin`, taken out of an event or a request, or a constant that was set to one. */
function isOriginName(source: SourceCode, name: ES.Identifier): boolean {
  const definition = variableOf(source, name)?.defs[0];
  if (definition === undefined) return false;
  if (definition.type === 'Parameter')
    return /^(origin|eventOrigin|messageOrigin|requestOrigin|senderOrigin)$/i.test(name.name);
  if (definition.type !== 'Variable') return false;
  const { id, init } = definition.node;
  if (init === null || init === undefined) return false;
  if (id.type === 'ObjectPattern') return takesOriginOf(source, id, init, name.name);
  const found = resolve(source, name);
  return found !== name && found.type !== 'Identifier' && isForeignOrigin(source, found);
}

/** `const { origin } = event`, and `const { origin } = req.headers`. */
function takesOriginOf(source: SourceCode, pattern: ES.ObjectPattern, init: ES.Node, name: string): boolean {
  const isTaken = pattern.properties.some(
    (property) =>
      property.type === 'Property' &&
      propertyName(property) === 'origin' &&
      property.value.type === 'Identifier' &&
      property.value.name === name,
  );
  if (!isTaken) return false;
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

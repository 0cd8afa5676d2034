import type { Rule, SourceCode } from 'eslint';
import type * as ES from 'estree';
import { leadsOut, type Node, propertyName, resolve, startOf, textOf, walk } from '../ast.ts';
import { eventNames, isForeignOrigin } from '../origin-of.ts';

/** Forbids that the origin `null` is accepted: every sandboxed frame, every file and every data address has it. */
export const noNullOrigin: Rule.RuleModule = {
  meta: {
    type: 'problem',
    docs: { description: 'forbid accepting the origin "null"' },
    messages: {
      accepted:
        'Every sandboxed page, file and data address has the origin "null", so this accepts anybody. Pin the window, or give the page an origin.',
      listed: 'In a list of origins "null" stands for anybody: every sandboxed page has it. Take it out.',
      header:
        'Access-Control-Allow-Origin: null lets every sandboxed page read this response. Name the origin, or send no header.',
    },
    schema: [],
  },
  create(context) {
    const source = context.sourceCode;
    const report = (node: ES.Node, messageId: 'accepted' | 'listed' | 'header'): void =>
      context.report({ node, messageId });
    return {
      BinaryExpression(node: ES.BinaryExpression & Rule.NodeParentExtension) {
        if (isNullTest(source, node) && acceptsNull(source, node)) report(node, 'accepted');
      },
      SwitchCase(node) {
        const { parent } = node;
        if (parent.type !== 'SwitchStatement' || !isForeignOrigin(source, parent.discriminant)) return;
        const isRefused = node.consequent.some(({ type }) => type === 'ReturnStatement' || type === 'ThrowStatement');
        if (textOf(source, node.test) === 'null' && !isRefused) report(node, 'accepted');
      },
      CallExpression(call) {
        const { callee } = call;
        const name = callee.type === 'MemberExpression' ? propertyName(callee) : undefined;
        if (callee.type !== 'MemberExpression' || name === undefined) return;
        if (
          /^(setHeader|set|append|header|writeHeader)$/.test(name) &&
          isAllowOrigin(textOf(source, call.arguments[0]))
        ) {
          const [, value] = call.arguments;
          if (value !== undefined && textOf(source, value) === 'null') report(call, 'header');
        }
        const [first] = call.arguments;
        if (!/^(includes|indexOf|has)$/.test(name) || first === undefined || !isForeignOrigin(source, first)) return;
        for (const element of elementsOf(source, callee.object))
          if (element !== null && textOf(source, element) === 'null') report(element, 'listed');
      },
      Property(node) {
        const name = propertyName(node);
        if (isAllowOrigin(name) && textOf(source, node.value) === 'null') report(node, 'header');
        if (!/^(hosts|origins|allowedOrigins|origin)$/.test(name ?? '')) return;
        const value = resolve(source, node.value);
        if (value.type !== 'ArrayExpression') return;
        for (const element of value.elements)
          if (element !== null && textOf(source, element) === 'null') report(element, 'listed');
      },
    };
  },
};

const isAllowOrigin = (name: string | undefined): boolean => name?.toLowerCase() === 'access-control-allow-origin';

/** The elements of an array or of a Set that is written down. */
function elementsOf(source: SourceCode, given: ES.Node): readonly (ES.Node | null)[] {
  const node = resolve(source, given);
  if (node.type === 'ArrayExpression') return node.elements;
  if (node.type !== 'NewExpression' || node.callee.type !== 'Identifier' || node.callee.name !== 'Set') return [];
  const [first] = node.arguments;
  return first === undefined ? [] : elementsOf(source, first);
}

function isNullTest(source: SourceCode, { operator, left, right }: ES.BinaryExpression): boolean {
  if (!/^[!=]==?$/.test(operator) || left.type === 'PrivateIdentifier') return false;
  return (
    (isForeignOrigin(source, left) && textOf(source, right) === 'null') ||
    (isForeignOrigin(source, right) && textOf(source, left) === 'null')
  );
}

/**
 * Whether the page goes on when the origin is "null". A test that holds for null and leads out of the function refuses it, and so does
 * one that holds for all others and leads in.
 */
function acceptsNull(source: SourceCode, node: ES.BinaryExpression & Rule.NodeParentExtension): boolean {
  let holdsForNull = node.operator.startsWith('=');
  let child: Node = node;
  for (let parent: Node | null = node.parent; parent !== null; child = parent, parent = parent.parent) {
    if (parent.type === 'UnaryExpression' && parent.operator === '!') holdsForNull = !holdsForNull;
    // Of `a && null` the other part may still refuse; of `a || null` null is enough.
    else if (parent.type === 'LogicalExpression') continue;
    else if (parent.type === 'IfStatement' && parent.test === child) {
      // What is left to the others in an `else` is not null's.
      if (holdsForNull && parent.alternate) return isUsed(source, parent.consequent) || isUsedAfter(source, parent);
      const isLeft = leadsOut(parent.consequent);
      return holdsForNull ? !isLeft : isLeft;
    } else if (parent.type === 'ConditionalExpression' && parent.test === child) return holdsForNull;
    else return holdsForNull && parent.type !== 'ExpressionStatement';
  }
  return false;
}

/** Whether a part of a program takes the data of an event, or hands the event on. */
function isUsed(source: SourceCode, part: ES.Node): boolean {
  for (const node of walk(source, part)) {
    if (node.type === 'Identifier' && node.name === 'data') return true;
    if (node.type !== 'CallExpression') continue;
    if (node.arguments.some((argument) => argument.type === 'Identifier' && eventNames.test(argument.name)))
      return true;
  }
  return false;
}

/** Whether what follows a test, and is not left by then, uses the event. */
function isUsedAfter(source: SourceCode, test: ES.IfStatement & Rule.NodeParentExtension): boolean {
  const { parent } = test;
  if (parent.type !== 'BlockStatement' || leadsOut(test.consequent)) return false;
  return parent.body.some((statement) => startOf(statement) > startOf(test) && isUsed(source, statement));
}

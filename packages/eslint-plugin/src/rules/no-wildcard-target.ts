import type { Rule } from 'eslint';
import type * as ES from 'estree';
import { isFunction, methodOf, propertyName, resolve, textOf } from '../ast.ts';

/** Forbids `'*'` as the target of `postMessage`: whoever is in the window by then gets the message. */
export const noWildcardTarget: Rule.RuleModule = {
  meta: {
    type: 'problem',
    docs: { description: "forbid '*' as the target origin of postMessage" },
    messages: {
      wildcard:
        "'*' delivers the message to whatever page is in that window by then. Name the exact origin, such as 'https://app.example'.",
    },
    schema: [],
  },
  create(context) {
    const source = context.sourceCode;
    /** Whether an expression can be `'*'`: as a constant, or as one of the ways of a condition. */
    const mayBeWildcard = (given: ES.Node | null | undefined): boolean => {
      if (given === null || given === undefined) return false;
      if (textOf(source, given) === '*') return true;
      const node = resolve(source, given);
      if (node.type === 'ConditionalExpression') return mayBeWildcard(node.consequent) || mayBeWildcard(node.alternate);
      if (node.type === 'LogicalExpression') return mayBeWildcard(node.left) || mayBeWildcard(node.right);
      return node.type === 'Identifier' && mayBeWildcard(defaultOf(node, context));
    };
    const targetOf = (options: ES.Node): ES.Node | undefined => {
      const found = resolve(source, options);
      if (found.type !== 'ObjectExpression') return options;
      const row = found.properties.find(
        (property): property is ES.Property =>
          property.type === 'Property' && propertyName(property) === 'targetOrigin',
      );
      return row?.value;
    };
    return {
      CallExpression(call) {
        const name = methodOf(call)?.name ?? (call.callee.type === 'Identifier' ? call.callee.name : undefined);
        const [, target] = call.arguments;
        if (name !== 'postMessage' || target === undefined || target.type === 'SpreadElement') return;
        if (mayBeWildcard(targetOf(target))) context.report({ node: target, messageId: 'wildcard' });
      },
    };
  },
};

/** `function post(data, target = '*')`: what a parameter is when nobody gives it. */
function defaultOf(name: ES.Identifier, { sourceCode }: Rule.RuleContext): ES.Node | undefined {
  for (let scope = sourceCode.getScope(name); ; ) {
    const definition = scope.set.get(name.name)?.defs[0];
    if (definition?.type === 'Parameter' && isFunction(definition.node)) {
      const found = definition.node.params.find(
        (parameter): parameter is ES.AssignmentPattern =>
          parameter.type === 'AssignmentPattern' && parameter.left === definition.name,
      );
      return found?.right;
    }
    if (definition !== undefined || scope.upper === null) return undefined;
    scope = scope.upper;
  }
}

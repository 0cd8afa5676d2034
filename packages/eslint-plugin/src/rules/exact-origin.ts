import type { Rule, SourceCode } from 'eslint';
import type * as ES from 'estree';
import { bare, methodOf, resolve, textOf } from '../ast.ts';
import { isForeignOrigin } from '../origin-of.ts';

type Problem = 'prefix' | 'suffix' | 'substring' | 'regex' | 'dot' | 'any' | 'multiline';

const byMethod: Readonly<Record<string, Problem>> = {
  startsWith: 'prefix',
  endsWith: 'suffix',
  includes: 'substring',
  indexOf: 'substring',
  lastIndexOf: 'substring',
  search: 'substring',
};

/** Demands that a foreign origin is compared whole: no prefix, suffix, substring, and no pattern that leaves an end open. */
export const exactOrigin: Rule.RuleModule = {
  meta: {
    type: 'problem',
    docs: { description: 'demand that origins of others are compared exactly' },
    messages: {
      prefix:
        'An origin that begins like yours can be anybody\'s: "http://localhost:3000" begins "http://localhost:30001", and "https://app.example" begins "https://app.example.evil.test". Compare with ===.',
      suffix:
        'An origin that ends like yours can be anybody\'s: "evilshop.example" ends with "shop.example". Compare with ===.',
      substring:
        "An origin that contains yours can be anybody's. Compare with ===, or look it up in an array or a Set.",
      regex:
        'This pattern leaves an end of the origin open, so that more than the origin passes. Compare with ===, or anchor the pattern with ^ and $.',
      dot: 'A dot in this pattern stands for any character: "https://app-example.com" passes for "https://app.example.com". Escape it, or compare with ===.',
      any: 'A class in this pattern stands for any character, so that more than the origin passes. Name the characters that a host may have, or compare with ===.',
      multiline: 'With the flag m, ^ and $ match at line ends too. Compare with ===.',
    },
    schema: [],
  },
  create(context) {
    const source = context.sourceCode;
    const report = (node: ES.Node, messageId: Problem | undefined): void => {
      if (messageId !== undefined) context.report({ node, messageId });
    };
    return {
      CallExpression(call) {
        const method = methodOf(call);
        const [first] = call.arguments;
        if (method === undefined || first === undefined || first.type === 'SpreadElement') return;
        const { object, name } = method;
        // `origin.startsWith('file:')` asks for the kind of address, and no host is mistaken for another.
        if (/^(?!https?:)[a-z][\da-z+.-]*:(\/\/)?$/.test(textOf(source, first) ?? '')) return;
        if (isForeignOrigin(source, object)) {
          if (name === 'match' || name === 'search' || name === 'matchAll') report(call, patternFault(source, first));
          else report(call, byMethod[name]);
        } else if (isForeignOrigin(source, first)) {
          if (name === 'test' || name === 'exec') report(call, patternFault(source, object));
          // `'https://a.example,https://b.example'.includes(event.origin)`: any piece of the string passes. An array is compared whole.
          else if (byMethod[name] !== undefined && isString(source, object)) report(call, 'substring');
        }
      },
      BinaryExpression(node) {
        if (!/^[!=]==?$/.test(node.operator)) return;
        for (const [cut, other] of [
          [node.left, node.right],
          [node.right, node.left],
        ] as const)
          if (isCut(source, cut) && !isForeignOrigin(source, other)) report(node, 'prefix');
      },
    };
  },
};

/** `event.origin.slice(0, 10)`, and `event.origin.split(':')[0]`: compared is a part of it. */
function isCut(source: SourceCode, given: ES.Node): boolean {
  const node = bare(given);
  if (node.type === 'MemberExpression' && node.computed && node.object.type === 'CallExpression') {
    const method = methodOf(node.object);
    return method?.name === 'split' && isForeignOrigin(source, method.object);
  }
  if (node.type !== 'CallExpression') return false;
  const method = methodOf(node);
  return (
    method !== undefined && /^(slice|substring|substr)$/.test(method.name) && isForeignOrigin(source, method.object)
  );
}

function isString(source: SourceCode, node: ES.Node): boolean {
  const found = resolve(source, node);
  return textOf(source, found) !== undefined || found.type === 'TemplateLiteral';
}

function patternFault(source: SourceCode, given: ES.Node): Problem | undefined {
  const pattern = patternOf(source, resolve(source, given));
  if (pattern === undefined) return undefined;
  const { text, flags } = pattern;
  if (flags.includes('m')) return 'multiline';
  if (!isAnchored(text)) return 'regex';
  if (hasBareDot(text)) return 'dot';
  return hasClassOfAll(text) ? 'any' : undefined;
}

function patternOf(source: SourceCode, node: ES.Node): { text: string; flags: string } | undefined {
  if (node.type === 'Literal' && 'regex' in node) return { text: node.regex.pattern, flags: node.regex.flags };
  const isMade =
    (node.type === 'NewExpression' || node.type === 'CallExpression') &&
    node.callee.type === 'Identifier' &&
    node.callee.name === 'RegExp';
  if (!isMade) return undefined;
  const text = textOf(source, node.arguments[0]);
  return text === undefined ? undefined : { text, flags: textOf(source, node.arguments[1]) ?? '' };
}

/** Both ends, on every branch: `^a$|b` leaves the second open. Groups are looked into no further than this needs. */
function isAnchored(text: string): boolean {
  return branchesOf(text).every((branch) => branch.startsWith('^') && /(^|[^\\])(\\\\)*\$$/.test(branch));
}

function branchesOf(text: string): string[] {
  const branches = [''];
  let depth = 0;
  let isClass = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    const part = character === '\\' ? text.slice(index, ++index + 1) : character;
    if (part === '[') isClass = true;
    else if (part === ']') isClass = false;
    else if (part === '(' && !isClass) depth++;
    else if (part === ')' && !isClass) depth--;
    if (part === '|' && depth === 0 && !isClass) branches.push('');
    else branches[branches.length - 1] += part;
  }
  return branches;
}

/** A dot that is neither escaped nor in a class, between letters: where a name has one. `.*` and `.+` pass anything too. */
function hasBareDot(text: string): boolean {
  const outside = text.replace(/\\./g, '\\_').replace(/\[(?:[^\]])*\]/g, '[]');
  return outside.includes('.');
}

/** `[\s\S]` and such, and `[^]`: another way to write a dot. */
function hasClassOfAll(text: string): boolean {
  const classes = text.replace(/\\[^dDsSwW]/g, '_').match(/\[[^\]]*\]/g) ?? [];
  return classes.some(
    (one) =>
      one === '[^]' ||
      ['d', 's', 'w'].some((kind) => one.includes(`\\${kind}`) && one.includes(`\\${kind.toUpperCase()}`)),
  );
}

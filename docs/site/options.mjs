// `docs/options.md`: a table for each function that takes options, from the comments at their types.
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../scripts/run.mjs';

const probe = join(root, 'docs', 'site', 'probe.ts');

/** @param {string} text @returns {string} as one cell of a table */
const cell = (text) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();

/** @param {readonly import('typescript').SymbolDisplayPart[] | undefined} parts @returns {string} a comment, its links as code */
const textOf = (parts) =>
  (parts ?? [])
    .map(({ kind, text }) =>
      kind === 'linkText' || kind === 'linkName' ? `\`${text.trim()}\`` : /^link$/.test(kind) ? '' : text,
    )
    .join('');

/**
 * @param {import('typescript').Program} program one that has read `probe.ts`
 * @returns {string} the page
 */
export function optionsPage(program) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(probe);
  if (source === undefined) throw new Error(`the program has not read ${probe}`);
  const tables = source.statements.find(ts.isInterfaceDeclaration);
  if (tables === undefined) throw new Error(`${probe} has no interface`);
  const all = checker.getPropertiesOfType(checker.getTypeAtLocation(tables));
  const sections = all.map((table) => {
    const rows = checker
      .getPropertiesOfType(checker.getTypeOfSymbolAtLocation(table, source))
      .map((option) => rowOf(checker, option, source));
    const isWithout = rows.length === 0;
    const head = `## ${
      textOf(table.getDocumentationComment(checker))
        .replace(/:.*$|\.$/s, '')
        .split(/ of |, of| beside|, in place|, and of/)[0]
    }`;
    const about = textOf(table.getDocumentationComment(checker));
    const body = isWithout
      ? 'It has nothing more.'
      : `| option | type | what it does | default |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
    return `<a id="${table.name}"></a>\n\n${head}\n\n${about}\n\n${body}\n`;
  });
  return `# Options\n\nEvery option of every function, as the comments at its type have it. \`npm run docs:build\` writes this page, and fails in tests where it is out of date.\n\n${sections.join('\n')}`;
}

/** @param {import('typescript').TypeChecker} checker @param {import('typescript').Symbol} option @param {import('typescript').Node} place */
function rowOf(checker, option, place) {
  const isOptional = (option.flags & ts.SymbolFlags.Optional) !== 0;
  const written =
    option.declarations?.flatMap((node) =>
      (ts.isPropertySignature(node) || ts.isMethodSignature(node)) &&
      node.type !== undefined &&
      ts.isPropertySignature(node)
        ? [node.type.getText()]
        : [],
    ) ?? [];
  const computed = checker.typeToString(
    checker.getTypeOfSymbolAtLocation(option, place),
    undefined,
    ts.TypeFormatFlags.NoTruncation,
  );
  // A type parameter says nothing outside of its declaration.
  const type = written.length === 1 && !/^[A-Z]\w{0,4}$/.test(written[0] ?? '') ? (written[0] ?? computed) : computed;
  const tags = option.getJsDocTags(checker);
  const value = tags.find(({ name }) => name === 'defaultValue');
  const preset = value === undefined ? (isOptional ? 'none' : '**required**') : textOf(value.text).trim();
  const asCode =
    /^['\d`[{]|^(true|false|none|Infinity)$/.test(preset) && !preset.includes(' ')
      ? `\`${preset.replaceAll('`', '')}\``
      : preset;
  const short = type.length > 160 ? `${type.slice(0, type.indexOf('{') > 0 ? type.indexOf('{') : 120)}…` : type;
  return `| \`${option.name}\` | \`${cell(short).replaceAll('`', '')}\` | ${cell(textOf(option.getDocumentationComment(checker)))} | ${preset === 'none' ? 'none' : cell(asCode)} |`;
}

import { readFileSync } from 'node:fs';

/** Each folder or file of core's src, with what it may import besides itself: paths and packages. The others may import all. */
const coreLayers = {
  'adapter/**': ['../errors.ts', '../contract/**', '../rpc/served.ts'],
  'clone.ts': [],
  'deferred.ts': ['./errors.ts'],
  'disposal.ts': [],
  'errors.ts': [],
  'freeze.ts': [],
  'browser.ts': ['./errors.ts'],
  'hints.ts': ['./errors.ts'],
  'page-time.ts': [],
  'option-values.ts': ['./errors.ts', './hints.ts'],
  'options.ts': ['./errors.ts', './hints.ts', './option-values.ts'],
  'steps.ts': ['./errors.ts'],
  'origin.ts': ['./errors.ts'],
  'origin/**': ['../errors.ts', '../origin.ts', 'tldts'],
  'handshake/**': ['../errors.ts', '../origin.ts', '../page-time.ts', '../link/messages.ts', 'nanoid'],
  'link/**': ['../clone.ts', '../errors.ts', '../options.ts'],
  'codec/**': ['../clone.ts', '../errors.ts', '../options.ts', 'superjson'],
  'stream/**': ['../clone.ts', '../errors.ts', '../codec/**', '../link/**', 'rxjs'],
  'contract/**': [
    '../errors.ts',
    '../option-values.ts',
    '../options.ts',
    '../stream/**',
    'rxjs',
    '@standard-schema/spec',
  ],
  'fetch/**': [
    '../errors.ts',
    '../options.ts',
    '../origin.ts',
    '../contract/**',
    '../extension/**',
    '../reference/by-reference.ts',
    '../reference/mark.ts',
    'urlpattern-polyfill/**',
  ],
  'manifest/**': [
    '../errors.ts',
    '../origin.ts',
    '../contract/compare.ts',
    '../fetch/grant-rules.ts',
    '../fetch/pattern-cost.ts',
  ],
  'ping/**': ['../options.ts', '../contract/**', '../extension/**', '../rpc/**'],
  'size/**': ['../contract/**', '../extension/**'],
  'state/**': ['../contract/**', '../extension/**'],
  'focus/**': ['../contract/**', '../extension/**'],
  'comlink/**': [
    '../clone.ts',
    '../errors.ts',
    '../options.ts',
    '../link/**',
    '../reference/{detect,lanes,waiting-lanes}.ts',
    'comlink',
  ],
  'reference/**': [
    '../clone.ts',
    '../disposal.ts',
    '../errors.ts',
    '../codec/**',
    '../contract/**',
    '../link/**',
    '../stream/**',
  ],
  'reference/loaded.ts': [
    './lift.ts',
    './batch-sender.ts',
    './waiting-lanes.ts',
    '../extension/supports.ts',
    '../link/walk.ts',
    '../rpc/once.ts',
  ],
  'extension/**': ['../errors.ts', '../contract/**', '../link/**', '../reference/lazy.ts', '../rpc/**', '../stream/**'],
  'trace/**': ['../errors.ts', '../options.ts', '../extension/**', '../stream/**'],
  'rpc/**': [
    '../clone.ts',
    '../errors.ts',
    '../hints.ts',
    '../option-values.ts',
    '../options.ts',
    '../page-time.ts',
    '../contract/**',
    '../codec/**',
    '../link/**',
    '../reference/**',
    '../stream/**',
  ],
};

/** The same for host. */
const hostLayers = {
  'lifecycle.ts': ['@muntin/core', '@muntin/core/internal'],
  'framed.ts': ['./lifecycle.ts', '@muntin/core', '@muntin/core/internal'],
  'policy/**': ['@muntin/core', '@muntin/core/internal'],
  'context/**': ['@muntin/core', '@muntin/core/internal'],
  'fetch/**': ['@muntin/core', '@muntin/core/internal', '@muntin/core/fetch'],
  'manifest/**': ['../fetch/explain.ts', '@muntin/core', '@muntin/core/internal', '@muntin/core/manifest'],
  'jail/**': ['../address.ts', '../mount.ts', '../option-kinds.ts', '@muntin/core', '@muntin/core/internal'],
  'size/**': ['../{lifecycle,framed}.ts', '@muntin/core', '@muntin/core/internal', '@muntin/core/size'],
  'legacy-size/**': ['../{lifecycle,framed}.ts', '../size/**', '@muntin/core', '@muntin/core/internal'],
  'place/**': ['../framed.ts', '@muntin/core', '@muntin/core/internal'],
  'state/**': [
    '../{lifecycle,framed}.ts',
    '../place/leaving.ts',
    '@muntin/core',
    '@muntin/core/internal',
    '@muntin/core/state',
  ],
  'focus/**': ['../framed.ts', '../place/leaving.ts', '@muntin/core', '@muntin/core/internal', '@muntin/core/focus'],
  'status/**': ['../{lifecycle,framed}.ts', '@muntin/core', '@muntin/core/internal', '@muntin/core/adapter'],
  'jsonp/**': ['../address.ts', '@muntin/core', '@muntin/core/internal'],
  'container/**': ['../address.ts', '../policy/**', '@muntin/core', '@muntin/core/internal'],
};

/** @param {string} name @returns {string[]} */
function dependenciesOf(name) {
  const path = new URL(`packages/${name}/package.json`, import.meta.url);
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(path, 'utf8'));
  return Object.keys({ ...dependencies, ...peerDependencies });
}

/** @param {readonly string[]} files @param {readonly string[]} group @param {string} message */
const forbid = (files, group, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
});

/**
 * One row as a lint rule: forbidden is everything outside the folder (for a file: beside it) and every package, minus what the row
 * names. Only declared packages are in question: an undeclared one is found as such.
 * @param {string} name
 * @param {Readonly<Record<string, readonly string[]>>} layers
 */
const layersOf = (name, layers) =>
  Object.entries(layers).map(([layer, allowed]) => {
    const outside = layer.endsWith('.ts') ? ['./**', '../**'] : ['../**'];
    const packages = ['@muntin/**', ...dependenciesOf(name)].flatMap((dependency) => [dependency, `${dependency}/**`]);
    return forbid(
      [`packages/${name}/src/${layer}`],
      [...outside, ...packages, ...allowed.map((path) => `!${path}`)],
      `${layer} may import ${['itself', ...allowed].join(', ')}: see the layers in oxlint.config.mjs.`,
    );
  });

/** What must not be imported anywhere in a tree. Comes before the rows of its layers, which are narrower. */
const borders = [
  forbid(
    ['packages/host/**'],
    ['@muntin/guest', '@muntin/guest/**'],
    'host and guest know core only, never each other.',
  ),
  forbid(
    ['packages/guest/**'],
    ['@muntin/host', '@muntin/host/**'],
    'host and guest know core only, never each other.',
  ),
  // Beside that one: it has both sides.
  forbid(['packages/{react,element}/src/**'], ['@muntin/*/internal'], 'An adapter has the public entry points only.'),
  forbid(['demo/**'], ['@muntin/*/internal'], 'An application has the public entry points only.'),
];

export default {
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  env: { es2022: true },
  ignorePatterns: ['**/dist/**'],
  rules: {
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/consistent-type-imports': 'error',
    'typescript/no-deprecated': 'error',
    'typescript/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
    'import/no-cycle': 'error',
    'import/no-self-import': 'error',
    'no-console': 'error',
    'no-eval': 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    eqeqeq: 'error',

    // What it is imported for is that it defines the element.
    'import/no-unassigned-import': ['error', { allow: ['@muntin/element'] }],
    // It takes every port for a window.
    'unicorn/require-post-message-target-origin': 'off',
    // Something with a life of its own is an object, also where nobody keeps it.
    'no-new': 'off',
    // A callback that is replaced later begins as one that does nothing, beside where it is used.
    'unicorn/consistent-function-scoping': 'off',
    // A collection is copied before a loop whose body may change it.
    'unicorn/no-useless-spread': 'off',
    // `then(done, failed)` is how a handler's promise becomes an answer without a second promise.
    'promise/no-callback-in-promise': 'off',
    // `mutation<Order, void>()` says more than `mutation<Order>()`.
    'typescript/no-unnecessary-type-arguments': 'off',
    // A message port starts with `onmessage`, and one handler is what a port of ours has.
    'unicorn/prefer-add-event-listener': 'off',
    // Array#toSorted and toReversed are ES2023; a copy changed in place says the same.
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    // The compiler knows better: it sees that a switch is exhaustive and that a callback's value is not wanted.
    'consistent-return': 'off',
    'promise/always-return': 'off',
    // We have `#private`; a dangling underscore is another library's name.
    'no-underscore-dangle': 'off',
    // `as` belongs in guards, where the value has just been checked: no rule can tell those places from the others.
    'typescript/no-unsafe-type-assertion': 'off',
    // `Record<never, never>` is how "no keys" is written; it resolves to {}.
    'typescript/no-generated-empty-object-type': 'off',
  },
  overrides: [
    {
      files: ['packages/*/src/**'],
      rules: {
        'import/no-default-export': 'error',
        // What a peer sends is `unknown` until a guard has looked at it; `any`, as the DOM types it, would pass unseen.
        'typescript/no-unsafe-argument': 'error',
        'typescript/no-unsafe-call': 'error',
        'typescript/no-unsafe-member-access': 'error',
        'typescript/no-unsafe-return': 'error',
      },
    },
    {
      // What it is for; production builds have it without a body.
      files: ['packages/host/src/{console,container/isolation}.ts', 'packages/guest/src/trouble.ts'],
      rules: { 'no-console': 'off' },
    },
    {
      // How the compiler is asked whether two types are the same.
      files: ['consumers/verify.ts'],
      rules: { 'typescript/no-unnecessary-type-parameters': 'off' },
    },
    {
      // What samples of the guide use and do not make: declared for all modules of a page.
      files: ['consumers/guide/*.ts'],
      rules: {
        'typescript/consistent-type-imports': 'off',
        'unicorn/require-module-specifiers': 'off',
      },
    },
    {
      // What ESLint and oxlint load a plug-in by.
      files: ['packages/eslint-plugin/src/index.ts'],
      rules: { 'import/no-default-export': 'off' },
    },
    {
      // Written for whoever starts from them.
      files: ['packages/create/templates/**'],
      rules: { 'no-console': 'off' },
    },
    {
      // Where a trace goes.
      files: ['packages/core/src/trace/**'],
      rules: { 'no-console': 'off' },
    },
    {
      files: ['scripts/**', 'e2e/**', 'bench/**', 'demo/**', 'docs/site/**'],
      rules: { 'no-console': 'off' },
    },
    {
      // A style sheet is imported for what it does.
      files: ['docs/site/.vitepress/theme/**'],
      rules: { 'import/no-unassigned-import': 'off' },
    },
    {
      // Every peer is used as its own README says, also where its types have moved on.
      files: ['bench/systems/**', 'bench/minimal/**'],
      rules: { 'typescript/no-deprecated': 'off', 'typescript/no-misused-promises': 'off' },
    },
    {
      // Playwright reads a fixture's needs from its first parameter, which is `{}` for one that needs none.
      files: ['e2e/fixtures/**'],
      rules: { 'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }] },
    },
    ...borders,
    ...layersOf('core', coreLayers),
    ...layersOf('host', hostLayers),
  ],
};

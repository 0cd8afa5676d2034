import type { ESLint, Linter, Rule } from 'eslint';
import { checkedMessage } from './rules/checked-message.ts';
import { exactOrigin } from './rules/exact-origin.ts';
import { noNullOrigin } from './rules/no-null-origin.ts';
import { noWildcardTarget } from './rules/no-wildcard-target.ts';

type RuleName = 'checked-message' | 'exact-origin' | 'no-null-origin' | 'no-wildcard-target';

const rules: Readonly<Record<RuleName, Rule.RuleModule>> = {
  'checked-message': checkedMessage,
  'exact-origin': exactOrigin,
  'no-null-origin': noNullOrigin,
  'no-wildcard-target': noWildcardTarget,
};

/** The plug-in: its rules, and `configs.recommended`, which switches all of them on as errors. */
export interface MuntinPlugin extends ESLint.Plugin {
  readonly rules: Readonly<Record<RuleName, Rule.RuleModule>>;
  readonly configs: { readonly recommended: Linter.Config };
}

/** The plug-in: give it to `plugins`, or take `plugin.configs.recommended`. */
const plugin: MuntinPlugin = {
  meta: { name: 'eslint-plugin-muntin', version: '0.1.0', namespace: 'muntin' },
  rules,
  configs: {
    recommended: {
      name: 'muntin/recommended',
      get plugins() {
        return { muntin: plugin };
      },
      rules: {
        'muntin/checked-message': 'error',
        'muntin/exact-origin': 'error',
        'muntin/no-null-origin': 'error',
        'muntin/no-wildcard-target': 'error',
      },
    },
  },
};

/** For `eslint.config.js` of ESLint 9 and later, and for `jsPlugins` of oxlint. */
export default plugin;

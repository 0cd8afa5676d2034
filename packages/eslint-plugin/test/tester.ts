import { RuleTester } from 'eslint';
import { describe, it } from 'vitest';

RuleTester.describe = describe;
RuleTester.it = it;
RuleTester.itOnly = it.only;

/** ESLint's own tester, with browser code as it is written today. */
export const tester: RuleTester = new RuleTester({
  languageOptions: { ecmaVersion: 2024, sourceType: 'module' },
});

/** Invalid code with the one message that it gets. */
export const fails = (
  messageId: string,
  ...codes: readonly string[]
): { code: string; errors: { messageId: string }[] }[] => codes.map((code) => ({ code, errors: [{ messageId }] }));

import { defaultClientConditions, type UserConfig } from 'vite';

/** How every page of the demo is built, whoever it is from: with the packages as they stand in this repository. */
export function page({ plugins = [], input }: { plugins?: UserConfig['plugins']; input?: string[] } = {}): UserConfig {
  return {
    plugins,
    resolve: { conditions: ['@muntin/source', ...defaultClientConditions] },
    build: {
      target: 'es2022',
      // Nothing is inlined as a data: URL: the page's policy allows only files of its own origin.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      ...(input === undefined ? {} : { rolldownOptions: { input } }),
    },
  };
}

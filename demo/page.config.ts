import { basename } from 'node:path';
import { defaultClientConditions, type Plugin, type UserConfig } from 'vite';
import { fillIn, holdPulse, names, usualUrls } from './serve/places.mjs';

/** How every page of the demo is built, whoever it is from: with the packages as they stand in this repository. */
export function page({ plugins = [], input }: { plugins?: UserConfig['plugins']; input?: string[] } = {}): UserConfig {
  return {
    plugins: [plugins, developed()],
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

/** While a page is developed, its server does what `serve.mjs` does for a built one: it tells the page where the others are, and holds the pulse. */
function developed(): Plugin {
  let root = '';
  return {
    name: 'quake-desk:developed',
    apply: 'serve',
    configResolved: (config) => {
      root = config.root;
    },
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => {
        const name = names.find((one) => one === basename(root));
        return name === undefined ? html : fillIn(html, name, usualUrls);
      },
    },
    configureServer: ({ middlewares }) => {
      middlewares.use('/pulse', (_request, response) => holdPulse(response, usualUrls));
    },
  };
}

import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  resolve: { conditions: ['@muntin/source', ...defaultClientConditions] },
  // Nothing is inlined as a data: URL: the page's policy allows only files of its own origin.
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index.html', 'sender.html', 'classic.html'] },
  },
});

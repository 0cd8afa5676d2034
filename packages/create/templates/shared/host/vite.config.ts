import { muntin } from '@muntin/vite';
import { defineConfig } from 'vite';
import sites from '../sites.json' with { type: 'json' };

export default defineConfig({
  plugins: [muntin(sites)],
  build: { outDir: '../dist/host', emptyOutDir: true },
});

import { muntinGuest } from '@muntin/vite';
import { defineConfig } from 'vite';
import sites from '../sites.json' with { type: 'json' };

export default defineConfig({
  plugins: [muntinGuest('counter', sites)],
  build: { outDir: '../dist/guest', emptyOutDir: true },
});

import { muntinGuest } from '@muntin/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import sites from '../sites.json' with { type: 'json' };

export default defineConfig({
  plugins: [react(), muntinGuest('counter', sites)],
  build: { outDir: '../dist/guest', emptyOutDir: true },
});

import { type MuntinOptions, muntin } from '@muntin/vite';
import { defineConfig, type Plugin } from 'vite';
import { page } from '../page.config.ts';
import { usualUrls, widgets } from '../serve/places.mjs';
import { startDemo } from '../serve/serve.mjs';
import { attacksPlugin } from './attacks-plugin.ts';
import { recordPlugin } from './record-plugin.ts';

/**
 * Wrong on purpose, or answered under many names. What runs without an origin must be readable by everybody, and Vite's server has this whole
 * repository.
 */
const built = ['hostile', 'naive', 'across', 'energy'] as const;

const desk: MuntinOptions = {
  origin: usualUrls.shell,
  guests: {
    map: { root: '../map', origin: usualUrls.map },
    chart: { root: '../chart', origin: usualUrls.chart },
    table: { root: '../table', origin: usualUrls.table },
    strongest: { root: '../strongest', origin: usualUrls.strongest },
    depths: { root: '../depths', origin: usualUrls.depths },
    lab: { root: '../lab', origin: usualUrls.lab },
    wall: { root: '../wall', origin: usualUrls.wall, popups: true },
  },
  popups: true,
  csp: { connect: widgets.map((name) => usualUrls[name]), frame: built.map((name) => usualUrls[name]) },
};

/** What is not developed is served as it was built, for as long. */
function builtPages(): Plugin {
  let served: ReturnType<typeof startDemo> | undefined;
  return {
    name: 'quake-desk:built',
    configureServer: ({ httpServer, config }) => {
      // By now the server before has ended, if this one has been restarted.
      httpServer?.once('listening', () => {
        served = startDemo({ only: built });
        served.catch((error: unknown) => config.logger.error(String(error)));
      });
    },
    closeBundle: async () => (await served?.catch(() => undefined))?.close(),
  };
}

export default defineConfig(({ command }) =>
  page({
    plugins: [recordPlugin(), attacksPlugin(), ...(command === 'serve' ? [muntin(desk), builtPages()] : [])],
  }),
);

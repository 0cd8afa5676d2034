// Which file of the repository is which page of the site, and where it stands in the navigation.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/run.mjs';

/** Where the repository is: the root's package.json says it. @type {string} */
export const repository = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).repository.url.replace(
  /^git\+|\.git$/g,
  '',
);

/** @param {string} path @returns {string} where a file is that is no page */
export const blob = (path) => `${repository}/blob/main/${path}`;

/** @param {string} path @returns {string} where a file can be changed */
export const edit = (path) => `${repository}/edit/main/${path}`;

/** Pages that are outside of `docs`, or that have another place there. All others have the place that they have in `docs`. */
export const moved = {
  'docs/errors.md': 'errors/index.md',
  'ARCHITECTURE.md': 'project/architecture.md',
  'CHANGELOG.md': 'project/changelog.md',
  'CONTRIBUTING.md': 'project/contributing.md',
  'SECURITY.md': 'project/security.md',
  'bench/results.md': 'project/benchmark.md',
  'demo/README.md': 'project/demo.md',
  'docs/site/home.md': 'index.md',
};

/** What a link to it means on the site. */
export const standIns = {
  'README.md': 'index.md',
  'docs/decisions': 'decisions/index.md',
  'docs/api': 'api/index.md',
};

/** The order of the sidebar. A page that is not named here stands under "More", so that none is lost; one that is not there is left out. */
export const groups = [
  {
    text: 'Start',
    pages: ['guide/getting-started.md', 'guide/write-a-host.md', 'guide/write-a-guest.md', 'faq.md', 'comparison.md'],
  },
  { text: 'Concepts', pages: ['concepts/handshake.md', 'concepts/ends.md', 'concepts/backpressure.md'] },
  {
    text: 'Calls and values',
    pages: [
      'guide/declare-errors.md',
      'guide/streams.md',
      'guide/references.md',
      'guide/what-can-cross.md',
      'guide/superjson.md',
      'guide/when-a-peer-goes.md',
    ],
  },
  {
    text: 'Pages and frames',
    pages: [
      'guide/size.md',
      'guide/moving.md',
      'guide/keyboard.md',
      'guide/element.md',
      'guide/react.md',
      'guide/vue.md',
      'guide/svelte.md',
      'guide/solid.md',
      'guide/angular.md',
      'guide/server-rendering.md',
      'guide/shapes.md',
      'guide/workers.md',
      'guide/opaque-guests.md',
      'guide/extensions.md',
    ],
  },
  {
    text: 'To production',
    pages: [
      'guide/testing.md',
      'guide/deployment.md',
      'guide/security.md',
      'guide/performance.md',
      'guide/bundle-size.md',
      'guide/without-a-bundler.md',
    ],
  },
  {
    text: 'Servers and third parties',
    pages: [
      'guide/origins.md',
      'guide/opaque-guests.md',
      'guide/cors.md',
      'guide/manifests.md',
      'guide/brokered-fetch.md',
      'guide/jsonp.md',
    ],
  },
  {
    text: 'Coming from',
    pages: [
      'guide/migrate-from-postmessage.md',
      'guide/migrate-from-comlink.md',
      'guide/migrate-from-penpal.md',
      'guide/migrate-from-post-robot.md',
      'guide/migrate-from-iframe-resizer.md',
    ],
  },
  {
    text: 'Look up',
    pages: ['recipes.md', 'options.md', 'errors/index.md', 'api/index.md', 'protocol.md', 'supported-browsers.md'],
  },
  {
    text: 'How it is made',
    pages: [
      'what-a-hostile-widget-can-do.md',
      'verification.md',
      'amplification.md',
      'benchmark-method.md',
      'project/benchmark.md',
      'where-the-time-goes.md',
      'project/architecture.md',
      'decisions/index.md',
      'project/security.md',
      'project/contributing.md',
      'project/changelog.md',
      'project/demo.md',
    ],
  },
];

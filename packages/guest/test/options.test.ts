// @vitest-environment jsdom
import { contract, query } from '@muntin/core';
import { describeWrongOptions } from '../../core/test/fixtures/wrong-options.ts';
import { expose } from '../src/index.ts';
import { expose as exposePopup } from '../src/popup.ts';
import { standIn } from '../src/standalone.ts';
import { expose as exposeWorker } from '../src/worker.ts';

const c = contract({ name: 'test/options', version: '1.0.0', guest: { echo: query<void, number>() } });

const common = () => ({
  handlers: { echo: () => 1 },
  limits: {},
  codec: undefined,
  handshakeTimeoutMs: 1000,
  onHandlerError: () => undefined,
});
const hosted = () => ({ ...common(), hosts: ['https://host.example'], allowInsecure: false, standalone: undefined });

describeWrongOptions([
  { name: 'expose', options: hosted, give: (options) => expose(c, options).close() },
  { name: 'expose', options: hosted, give: (options) => exposePopup(c, options).close() },
  { name: 'expose', options: common, give: (options) => exposeWorker(c, options).close() },
  {
    name: 'standIn',
    options: () => ({ handlers: {}, context: {} }),
    free: ['context'],
    give: (options) => standIn(c, options),
  },
]);

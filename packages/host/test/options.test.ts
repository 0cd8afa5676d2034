// @vitest-environment jsdom
import { contract, query } from '@muntin/core';
import { describe, expect, it } from 'vitest';
import { describeWrongOptions } from '../../core/test/fixtures/wrong-options.ts';
import { attach, mount, mountWorker, open } from '../src/index.ts';
import { readPolicy } from '../src/policy/policy.ts';

const c = contract({ name: 'test/options', version: '1.0.0', host: { echo: query<void, number>() } });

const common = () => ({
  handlers: { echo: () => 1 },
  context: {},
  limits: {},
  codec: undefined,
  handshakeTimeoutMs: 1000,
  unresponsiveMs: 1000,
  onUnresponsive: 'fail',
  giveUpMs: 1000,
  allowInsecure: false,
  onHandlerError: () => undefined,
});
const framed = () => ({ ...common(), into: document.body, title: 'Widget', policy: {} });
const url = 'https://guest.example/';

function addFrame(): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  return frame;
}

const worker = () =>
  Object({ addEventListener: () => undefined, postMessage: () => undefined, terminate: () => undefined });

// What a context cannot hold is explained as what cannot cross.
const free = ['context'];

describeWrongOptions([
  {
    name: 'mount',
    options: () => ({ ...framed(), url, opaque: false }),
    free,
    give: (options) => mount(c, options).unmount(),
  },
  {
    name: 'mount',
    options: () => ({ ...framed(), srcdoc: '<p>guest</p>', opaque: true }),
    free,
    give: (options) => mount(c, options).unmount(),
  },
  {
    name: 'attach',
    options: () => ({ ...common(), frame: addFrame(), origin: 'https://guest.example' }),
    free,
    give: (options) => attach(c, options).unmount(),
  },
  {
    name: 'open',
    options: () => ({ ...common(), url, features: 'popup' }),
    free,
    give: (options) => open(c, options).unmount(),
  },
  {
    name: 'mountWorker',
    options: () => ({ ...common(), worker }),
    free,
    give: (options) => mountWorker(c, options).unmount(),
  },
  {
    name: 'policy',
    prefix: 'policy.',
    options: () => ({ sandbox: [], allow: [], credentialless: false }),
    give: (options) => readPolicy(options),
  },
]);

describe('a wrong word', () => {
  it.each([
    [
      { onUnresponsive: 'fial' },
      'onUnresponsive is "fial": give "wait", "fail" or { reload: 1 }; did you mean "fail"?',
    ],
    [{ onUnresponsive: 'retry' }, 'onUnresponsive is "retry": give "wait", "fail" or { reload: 1 }'],
    [{ onUnresponsive: ['fail'] }, 'onUnresponsive is object'],
    [{ onUnresponsive: { reload: 0 } }, 'onUnresponsive is object'],
    [{ onUnresponsive: {} }, 'onUnresponsive is object'],
    [{ onUnresponsive: null }, 'onUnresponsive is null'],
    [{ policy: { sandbox: ['allow-form'] } }, 'policy.sandbox has "allow-form": did you mean "allow-forms"?'],
    [{ policy: { sandbox: ['allow_popups'] } }, 'policy.sandbox has "allow_popups"'],
    [{ policy: { credentialless: 'if-suported' } }, 'policy.credentialless is "if-suported"'],
    [
      { handlers: { ehco: () => 1 } },
      'handlers.ehco serves no procedure of this side of the contract: did you mean "echo"?',
    ],
    [
      { handlers: { echo: () => 1, ecno: () => 1 } },
      'handlers.ecno serves no procedure of this side of the contract: did you mean "echo"?',
    ],
    [{ limits: { valueByte: 1 } }, 'limits has no option "limits.valueByte": did you mean "valueBytes"?'],
  ])('of %o is refused, with what was meant', (options, message) => {
    expect(() => mount(c, { ...framed(), url, ...options } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
    );
  });

  it('lets a sandbox token through that is newer than this library', () => {
    expect(readPolicy({ sandbox: ['allow-teleportation'] }).sandbox).toContain('allow-teleportation');
  });
});

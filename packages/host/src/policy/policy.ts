import { checkOptions, findNearest, inspect, invalidOption, type OptionKinds } from '@muntin/core/internal';

/** What a host allows one guest, beside talking: closed unless opened here. */
export interface Policy {
  /**
   * Sandbox tokens beside `allow-scripts` and, for a guest of another origin, `allow-same-origin`, which it needs to have its own
   * origin at all (HTML Standard, the iframe element). As in `['allow-forms', 'allow-popups']`. @defaultValue none
   */
  readonly sandbox?: readonly string[];
  /** Features for the frame's `allow` attribute, as in `['fullscreen', 'clipboard-write']`. @defaultValue none */
  readonly allow?: readonly string[];
  /**
   * Loads the guest without the cookies and the storage of its origin, and with empty ones that go with this page (`<iframe credentialless>`):
   * a host with a Cross-Origin-Embedder-Policy can then embed guests that send none. `true` is refused with `INVALID_OPTION` in
   * browsers that do not know it, so that no frame is less closed than it says; `'if-supported'` makes an ordinary frame there.
   * @defaultValue false
   */
  readonly credentialless?: boolean | 'if-supported';
}

// Each lets a guest act outside its frame or leave its sandbox; nobody needs them by accident.
const refusedTokens: readonly string[] = [
  'allow-top-navigation',
  'allow-top-navigation-by-user-activation',
  'allow-popups-to-escape-sandbox',
  'allow-top-navigation-to-custom-protocols',
];

// What stands behind "allow-" in those of the HTML Standard ("attr-iframe-sandbox") that may be given.
const known: readonly string[] = [
  'downloads',
  'forms',
  'modals',
  'orientation-lock',
  'pointer-lock',
  'popups',
  'presentation',
  'same-origin',
  'scripts',
  'storage-access-by-user-activation',
];

const kinds: OptionKinds<Policy> = { sandbox: 'array', allow: 'array', credentialless: 'any' };

const token = /^[a-z][a-z-]{0,63}$/;

/** What restricts a frame, as its attributes have it. */
interface Attributes {
  readonly sandbox: string;
  readonly allow: string;
  readonly credentialless: boolean;
}

/**
 * The attributes of a frame; an opaque guest has no origin of its own. `knows`: the browser has `<iframe credentialless>`.
 * Throws `INVALID_OPTION`.
 */
export function readPolicy(policy: Policy = {}, isOpaque = false, knows = false): Attributes {
  checkOptions('policy', policy, kinds, 'policy.');
  const { sandbox = [], allow = [], credentialless = false } = policy;
  if (credentialless === true ? !knows : credentialless !== false && credentialless !== 'if-supported')
    throw invalidOption(
      `policy.credentialless is ${inspect(credentialless)}: give "if-supported", or true where the browser has them`,
    );
  if (isOpaque && sandbox.includes('allow-same-origin'))
    throw invalidOption('policy.sandbox has "allow-same-origin", but the guest is opaque: leave one of them out');
  for (const name of sandbox) {
    if (refusedTokens.includes(name))
      throw invalidOption(`policy.sandbox has ${inspect(name)}: ${reasonOf(name)}; leave it out`);
    if (typeof name !== 'string' || !token.test(name))
      throw invalidOption(`policy.sandbox has ${inspect(name)}: give tokens such as "allow-forms"`);
    // A browser ignores a token that it does not know. One that is new is let through; one that is nearly right is a typo.
    const allowed = name.replace(/^allow-/, '');
    const near = findNearest(allowed, known);
    if (near !== undefined && near !== allowed)
      throw invalidOption(`policy.sandbox has ${inspect(name)}: did you mean "allow-${near}"?`);
  }
  for (const name of allow)
    if (typeof name !== 'string' || !token.test(name))
      throw invalidOption(`policy.allow has ${inspect(name)}: give feature names such as "fullscreen"`);
  return {
    sandbox: [...new Set(['allow-scripts', ...(isOpaque ? [] : ['allow-same-origin']), ...sandbox])].join(' '),
    allow: allow.join('; '),
    credentialless: credentialless !== false && knows,
  };
}

/** Why a token is refused; only developers read it. */
function reasonOf(name: string): string {
  if (name.includes('popups')) return 'its popups would have no sandbox';
  return name.endsWith('protocols') ? 'the guest could start other programs' : 'the guest could replace the whole page';
}

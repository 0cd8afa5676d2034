import { describe, expect, it } from 'vitest';
import { conclude } from '../../src/container/diagnosis/conclude.ts';
import type { Case, Evidence, Probe, Scene } from '../../src/container/diagnosis/evidence.ts';
import { whatForbids } from '../../src/container/diagnosis/gather.ts';

const scene: Scene = { what: 'frame', origin: 'https://guest.example', address: 'https://guest.example/', since: 0 };
const seen = { loads: 1, hellos: 0, malformed: 0, hasThrown: false };
const silent: Case = { seen, timeoutMs: 1234, wasReady: false, probes: false };
const nothing: Evidence = {
  engineHidesBlocked: true,
  timing: 'closed',
  isMixed: false,
  isOffline: false,
  isIsolated: false,
  probe: undefined,
};
const fine: Probe = { isReached: true, status: 200, timing: 'closed' };
Object.assign(globalThis, { self: { origin: 'https://host.example' } });

const unanswered: Probe = { isReached: false, timing: 'unknown' };
const withProbe = (probe: Partial<Probe>): Evidence => ({ ...nothing, probe: { ...fine, ...probe } });

describe('the conclusion from evidence', () => {
  it.each<[string, Case, Evidence, string, string]>([
    [
      'a hello without a ready',
      { ...silent, seen: { ...seen, hellos: 1 } },
      nothing,
      'PEER_UNRESPONSIVE',
      'said hello',
    ],
    ['a guest that was there', { ...silent, wasReady: true }, nothing, 'PEER_NAVIGATED', 'went to another page'],
    [
      'a script that threw',
      { ...silent, seen: { ...seen, hasThrown: true } },
      nothing,
      'GUEST_SCRIPT_FAILED',
      'console',
    ],
    ['plain http in https', silent, { ...nothing, isMixed: true }, 'GUEST_NOT_LOADED', 'over https'],
    ['no network', silent, { ...nothing, isOffline: true }, 'GUEST_UNREACHABLE', 'offline'],
    ['no answer', silent, withProbe({ isReached: false }), 'GUEST_UNREACHABLE', 'Start its server'],
    [
      'no answer to a request, and a page that may be an error page of the browser',
      silent,
      { ...nothing, probe: unanswered, engineHidesBlocked: true, timing: 'closed' },
      'GUEST_UNREACHABLE',
      'Could not tell whether its server is down or shuts this page out',
    ],
    [
      'no answer to a request, and a page that came',
      silent,
      { ...nothing, probe: unanswered, engineHidesBlocked: false, timing: 'closed' },
      'GUEST_SILENT',
      'Could not tell which: it shows an error page',
    ],
    [
      'no answer to a request, and times of a page',
      silent,
      { ...nothing, probe: unanswered, engineHidesBlocked: true, timing: 'open' },
      'GUEST_SILENT',
      'it shows an error page',
    ],
    [
      'a redirect',
      silent,
      withProbe({ redirectedTo: 'https://login.example' }),
      'GUEST_ORIGIN_MISMATCH',
      '"https://login.example"',
    ],
    ['404', silent, withProbe({ status: 404 }), 'GUEST_ERROR_STATUS', 'status 404'],
    ['503', silent, withProbe({ status: 503 }), 'GUEST_ERROR_STATUS', 'status 503'],
    [
      'a header',
      silent,
      withProbe({ forbids: 'X-Frame-Options: DENY' }),
      'GUEST_FORBIDS_FRAMING',
      'X-Frame-Options: DENY',
    ],
    ['hidden times', silent, withProbe({ timing: 'open' }), 'GUEST_FORBIDS_FRAMING', 'frame-ancestors'],
    ['a sandbox', silent, withProbe({ sandbox: 'allow-forms' }), 'GUEST_SANDBOXED', 'allow-scripts'],
    ['silence', silent, nothing, 'GUEST_SILENT', 'Could not tell which'],
    ['no load', { ...silent, seen: { ...seen, loads: 0 } }, nothing, 'GUEST_NOT_LOADED', 'Could not tell which'],
    [
      'a page that is shown',
      silent,
      { ...withProbe({ timing: 'open' }), timing: 'open' },
      'GUEST_SILENT',
      'So its page does not call expose()',
    ],
    ['malformed hellos', { ...silent, seen: { ...seen, malformed: 3 } }, nothing, 'GUEST_SILENT', '3 malformed hellos'],
  ])('of %s', (_, facts, evidence, code, text) => {
    const found = conclude(scene, facts, evidence);
    expect(found.code).toBe(code);
    expect(found.text).toContain(text);
  });

  it.each([401, 403, 407, 429])('is not the status %i: it depends on who asks', (status) => {
    expect(conclude(scene, silent, withProbe({ status })).code).toBe('GUEST_SILENT');
  });

  // Everything that the parts of the evidence can be, against what may be said of it.
  const timings = ['none', 'closed', 'open', 'unknown'] as const;
  const probes: (Probe | undefined)[] = [undefined];
  for (const isReached of [undefined, true, false])
    for (const timing of timings)
      for (const more of [{}, { status: 200 }, { status: 403 }, { status: 500 }])
        if (isReached === true || !('status' in more)) probes.push({ isReached, timing, ...more });
  const all = probes.flatMap((probe) =>
    timings.flatMap((timing) =>
      [true, false].flatMap((engineHidesBlocked) =>
        [0, 1].map((loads) => ({ loads, evidence: { ...nothing, probe, timing, engineHidesBlocked } })),
      ),
    ),
  );

  /** What a conclusion says that its evidence does not hold, and what it leaves out. */
  function offencesOf(loads: number, evidence: Evidence, code: string, text: string): string[] {
    const { probe, timing, engineHidesBlocked } = evidence;
    const isShown = timing === 'open' && engineHidesBlocked && loads === 1;
    const isHidden = (timing === 'closed' || timing === 'none') && engineHidesBlocked && loads === 1;
    const [said = '', out = ''] = text.split('Ruled out: ');
    const isVague = code === 'GUEST_SILENT' || code === 'GUEST_NOT_LOADED';
    const holds: Readonly<Record<string, boolean>> = {
      unreachable:
        code !== 'GUEST_UNREACHABLE' ||
        (probe?.isReached === false && timing !== 'open' && (loads === 0 || engineHidesBlocked)),
      'a doubt is said': code !== 'GUEST_UNREACHABLE' || loads === 0 || text.includes('Could not tell'),
      status: code !== 'GUEST_ERROR_STATUS' || probe?.status === 500,
      framing: code !== 'GUEST_FORBIDS_FRAMING' || (probe?.status === 200 && probe.timing === 'open' && isHidden),
      'what is ruled out is listed': !isVague || out !== '',
      'the server is up': !out.includes('a server that is down') || probe?.isReached === true,
      'no error status': !out.includes('an error status') || probe?.status === 200,
      'framing is allowed': !out.includes('headers that forbid') || isShown,
      'an error page may be': !isVague || out.includes('an error status') || said.includes('it shows an error page'),
      'framing may be forbidden': !isVague || out.includes('headers that forbid') || said.includes('X-Frame-Options'),
    };
    return Object.keys(holds).filter((name) => holds[name] === false);
  }

  it(`never says more than it knows, in ${all.length} cases`, () => {
    const offences = all.flatMap(({ loads, evidence }) => {
      const { code, text } = conclude(scene, { ...silent, probes: true, seen: { ...seen, loads } }, evidence);
      const found = offencesOf(loads, evidence, code, text);
      return found.length === 0 ? [] : [{ loads, evidence, code, text, found }];
    });
    expect(offences).toEqual([]);
  });
});

describe('what forbids framing', () => {
  const host = 'https://host.example';
  const guest = 'https://guest.example';
  it.each<[string, string | null, string | undefined]>([
    ['', null, undefined],
    ['', 'deny', 'X-Frame-Options: DENY'],
    ['', 'SAMEORIGIN', 'X-Frame-Options: SAMEORIGIN'],
    ['', 'ALLOWALL', undefined],
    ["default-src 'none'", 'DENY', 'X-Frame-Options: DENY'],
    ["frame-ancestors 'none'", null, "Content-Security-Policy: frame-ancestors 'none'"],
    ["frame-ancestors 'self'", null, "Content-Security-Policy: frame-ancestors 'self'"],
    ['frame-ancestors https://host.example', 'DENY', undefined],
    ['frame-ancestors *', 'DENY', undefined],
    ['frame-ancestors https:', null, undefined],
    ['frame-ancestors *.example', null, undefined],
    ['frame-ancestors host.example:*', null, undefined],
    [
      'frame-ancestors https://other.example https://more.example',
      null,
      'Content-Security-Policy: frame-ancestors https://other.example https://more.example',
    ],
  ])('of the policy %j and the header %j', (csp, frameOptions, expected) => {
    expect(whatForbids(csp, frameOptions, guest, host)).toBe(expected);
  });
});

import { CspEvaluator } from 'csp_evaluator';
import { Severity } from 'csp_evaluator/dist/finding.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import { describe, expect, it } from 'vitest';
import { type GuestPage, type HostPage, headers } from '../src/index.ts';

const host = 'https://shell.example';
const guest = 'https://widgets.acme.example';

/** What Google's evaluator says, beyond "maybe" and "for your information". */
function faults(page: HostPage | GuestPage): readonly string[] {
  const policy = headers(page)['Content-Security-Policy'] ?? '';
  return new CspEvaluator(new CspParser(policy).csp)
    .evaluate()
    .filter(({ severity }) => severity < Severity.STRICT_CSP)
    .map(({ directive, description }) => `${directive}: ${description}`);
}

const pages: Readonly<Record<string, HostPage | GuestPage>> = {
  'a guest': { hosts: [host] },
  'a guest of several hosts': { role: 'guest', hosts: [host, 'https://other.example'] },
  'a guest that loads much': {
    hosts: [host],
    csp: {
      connect: ['https://api.example', 'wss://live.example'],
      img: ['data:', 'https://img.example'],
      worker: ['blob:'],
      media: ['blob:'],
      font: ['data:'],
      style: ['https://style.example'],
    },
  },
  'a guest without trusted types': { hosts: [host], trustedTypes: false },
  'an isolated guest': { hosts: [host], isolated: true },
  'a guest in a window': { hosts: [host], popups: true },
  'a host': { role: 'host', guests: [guest] },
  'a host in another host': { role: 'host', guests: [guest], hosts: [host] },
  'an isolated host': { role: 'host', guests: [guest], isolated: true },
  'a host with a camera for its guest': {
    role: 'host',
    guests: [guest],
    permissions: [{ name: 'camera', for: [guest] }],
  },
};

describe('headers', () => {
  it.each(Object.entries(pages))('%s has a policy without a fault that csp_evaluator knows', (_title, page) => {
    expect(faults(page)).toEqual([]);
  });

  it('is judged by an evaluator that finds faults', () => {
    const loose = new CspEvaluator(new CspParser("script-src 'unsafe-inline' https:").csp).evaluate();
    expect(loose.some(({ severity }) => severity === Severity.HIGH)).toBe(true);
  });

  it('lets a guest be framed by its hosts alone, and frame nobody', () => {
    const policy = headers({ hosts: [host] })['Content-Security-Policy'];
    expect(policy).toContain(`frame-ancestors ${host};`);
    expect(policy).toContain("frame-src 'none';");
    expect(policy).toMatch(/^default-src 'none';/);
  });

  it('lets a host frame its guests alone, and be framed by nobody', () => {
    const policy = headers({ role: 'host', guests: [guest] })['Content-Security-Policy'];
    expect(policy).toContain(`frame-src ${guest};`);
    expect(policy).toContain("frame-ancestors 'none';");
  });

  it('closes what a page does not name, and delegates what a host gives', () => {
    const { 'Permissions-Policy': policy } = headers({
      role: 'host',
      guests: [guest],
      permissions: [{ name: 'camera', for: [guest] }, { name: 'fullscreen' }],
    });
    expect(policy).toContain(`camera=(self "${guest}")`);
    expect(policy).toContain('microphone=()');
    expect(policy).toContain('fullscreen=(self)');
  });

  it('names the policies of trusted types that a page makes', () => {
    const policy = (trustedTypes: boolean | readonly string[]): string =>
      headers({ hosts: [host], trustedTypes })['Content-Security-Policy'] ?? '';
    expect(policy(['dompurify', 'acme#html'])).toMatch(
      /require-trusted-types-for 'script'; trusted-types dompurify acme#html$/,
    );
    expect(policy([])).toContain("trusted-types 'none'");
    expect(policy(false)).not.toContain('trusted-types');
  });

  it('takes a manifest with members of a later version', () => {
    const manifest = { name: 'Acme', contract: { name: 'a/b', version: '1.0.0' }, start_url: '/', hosts: [host] };
    expect(headers({ ...manifest, $schema: 'x', rating: 5 } as GuestPage)).toEqual(headers({ hosts: [host] }));
  });

  it('isolates, and lets an isolated host embed an isolated guest', () => {
    expect(headers({ role: 'host', guests: [guest], isolated: true })).toMatchObject({
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    expect(headers({ hosts: [host], isolated: true })).toMatchObject({
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
  });

  it('keeps the opener of a window that is a guest', () => {
    expect(headers({ role: 'host', guests: [guest], popups: true })['Cross-Origin-Opener-Policy']).toBe(
      'same-origin-allow-popups',
    );
    expect(headers({ hosts: [host], popups: true })['Cross-Origin-Opener-Policy']).toBe('unsafe-none');
  });

  it.each([
    [{ hosts: [] }, 'hosts'],
    [{ hosts: ['*'] }, 'wildcard'],
    [{ hosts: ['https://*.example'] }, 'wildcard'],
    [{ hosts: ["https://shell.example; script-src 'unsafe-inline'"] }, 'not an origin'],
    [{ role: 'host', guests: [] }, 'guests'],
    [{ hosts: [host], csp: { script: ["'unsafe-inline'"] } }, 'not an origin'],
    [{ hosts: [host], csp: { script: ['data:'] } }, 'not an origin'],
    [{ hosts: [host], csp: { img: ['https://img.example/path'] } }, 'a path'],
    [{ hosts: [host], csp: { connect: ['wss://live.example/; script-src *'] } }, 'not an origin'],
    [{ hosts: [host], csp: { connect: ['wss:'] } }, 'not an origin'],
    [{ hosts: [host], csp: { scripts: [host] } }, 'scripts'],
    [{ hosts: ['http://[::1]:3000'] }, 'a name in place of the IPv6 address'],
    [{ role: 'host', guests: ['https://[2001:db8::1]'] }, 'a name in place of the IPv6 address'],
    [{ hosts: [host], csp: { connect: ['ws://[::1]:3000'] } }, 'csp.connect is or has "http://[::1]:3000"'],
    [{ hosts: [host], permissions: [{ name: 'camera', for: ['https://[::1]'] }] }, 'a name in place of the IPv6'],
    [{ hosts: [host], permissions: [{ name: 'camera' }, { name: 'camera', for: [guest] }] }, 'give it once'],
    [{ hosts: [host], guests: [guest] }, 'guests is or has ["https://widgets.acme.example"]: give role: "host"'],
    [{ hosts: [host], contract: {}, isolate: true }, 'did you mean "isolated"?'],
    [{ hosts: [host], contract: {}, isolated: 'yes' }, 'isolated is "yes"'],
    [{ hosts: [host], trustedTypes: ["'allow-duplicates'"] }, 'trustedTypes'],
    [{ hosts: [host], trustedTypes: 'dompurify' }, 'trustedTypes'],
    [{ hosts: [host], permissions: [{ name: 'camera=*' }] }, 'permissions'],
    [{ hosts: [host], permissions: [{ name: 'camera', for: ['*'] }] }, 'wildcard'],
  ])('refuses %j', (page, named) => {
    expect(() => headers(page as GuestPage)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(named) as unknown }),
    );
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { unwatchIsolation, watchIsolation } from '../../src/container/isolation.ts';

const host = 'https://host.example';

/** A frame with a document that can be read, or with none. */
class Frame extends EventTarget {
  contentDocument: object | null = null;
  sandbox: string | undefined = 'allow-scripts allow-same-origin';

  hasAttribute(): boolean {
    return this.sandbox !== undefined;
  }

  shows(origin: string, URL = `${origin}/page?token=secret`): void {
    this.contentDocument = { URL, defaultView: { origin } };
    this.dispatchEvent(new Event('load'));
  }
}

/** Watches such a frame; what the console has been told. */
function watch(): { readonly frame: Frame; readonly owner: object; readonly lines: () => string[] } {
  const page = {
    origin: host,
    location: { origin: host, href: `${host}/shell` },
    document: { URL: `${host}/shell?q` },
  };
  vi.stubGlobal('self', page);
  vi.stubGlobal('location', page.location);
  const line = vi.spyOn(console, 'error').mockReturnValue();
  const [frame, owner] = [new Frame(), {}];
  // A frame of the DOM, as far as it is looked at.
  watchIsolation(owner, frame as unknown as HTMLIFrameElement, 'https://guest.example');
  return { frame, owner, lines: () => line.mock.calls.map(([text]) => String(text)) };
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('isolation, proved while one develops', () => {
  it('says nothing of a document that cannot be read, nor of the blank page in its place', () => {
    const { frame, lines } = watch();
    frame.dispatchEvent(new Event('load'));
    Object.defineProperty(frame, 'contentDocument', {
      configurable: true,
      get: () => {
        throw new Error('denied');
      },
    });
    frame.dispatchEvent(new Event('load'));
    Object.defineProperty(frame, 'contentDocument', { value: null, writable: true });
    frame.shows(host, 'about:blank');
    expect(lines()).toEqual([]);
  });

  it("names the token by which a document has this page's own origin, once for each document", () => {
    const { frame, lines } = watch();
    frame.shows(host);
    frame.dispatchEvent(new Event('load'));
    expect(lines()).toEqual([
      'Muntin: the guest of "https://guest.example" is not isolated: this page can read its document, which is at "https://host.example/page". The sandbox has the token "allow-same-origin", and what the frame shows has this page\'s own origin: serve the guest from another origin, let nothing of it be redirected here, or mount it with opaque: true. See docs/guide/origins.md#isolation-is-proved-while-you-develop',
    ]);
    frame.shows(host);
    expect(lines()).toHaveLength(2);
  });

  it('says that there is no sandbox, or that it is no token', () => {
    const { frame, lines } = watch();
    frame.sandbox = undefined;
    frame.shows(host);
    frame.shows('https://guest.example');
    expect(lines()[0]).toContain('The frame has no sandbox');
    expect(lines()[1]).toContain('"document.domain"');
  });

  it('hears of a guest that has read this page, until the mount is over', () => {
    const { frame, owner, lines } = watch();
    frame.contentDocument = { URL: `${host}/page`, defaultView: { origin: host } };
    frame.dispatchEvent(new Event('muntin-not-isolated'));
    expect(lines()[0]).toContain(
      'the guest can read the document of this page, which is at "https://host.example/shell"',
    );
    unwatchIsolation(owner);
    frame.shows(host);
    expect(lines()).toHaveLength(1);
  });
});

import { MuntinError } from '@muntin/core';
import type { GuestEndpoint, HostEndpoint } from '@muntin/core/internal';
import type { Container, ContainerEvents } from '@muntin/host/internal';
import { Network } from './network.ts';
import { messageEvent, Page } from './page.ts';

/** Where the pages of tests are. */
export const origins = { host: 'https://host.test', guest: 'https://guest.test' } as const;

/** Runs the script of the guest in a new document; answers with how to end what it has made. */
export type RunGuest = (document: TestDocument) => () => void;

/** One document in the frame of a test. */
export class TestDocument {
  readonly page: Page = new Page();
  readonly embedder: HostEndpoint;
  readonly #listeners = new Set<(event: MessageEvent) => void>();
  /** How the script's doings are ended. */
  end: () => void = () => undefined;
  isGone = false;

  constructor(post: (document: TestDocument, data: unknown, ports: readonly MessagePort[]) => void) {
    this.embedder = {
      hosts: [origins.host],
      listen: (receive) => {
        this.#listeners.add(receive);
        return () => void this.#listeners.delete(receive);
      },
      hostOf: () => origins.host,
      post: (message, _, transfer) => {
        const ports = transfer.filter((one): one is MessagePort => one instanceof MessagePort);
        post(this, message, ports);
      },
    };
  }

  get listeners(): number {
    return this.#listeners.size + this.page.listeners;
  }

  receive(event: MessageEvent): void {
    for (const receive of [...this.#listeners]) receive(event);
  }
}

/** A frame without a browser: loads documents, carries messages, and does what tests want to go wrong. */
export class Frame implements Container {
  readonly endpoint: GuestEndpoint;
  readonly isWatched = false;
  readonly page: Page = new Page();
  readonly network: Network = new Network();
  readonly #events: ContainerEvents;
  readonly #run: RunGuest;
  #receive: ((event: MessageEvent) => void) | undefined;
  #document: TestDocument | undefined;
  // Those that were there before: what they have left behind is still there.
  readonly #gone = new Set<TestDocument>();
  #isRemoved = false;

  constructor(run: RunGuest, events: ContainerEvents) {
    this.#run = run;
    this.#events = events;
    this.endpoint = {
      origin: origins.guest,
      canNavigate: true,
      listen: (receive) => {
        this.#receive = receive;
        return () => {
          this.#receive = undefined;
        };
      },
      recognise: () => 'guest',
      post: (signal) => {
        const document = this.#document;
        const event = messageEvent(signal, origins.host);
        this.network.send('toGuest', () => {
          if (document !== undefined && document === this.#document) document.receive(event);
        });
      },
    };
  }

  /** Listeners that nobody has taken away. */
  get listeners(): number {
    let listeners = this.page.listeners + (this.#document?.listeners ?? 0) + (this.#receive === undefined ? 0 : 1);
    for (const document of this.#gone) listeners += document.listeners;
    return listeners;
  }

  load(): void {
    this.leave();
    this.#isRemoved = false;
    const document = new TestDocument((from, data, ports) => this.#fromGuest(from, data, ports));
    this.#document = document;
    // A page loads later than it is asked for.
    this.network.moved++;
    queueMicrotask(() => {
      this.network.moved++;
      if (document.isGone) return;
      const end = this.#run(document);
      // Its own script may have left it.
      if (document.isGone) return end();
      document.end = end;
      this.network.send('toHost', () => this.#events.loaded());
    });
  }

  /** The document goes, as when its page is left: it can still say goodbye. */
  leave(): void {
    const document = this.#document;
    if (document === undefined) return;
    this.#document = undefined;
    this.#gone.add(document);
    document.page.hide();
    document.isGone = true;
    document.end();
  }

  /** Goes to a page that is no guest. */
  navigate(): void {
    this.leave();
    this.network.send('toHost', () => this.#events.loaded());
  }

  /** Somebody takes the frame out of the page. */
  takeAway(): void {
    this.#isRemoved = true;
    this.leave();
    this.network.send('toHost', () => this.#events.checkPlace());
  }

  remove(): void {
    this.leave();
  }

  diagnose({ timeoutMs, wasReady }: { readonly timeoutMs: number; readonly wasReady: boolean }): MuntinError {
    const within = `within ${timeoutMs} ms`;
    return wasReady
      ? new MuntinError('PEER_NAVIGATED', `The guest of the test left, and has not said hello again ${within}`)
      : new MuntinError('GUEST_SILENT', `The guest of the test has not called expose() ${within}`);
  }

  missing(): MuntinError | undefined {
    return this.#isRemoved
      ? new MuntinError('FRAME_REMOVED', 'The frame is no longer in the page: the test has called close()')
      : undefined;
  }

  isDormant(): boolean {
    return false;
  }

  opened(): void {}

  left(): boolean {
    return false;
  }

  #fromGuest(document: TestDocument, data: unknown, ports: readonly MessagePort[]): void {
    if (document.isGone) return;
    const event = messageEvent(
      data,
      origins.guest,
      ports.map((port) => this.network.splice(port)),
    );
    this.network.send('toHost', () => {
      if (document === this.#document) this.#receive?.(event);
      else for (const port of event.ports) port.close();
    });
  }
}

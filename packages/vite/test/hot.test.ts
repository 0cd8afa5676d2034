import { contract, mutation, observable, query, type } from '@muntin/core';
import type { ExposeOptions, Shell } from '@muntin/guest';
import { fakeHost, testMount } from '@muntin/testing';
import { Subject } from 'rxjs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { follow, type Version } from '../src/hot.ts';

const ticker = contract({
  name: 'acme/ticker',
  version: '1.0.0',
  guest: { quote: query<void, string>(), deep: { prices: observable<void, number>() } },
  host: { open: mutation<void, string>(), news: observable<void, string>() },
  context: type<{ theme: string }>(),
});

type Options = Omit<ExposeOptions<typeof ticker>, 'hosts'>;
type Expose = (of: typeof ticker, options: Options) => Shell<typeof ticker>;
type Followed = Parameters<Version['follow']>[0];

/** A module of the guest, over its versions, beside a host. */
async function openModule() {
  // As in a page: outside of one, there is no `self`.
  vi.stubGlobal('self', { parent: undefined });
  onTestFinished(() => void vi.unstubAllGlobals());
  const news$ = new Subject<string>();
  const hot = { data: {} };
  let version: Version | undefined;
  let given: Expose | undefined;
  let opened = 0;
  const run = (body: (expose: Expose) => void): void => {
    const last = version;
    version = follow(hot);
    // What is followed is typed by what of it is used; a module has its own types.
    body(version.follow(given as unknown as Followed) as unknown as Expose);
    version.evaluated();
    last?.replaced({});
  };
  const host = fakeHost(ticker, { handlers: { open: () => 'opened', news: () => news$ }, context: { theme: 'light' } });
  const mounted = testMount(ticker, {
    guest: (expose) => {
      given = (_, options) => {
        opened++;
        return expose(options);
      };
      run((kept) => kept(ticker, served('first')));
    },
    host,
  });
  await mounted.widget.ready;
  return { run, news$, mounted, opens: () => opened };
}

const prices$ = new Subject<number>();
const served = (name: string): Options => ({
  handlers: { quote: () => name, deep: { prices: () => prices$ } },
});

it('a session goes on with the handlers of the new version, and its streams run on', async () => {
  const { run, mounted, opens } = await openModule();
  const { widget } = mounted;
  const states: string[] = [];
  widget.state$.subscribe(({ name }) => states.push(name));
  const got: number[] = [];
  const subscription = widget.guest.deep.prices().subscribe((value) => got.push(value));
  expect(await widget.guest.quote()).toBe('first');
  prices$.next(1);
  run((expose) => expose(ticker, served('second')));
  expect(await widget.guest.quote()).toBe('second');
  prices$.next(2);
  await vi.waitFor(() => expect(got).toEqual([1, 2]));
  expect(states).toEqual(['ready']);
  expect(opens()).toBe(1);
  subscription.unsubscribe();
  await mounted.expectNoLeaks();
});

it('what a version has subscribed to by way of the shell ends with it', async () => {
  const { run, news$, mounted } = await openModule();
  const heard: string[] = [];
  const shells: Shell<typeof ticker>[] = [];
  const listen = (name: string) =>
    run((expose) => {
      const shell = expose(ticker, served(name));
      shells.push(shell);
      shell.context$.subscribe(({ theme }) => heard.push(`${name} ${theme}`));
      shell.host.news().subscribe((news) => heard.push(`${name} ${news}`));
    });
  listen('second');
  // A module that imports the shell is not replaced with the one that has made it.
  const importer = shells.at(-1)?.context$.subscribe(({ theme }) => heard.push(`importer ${theme}`));
  await vi.waitFor(() => expect(news$.observed).toBe(true));
  listen('third');
  await mounted.flush();
  mounted.widget.setContext({ theme: 'dark' });
  news$.next('quake');
  await vi.waitFor(() => expect(heard).toContain('third quake'));
  expect(heard.filter((line) => line.startsWith('second'))).toEqual(['second light']);
  expect(heard).toContain('third dark');
  expect(heard).toContain('importer dark');
  importer?.unsubscribe();
  // One that makes nothing lets go of all that was there.
  run(() => undefined);
  await mounted.expectNoLeaks();
});

it('begins a new session where more than the handlers has changed, or one is missing', async () => {
  const { run, mounted, opens } = await openModule();
  run((expose) => expose(ticker, { ...served('second'), handshakeTimeoutMs: 5_000 }));
  expect(opens()).toBe(2);
  expect(await mounted.widget.guest.quote()).toBe('second');
  expect(() => run((expose) => expose(ticker, { handlers: {} as Options['handlers'] }))).toThrow(
    'handlers.quote is missing',
  );
});

it('closes what the new version no longer makes', async () => {
  const { run, mounted } = await openModule();
  run(() => undefined);
  await vi.waitFor(() => expect(mounted.widget.state.cause?.code).toBe('PEER_CLOSED'));
});

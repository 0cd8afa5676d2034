import { around, contract, observable, query, type } from '@muntin/core';
import { contextPath, NOTE } from '@muntin/core/internal';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { CALL, GOODBYE, REFUSE, RESULT } from '../../core/src/link/messages.ts';
import { loadLazyPart } from '../../core/src/reference/lazy.ts';
import { settle, until } from '../../core/test/fixtures/fake-page.ts';
import { expose } from '../src/index.ts';
import { expose as exposePopup } from '../src/popup.ts';
import { standIn } from '../src/standalone.ts';
import { expose as exposeWorker } from '../src/worker.ts';
import { hostOrigin, type InFrame, Outside, openFrame, READY, welcomeOn } from './fixtures/in-frame.ts';

// The guest's side, in a window that is made up, with a host that is played by hand over real ports.

const board = contract({
  name: 'acme/board',
  version: '1.0.0',
  guest: { echo: query<unknown, unknown>(), ticks: observable<void, number>() },
  host: { ask: query<number, number>() },
  context: type<{ theme: string }>(),
});
const handlers = { echo: (value: unknown) => value, ticks: () => [1, 2, 3] };
const options = { hosts: [hostOrigin], handlers };

let errors: MockInstance<typeof console.error>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
  errors = vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a guest in a frame', () => {
  it('says hello to exactly its host, is welcomed, calls and is called, and says goodbye when it is closed', async () => {
    const { parent, window } = openFrame({ ancestorOrigins: [hostOrigin] });
    const shell = expose(board, options);
    const states: string[] = [];
    shell.state$.subscribe(({ name }) => states.push(name));
    const early = shell.host.ask(20);
    expect(shell.context).toBeUndefined();
    const { port, batches } = await welcomeOn(parent, { rest: [[CALL, 1, 1, 'in the same batch', 0]] });
    expect(parent.hellos.map(({ to, data }) => [to, data])).toEqual([
      [
        hostOrigin,
        expect.objectContaining({ versions: [1], serves: ['+muntin/ping', 'echo', 'ticks', '+muntin/context'] }),
      ],
    ]);
    await shell.ready;
    expect([shell.context, shell.state.name]).toEqual([{ theme: 'dark' }, 'ready']);
    await until(() => batches.length >= 3);
    expect(batches[0]).toEqual([READY, { session: 'session', heard: [1] }]);
    expect(batches).toContainEqual([RESULT, 1, 'in the same batch']);
    const [, id] = batches.find(([kind]) => kind === CALL) ?? [];
    port.postMessage([[RESULT, id, 21]]);
    await expect(early).resolves.toBe(21);
    const ping = shell.ping();
    await settle();
    expect(batches.length).toBeGreaterThan(3);

    shell.close();
    shell.close();
    await expect(ping).rejects.toMatchObject({ code: 'LINK_CLOSED', cause: { code: 'PEER_CLOSED' } });
    await until(() => batches.some(([kind]) => kind === GOODBYE));
    expect(states).toEqual(['handshaking', 'ready', 'closed']);
    expect(window.listeners).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells its host that it is the document of the session, and nobody else', async () => {
    const { parent, hear } = openFrame({ ancestorOrigins: [hostOrigin] });
    const shell = expose(board, options);
    await welcomeOn(parent);
    await shell.ready;
    await hear({ muntin: 'check', nonce: 'n' }, { origin: 'https://evil.example' });
    await hear({ muntin: 'check', nonce: 'n' }, { source: {} });
    await hear({ muntin: 'check', nonce: 'n' }, { isTrusted: false });
    await hear({ muntin: 'else', nonce: 'n' });
    expect(parent.said).toHaveLength(1);
    await hear({ muntin: 'check', nonce: 'n' });
    expect(parent.said[1]).toMatchObject({ data: { muntin: 'here', nonce: 'n', session: 'session' }, to: hostOrigin });
    shell.close();
  });

  it('says hello again until it is heard, and keeps the ports of earlier hellos, the newest 32', async () => {
    const { parent, hear } = openFrame();
    const shell = expose(board, { ...options, handshakeTimeoutMs: Infinity });
    await hear({ muntin: 'knock' });
    expect(parent.hellos).toHaveLength(1); // a knock so soon asks for nothing new
    for (let pause = 0; pause < 40; pause++) vi.advanceTimersByTime(2000);
    await hear({ muntin: 'knock' });
    expect(parent.hellos.length).toBeGreaterThan(33);
    const first = await parent.takePort(0);
    await until(() => first.batches.length > 0);
    expect(first.batches).toEqual([[GOODBYE, 'later']]);
    const before = parent.hellos.length - 20;
    await welcomeOn(parent, { at: before });
    await shell.ready;
    vi.advanceTimersByTime(10_000);
    expect(parent.hellos).toHaveLength(before + 20);
    shell.close();
  });

  it('gives up in time, says so to every call, and begins again when a host knocks', async () => {
    const { parent, hear } = openFrame();
    const shell = expose(board, { ...options, handshakeTimeoutMs: 1000 });
    const { ready } = shell;
    const call = shell.host.ask(1);
    vi.advanceTimersByTime(1500);
    await expect(ready).rejects.toMatchObject({
      code: 'HANDSHAKE_TIMED_OUT',
      message: expect.stringContaining(hostOrigin),
    });
    await expect(call).rejects.toMatchObject({ code: 'LINK_CLOSED', cause: { code: 'HANDSHAKE_TIMED_OUT' } });
    const hellos = parent.hellos.length;
    await hear({ muntin: 'knock' });
    expect([shell.state.name, parent.hellos.length]).toEqual(['handshaking', hellos + 1]);
    expect(shell.ready).not.toBe(ready);
    await welcomeOn(parent, { at: hellos });
    await shell.ready;
    expect(shell.state.name).toBe('ready');
    shell.close();
  });

  it.each(['context$', 'state$'] as const)('is closed by a listener of %s in the turn of the welcome', async (what) => {
    const { parent, window } = openFrame({ ancestorOrigins: [hostOrigin] });
    const shell = expose(board, options);
    const states: string[] = [];
    shell.state$.subscribe(({ name }) => {
      states.push(name);
      if (what === 'state$' && name === 'ready') shell.close();
    });
    if (what === 'context$') shell.context$.subscribe(() => shell.close());
    const { ready } = shell;
    const { batches } = await welcomeOn(parent, { rest: [[CALL, 1, 1, 'in the same batch', 0]] });
    await until(() => batches.some(([kind]) => kind === GOODBYE));
    const outcome = await ready.then(
      () => 'fulfilled',
      () => 'rejected',
    );
    expect([states.at(-1), shell.state.name, outcome]).toEqual([
      'closed',
      'closed',
      what === 'state$' ? 'fulfilled' : 'rejected',
    ]);
    await expect(shell.host.ask(1)).rejects.toMatchObject({ code: 'LINK_CLOSED', cause: { code: 'PEER_CLOSED' } });
    expect([window.listeners, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('works behind a Proxy', async () => {
    const { parent } = openFrame({ ancestorOrigins: [hostOrigin] });
    const shell = new Proxy(expose(board, options), {});
    await welcomeOn(parent);
    await shell.ready;
    expect([shell.context, shell.state.name, shell.state$.value.name]).toEqual([{ theme: 'dark' }, 'ready', 'ready']);
    shell.close();
    expect(shell.state.name).toBe('closed');
  });

  it('takes no for an answer, until the host knocks', async () => {
    const { parent, hear } = openFrame();
    const shell = expose(board, options);
    const { port } = await parent.takePort();
    port.postMessage([[REFUSE, { code: 'CONTRACT_MISMATCH', message: 'too old' }]]);
    await expect(shell.ready).rejects.toMatchObject({
      code: 'CONTRACT_MISMATCH',
      message: 'The host refuses this guest: too old',
    });
    await hear({ muntin: 'knock' });
    expect(shell.state.name).toBe('handshaking');
    shell.close();
  });

  it.each<[string, (port: MessagePort) => void]>([
    ['versions that it has not said', (port) => port.postMessage([[0, { heard: [2] }]])],
    ['no batch', (port) => port.postMessage('welcome')],
    ['nothing in a batch', (port) => port.postMessage([])],
    [
      'a port',
      (port) => {
        const { port1, port2 } = new MessageChannel();
        port.postMessage([[0]], [port2]);
        port1.close();
      },
    ],
  ])('does not take %s for a welcome, and waits on', async (_, answer) => {
    const { parent } = openFrame();
    const shell = expose(board, options);
    const { port, batches } = await parent.takePort();
    answer(port);
    await until(() => batches.length > 0);
    expect([batches, shell.state.name]).toEqual([[[GOODBYE, 'later']], 'handshaking']);
    vi.advanceTimersByTime(300);
    await welcomeOn(parent, { at: 1 });
    await shell.ready;
    shell.close();
  });

  it('does not take a welcome with another version or codec than it has', async () => {
    const { parent } = openFrame();
    const shell = expose(board, options);
    for (const [at, more] of [{ heard: [1, 2] }, { version: 2 }, { codec: 'other' }].entries()) {
      const { batches } = await welcomeOn(parent, { more, at });
      expect(batches).toEqual([[GOODBYE, 'later']]);
      vi.advanceTimersByTime(1000);
    }
    expect(shell.state.name).toBe('handshaking');
    shell.close();
  });

  it('is welcomed again after the session has ended: it is as good as a knock, where the host took it for gone', async () => {
    const { parent } = openFrame();
    const shell = expose(board, options);
    const { port } = await welcomeOn(parent);
    await shell.ready;
    const call = shell.host.ask(1);
    await settle();
    port.postMessage([[GOODBYE, 'PEER_NAVIGATED']]);
    await expect(call).rejects.toMatchObject({ code: 'LINK_CLOSED', mayHaveRun: true });
    await until(() => shell.state.name === 'handshaking');
    await welcomeOn(parent, { at: 1 });
    await until(() => shell.state.name === 'ready');
    shell.close();
  });

  it('says goodbye when its page goes, in a session and before one, and stays when the page is kept', async () => {
    const { parent, window } = openFrame();
    const shell = expose(board, options);
    const first = await parent.takePort();
    window.tell('pagehide', { persisted: false });
    await until(() => first.batches.length > 0);
    expect(first.batches).toEqual([[GOODBYE, 'pagehide']]);
    vi.advanceTimersByTime(300);
    const { batches } = await welcomeOn(parent, { at: 1 });
    await shell.ready;
    window.tell('pagehide', { persisted: true });
    vi.advanceTimersByTime(100);
    window.tell('pageshow', { persisted: true });
    await settle();
    expect(batches.some(([kind]) => kind === GOODBYE)).toBe(false);
    window.tell('pagehide', { persisted: false });
    await until(() => batches.some(([kind]) => kind === GOODBYE));
    expect(batches.at(-1)).toEqual([GOODBYE, 'pagehide']);
    shell.close();
  });

  it('listens again when it is nudged, as after document.open', async () => {
    const { parent, window, hear } = openFrame();
    const shell = expose(board, options);
    const { port } = await welcomeOn(parent);
    await shell.ready;
    window.forgetListeners();
    await hear({ muntin: 'check', nonce: 'n' });
    expect(parent.said).toHaveLength(1);
    port.postMessage([[18]]);
    await settle();
    await hear({ muntin: 'check', nonce: 'n' });
    shell.close();
    expect(parent.said.length).toBeGreaterThanOrEqual(1);
  });
});

describe('what a guest is given', () => {
  it('may have handlers that are the methods of an object of a class: `this` is that object', async () => {
    class Board {
      #seen = 0;
      echo(value: unknown): unknown {
        return [++this.#seen, value];
      }
      *ticks(): Generator<number> {
        yield this.#seen;
      }
    }
    const { parent } = openFrame();
    const shell = expose(board, { hosts: [hostOrigin], handlers: new Board() });
    const { port, batches } = await welcomeOn(parent);
    port.postMessage([[CALL, 1, 1, 'a', 0]]);
    await until(() => batches.length > 1);
    expect(batches.at(-1)).toEqual([RESULT, 1, [1, 'a']]);
    shell.close();
  });

  it.each([
    ['not at all', undefined, { theme: 'light' }, { theme: 'light' }, 0],
    [
      'at once',
      (value: unknown) => (isDark(value) ? { value } : { issues: [{ message: 'dark only' }] }),
      { theme: 'light' },
      { theme: 'dark' },
      1,
    ],
    [
      'later',
      (value: unknown) => Promise.resolve(isDark(value) ? { value } : { issues: [{ message: 'dark only' }] }),
      { theme: 'light' },
      { theme: 'dark' },
      1,
    ],
  ])(
    'its context is checked %s: one that does not fit changes nothing, and is reported',
    async (_, validate, sent, expected, reports) => {
      const schema = {
        '~standard': { version: 1, vendor: 'test', validate: validate ?? ((value: unknown) => ({ value })) },
      } as const;
      const strict = contract({
        name: 'acme/board',
        version: '1.0.0',
        guest: {},
        host: { ask: query<number, number>() },
        context: schema as never,
      });
      const reported: unknown[] = [];
      const { parent } = openFrame();
      const shell = expose(strict, {
        hosts: [hostOrigin],
        handlers: {},
        onHandlerError: (error: unknown, what: string) => void reported.push([error, what]),
      });
      const { port } = await welcomeOn(parent);
      await shell.ready;
      await settle();
      port.postMessage([[NOTE, parent.markOf(contextPath), sent]]);
      await until(() => JSON.stringify(shell.context) === JSON.stringify(expected) && reported.length === reports);
      expect(reported.every((entry) => Array.isArray(entry) && entry[1] === 'context')).toBe(true);
      shell.close();
    },
  );

  it.each<[string, unknown]>([
    ['a Set', new Set([1])],
    ['an error', { error: new Error('x') }],
    ['a regular expression', [/x/]],
    ['much', Array.from({ length: 50_000 }, (_, id) => ({ id }))],
    ['nothing', undefined],
  ])(
    'has its context before it is ready, also where that takes a part that is still to be loaded: %s',
    async (_, sent) => {
      vi.resetModules(); // the part is not loaded yet
      const fresh = await import('../src/index.ts');
      const { parent } = openFrame();
      const shell = fresh.expose(board, options);
      const seen: unknown[] = [];
      void shell.ready.then(() => seen.push(shell.context));
      await until(() => parent.hellos.length > 0);
      await welcomeOn(parent, { more: { notes: [[NOTE, parent.markOf(contextPath), sent]] } });
      await shell.ready;
      expect(seen).toEqual([sent]);
      shell.close();
    },
  );

  it('has the latest context, however long the checks of earlier ones take', async () => {
    const checks: ((value: { value: unknown }) => void)[] = [];
    const validate = () => new Promise<{ value: unknown }>((done) => checks.push(done));
    const slow = contract({
      name: 'acme/board',
      version: '1.0.0',
      guest: {},
      host: { ask: query<number, number>() },
      context: { '~standard': { version: 1, vendor: 'test', validate } } as never,
    });
    const { parent } = openFrame();
    const shell = expose(slow, { hosts: [hostOrigin], handlers: {} });
    const seen: unknown[] = [];
    shell.context$.subscribe((context) => seen.push(context));
    const { port } = await welcomeOn(parent);
    await shell.ready;
    for (const n of [1, 2, 3]) port.postMessage([[NOTE, parent.markOf(contextPath), n]]);
    await until(() => checks.length === 4); // with that of the welcome
    for (const index of [1, 3, 2, 0]) {
      checks[index]?.({ value: index });
      await settle();
    }
    expect(seen.filter((context) => context !== undefined)).toEqual([1, 3]);
    expect(shell.context).toBe(3);
    shell.close();
  });

  it('has its context before it is ready, whatever hooks do with calls', async () => {
    const { parent } = openFrame();
    const seen: string[] = [];
    const slow = around({
      incoming: async ({ path }, next) => {
        seen.push(path);
        await new Promise(() => undefined);
        return next();
      },
    });
    const shell = expose(board, { ...options, use: [slow] });
    const atReady = shell.ready.then(() => shell.context);
    const { port, batches } = await welcomeOn(parent);
    expect(await atReady).toEqual({ theme: 'dark' });
    port.postMessage([[CALL, 1, 0, undefined, 0]]);
    await until(() => batches.some(([kind]) => kind === RESULT));
    expect(seen).toEqual([]);
    shell.close();
  });

  it.each([
    ['for nothing', [[NOTE, 99, { theme: 'dark' }]]],
    ['for the ping, which takes none', [[NOTE, 0, { theme: 'dark' }]]],
    ['that are no batch', { theme: 'dark' }],
  ])('is not ready by a welcome with notes %s', async (_, notes) => {
    const { parent } = openFrame();
    const shell = expose(board, options);
    const states: string[] = [];
    shell.state$.subscribe(({ name }) => states.push(name));
    const { batches } = await welcomeOn(parent, { more: { notes } });
    await until(() => batches.some(([kind, reason]) => kind === GOODBYE && reason === 'PROTOCOL_VIOLATION'));
    expect(states).not.toContain('ready');
    expect(shell.context).toBeUndefined();
    shell.close();
  });

  it('keeps its context when one comes that is over a limit, and reports that', async () => {
    const reported: unknown[] = [];
    const { parent } = openFrame();
    const onHandlerError = (error: unknown, what: string): void => void reported.push([error, what]);
    await loadLazyPart(); // what counts a large value
    const shell = expose(board, { ...options, limits: { valueChars: 100 }, onHandlerError });
    const { port } = await welcomeOn(parent);
    await shell.ready;
    port.postMessage([[NOTE, parent.markOf(contextPath), { theme: 'x'.repeat(1000) }]]);
    await until(() => reported.length > 0);
    expect(reported).toEqual([[expect.objectContaining({ code: 'VALUE_TOO_LARGE' }), 'context']]);
    expect(shell.context).toEqual({ theme: 'dark' });
    shell.close();
  });

  it('is told what its handlers throw, and its host gets the message only', async () => {
    const reported: unknown[] = [];
    const boom = new TypeError('boom');
    const { parent } = openFrame();
    const shell = expose(board, {
      ...options,
      handlers: {
        ...handlers,
        echo: () => {
          throw boom;
        },
      },
      onHandlerError: (error, what) => void reported.push([error, what]),
    });
    const { port, batches } = await welcomeOn(parent);
    port.postMessage([[CALL, 1, 1, 'a', 0]]);
    await until(() => batches.length > 1);
    expect(reported).toEqual([[boom, 'echo']]);
    expect(JSON.stringify(batches.at(-1))).toContain('boom');
    expect(JSON.stringify(batches.at(-1))).not.toContain('expose.test');
    shell.close();
  });

  it('saves before it is taken away, where it has said how', async () => {
    let saved = 0;
    const { parent } = openFrame();
    const shell = expose(board, { ...options, beforeClose: () => void saved++ });
    const { port } = await welcomeOn(parent);
    expect(parent.hellos[0]?.data.serves?.at(-1)).toBe('muntin:beforeClose');
    port.postMessage([[CALL, 1, parent.markOf('muntin:beforeClose'), undefined, 0]]);
    await until(() => saved === 1);
    shell.close();
  });

  it.each([
    [{ hosts: [] }, 'hosts is empty'],
    [{ hosts: 'https://host.example' }, 'hosts is "https://host.example"'],
    [{ hosts: ['https://host.example/path'] }, 'give exact https origins, "https://host.example"'],
    [{ hosts: ['*'] }, 'as in ["https://shell.example"]'],
    [{ handshakeTimeoutMs: 0 }, 'handshakeTimeoutMs is 0'],
    [{ beforeClose: true }, 'beforeClose is true'],
  ])('refuses %j', (more, text) => {
    const { parent } = openFrame();
    expect(() => expose(board, { ...options, ...more } as never)).toThrow(text);
    expect(parent.said).toEqual([]);
  });
});

describe('a guest without a host', () => {
  it('says so where it is alone; a stand-in is a host of its own, over a real port', async () => {
    openFrame({ isAlone: true });
    const alone = expose(board, options);
    await expect(alone.ready).rejects.toMatchObject({ code: 'NOT_EMBEDDED' });
    await expect(alone.host.ask(1)).rejects.toMatchObject({ code: 'LINK_CLOSED', cause: { code: 'NOT_EMBEDDED' } });
    alone.close();
    const standalone = standIn(board, { handlers: { ask: (value) => value + 1 }, context: { theme: 'alone' } });
    const shell = expose(board, { ...options, standalone });
    await shell.ready;
    await expect(shell.host.ask(1)).resolves.toBe(2);
    expect(shell.context).toEqual({ theme: 'alone' });
    shell.close();
  });

  it.each<[string, InFrame['parent']['said'][number]['data']['why'] | undefined, object, object]>([
    ['is told so by the option', 'refused', {}, { debug: true }],
    ['is told so by a meta element', 'refused', { metas: { 'muntin-debug': '' } }, {}],
    ['is told nothing else', undefined, {}, {}],
    ['is told nothing where the option says no', undefined, { metas: { 'muntin-debug': '' } }, { debug: false }],
  ])('the page around it, which is not its host, %s', async (_, why, facts, more) => {
    const evil = 'https://evil.example';
    const { parent } = openFrame({ ancestorOrigins: [evil], ...facts });
    const shell = expose(board, { ...options, ...more });
    await expect(shell.ready).rejects.toMatchObject({ code: 'HOST_NOT_ALLOWED' });
    expect(parent.said).toEqual(why === undefined ? [] : [{ data: { muntin: 'trouble', why }, to: evil, ports: [] }]);
    expect(errors).toHaveBeenCalledWith(expect.stringContaining('/errors/HOST_NOT_ALLOWED.html'));
    shell.close();
  });

  it('tells of a script that throws before expose, and not of one that throws after it', async () => {
    const { parent, window } = openFrame({ ancestorOrigins: [hostOrigin] });
    // Scripts that could not be loaded have an event of another kind.
    vi.stubGlobal('ErrorEvent', { [Symbol.hasInstance]: (event: object) => 'message' in event });
    vi.stubGlobal('localStorage', { getItem: (key: string) => (key === 'muntin.debug' ? '' : null) });
    vi.resetModules();
    const fresh = await import('../src/index.ts');
    window.tell('error');
    expect(parent.said).toEqual([]);
    window.tell('error', { message: 'boom' });
    expect(parent.said.map(({ data }) => data)).toEqual([{ muntin: 'trouble', why: 'threw' }]);
    const shell = fresh.expose(board, options);
    window.tell('error', { message: 'boom' });
    expect(parent.said.filter(({ data }) => data.muntin === 'trouble')).toHaveLength(1);
    shell.close();
  });

  it('says nothing of it where the storage of the page is closed', async () => {
    const { parent, window } = openFrame({ ancestorOrigins: [hostOrigin] });
    vi.stubGlobal('ErrorEvent', { [Symbol.hasInstance]: () => true });
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new Error('closed');
      },
    });
    vi.resetModules();
    await import('../src/index.ts');
    window.tell('error', { message: 'boom' });
    expect(parent.said).toEqual([]);
  });
});

describe('a guest whose origin is opaque', () => {
  it.each([
    ['the fragment of its address', { hash: '#muntin=secret' }],
    ['its text', { metas: { muntin: 'secret' } }],
  ])('is known by what it finds in %s', async (_, facts) => {
    const { parent } = openFrame(facts);
    const shell = expose(board, options);
    expect(parent.hellos[0]?.data).toMatchObject({ secret: 'secret', document: expect.any(String) });
    const again = expose(board, options);
    expect(Reflect.get(parent.hellos[1]?.data ?? {}, 'document')).toBe(
      Reflect.get(parent.hellos[0]?.data ?? {}, 'document'),
    );
    shell.close();
    again.close();
  });
});

describe('a guest in a window of its own', () => {
  it.each([
    ['tries each host', '', [hostOrigin, 'https://other.example']],
    ['knows it by the referrer', `${hostOrigin}/page`, [hostOrigin]],
    ['does not believe another referrer', 'https://evil.example/', [hostOrigin, 'https://other.example']],
  ])('%s', async (_, referrer, expected) => {
    const opener = new Outside();
    openFrame({ opener, isAlone: true, referrer });
    const shell = exposePopup(board, { ...options, hosts: [hostOrigin, 'https://other.example'] });
    expect(opener.hellos.map(({ to }) => to)).toEqual(expected);
    await welcomeOn(opener);
    await shell.ready;
    shell.close();
  });

  it('whose opener was cut off says so; in a frame it is a guest as any', async () => {
    openFrame({ isAlone: true });
    const cut = exposePopup(board, options);
    await expect(cut.ready).rejects.toMatchObject({
      code: 'NOT_EMBEDDED',
      message: expect.stringContaining('noopener'),
    });
    cut.close();
    const { parent } = openFrame();
    const shell = exposePopup(board, options);
    await welcomeOn(parent);
    await shell.ready;
    shell.close();
  });
});

describe('a guest in a worker', () => {
  it('says hello to the page that made it', async () => {
    const outside = new Outside();
    const { window } = openFrame();
    vi.stubGlobal('document', undefined);
    const postMessage = (data: never, { transfer: ports }: { transfer: readonly MessagePort[] }): void =>
      outside.postMessage(data, '', ports);
    Object.assign(window, { postMessage });
    vi.stubGlobal('postMessage', postMessage);
    const shell = exposeWorker(board, { handlers });
    const { port, batches } = await welcomeOn(outside);
    await shell.ready;
    window.tell('message', { data: { muntin: 'check', nonce: 'n' }, origin: '', isTrusted: true });
    expect(outside.said.at(-1)?.data).toMatchObject({ muntin: 'here', nonce: 'n' });
    port.postMessage([[CALL, 1, 1, 1, 0]]);
    await until(() => batches.length > 1);
    shell.close();
  });

  it('in a page is told where to expose', async () => {
    openFrame();
    const shell = exposeWorker(board, { handlers });
    await expect(shell.ready).rejects.toMatchObject({ code: 'NOT_EMBEDDED' });
    shell.close();
  });
});

describe('on a server', () => {
  it.each([
    ['@muntin/guest', () => expose(board, options)],
    ['@muntin/guest/popup', () => exposePopup(board, options)],
    ['@muntin/guest/worker', () => exposeWorker(board, { handlers })],
  ])('expose() of %s says that there is no browser, and what to do', (_, call) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'NOT_IN_A_BROWSER', message: expect.stringContaining('needs a') }),
    );
  });
});

function isDark(value: unknown): boolean {
  return JSON.stringify(value) === '{"theme":"dark"}';
}

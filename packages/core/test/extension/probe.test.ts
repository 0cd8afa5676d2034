import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  byReference,
  contract,
  extension,
  MuntinError,
  mutation,
  observable,
  type ProbedMessage,
  type ProbeEvent,
  probe,
  query,
  type Remote,
  secret,
  transfer,
  type,
} from '../../src/index.ts';
import { Latest } from '../../src/stream/latest.ts';
import { openPair, type Pair } from '../fixtures/open-pair.ts';
import { rejection, turns, until } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';

const bank = contract({
  name: 'test/bank',
  version: '1.0.0',
  guest: {
    echo: query<unknown, unknown>(),
    account: { close: mutation<void, void>() },
    signIn: mutation({ input: secret(type<string>()), output: type<string>() }),
    signOut: mutation({ input: secret(type<string>()), output: type<void>() }),
    token: mutation({ input: type<string>(), output: secret(type<string>()) }),
    fail: query<void, void>(),
    wait: query<void, void>(),
    ticks: observable<number, number>(),
    secrets: observable({ input: type<void>(), output: secret(type<number>()) }),
    lend: query<void, Remote<() => string>>(),
  },
});
const toast = extension('test/toast', { guest: { show: mutation<string, void>() } });

function open(use: Parameters<typeof openPair>[1]['use'] = {}): Pair<typeof bank> {
  return openPair(bank, {
    host: {},
    guest: {
      echo: (value) => value,
      account: { close: () => undefined },
      signIn: (password) => `hello ${password.length}`,
      signOut: (password) => {
        throw new Error(`unknown: ${password}`);
      },
      token: () => 'tok-123',
      fail: () => {
        throw new TypeError('broken by p4ssw0rd');
      },
      wait: () => new Promise(() => undefined),
      ticks: (count) =>
        new Observable((subscriber) => {
          for (let n = 0; n < count; n++) subscriber.next(n);
          subscriber.complete();
        }),
      secrets: () => [4711],
      lend: () => byReference(() => 'lent'),
    },
    use: { host: use.host ?? [], guest: use.guest ?? [] },
  });
}

/** Both ends watched, each message as `direction kind path`. */
function watched(use: Parameters<typeof openPair>[1]['use'] = {}) {
  const seen = { host: [] as ProbedMessage[], guest: [] as ProbedMessage[] };
  const into = (list: ProbedMessage[]) => probe((event) => void (event.type === 'message' && list.push(event)));
  const pair = open({
    host: [...(use.host ?? []), into(seen.host)],
    guest: [...(use.guest ?? []), into(seen.guest)],
  });
  return { ...pair, seen };
}
const line = ({ direction, kind, path }: ProbedMessage): string => [direction, kind, path].join(' ').trim();
const summary = (list: readonly ProbedMessage[], id?: number): string[] =>
  list.filter((event) => id === undefined || event.id === id).map(line);

describe('a probe', () => {
  it('sees every message of both directions, on both sides', async () => {
    const { host, seen } = watched();
    await host.client.echo('x');
    await host.client.account.close();
    expect(summary(seen.host)).toEqual([
      'sent note +muntin/context',
      ...['sent call echo', 'received ready', 'received result echo'],
      ...['sent call account.close', 'received result account.close'],
    ]);
    expect(summary(seen.guest)).toEqual([
      'sent ready',
      'received note +muntin/context',
      ...['received call echo', 'sent result echo'],
      ...['received call account.close', 'sent result account.close'],
    ]);
  });

  it('is told the value, its size, the id that joins call and answer, and the time', async () => {
    const { host, seen } = watched();
    const before = performance.now();
    await host.client.echo('x'.repeat(1000));
    const [call, result] = seen.host.filter(({ path }) => path === 'echo');
    expect(call).toMatchObject({ type: 'message', kind: 'call', value: 'x'.repeat(1000), isSecret: false });
    expect(call?.bytes).toBeGreaterThan(2000);
    expect(call?.bytes).toBeLessThan(2200);
    expect(result?.id).toBe(call?.id);
    expect(call?.time).toBeGreaterThanOrEqual(before);
    expect(result?.time).toBeGreaterThanOrEqual(call?.time ?? Infinity);
    expect(Object.isFrozen(call)).toBe(true);
  });

  it('knows the size of what is given away', async () => {
    const { host, seen } = watched();
    const buffer = new ArrayBuffer(5000);
    await host.client.echo(transfer(buffer, [buffer]));
    expect(buffer.byteLength).toBe(0);
    const [call] = seen.host.filter(({ kind }) => kind === 'call');
    expect(call?.bytes).toBeGreaterThan(5000);
  });

  it('sees a stream: its credit, its values and its end', async () => {
    const { host, seen } = watched();
    let sum = 0;
    for await (const value of host.client.ticks(3000, { window: 1000 })) sum += value;
    expect(sum).toBe(4_498_500);
    const subscribe = seen.host.find(({ kind }) => kind === 'subscribe');
    expect(subscribe).toMatchObject({ path: 'ticks', credit: 1000, value: 3000, direction: 'sent' });
    const values = seen.host.filter(({ kind }) => kind === 'values');
    expect(values.reduce((count, event) => count + (event.count ?? 0), 0)).toBe(3000);
    expect(values.every(({ path }) => path === 'ticks')).toBe(true);
    const credits = seen.host.filter(({ kind }) => kind === 'credit');
    expect(credits.length).toBeGreaterThan(0);
    expect(credits.every(({ path, credit }) => path === 'ticks' && Number(credit) > 0)).toBe(true);
    expect(seen.host.at(-1)).toMatchObject({ kind: 'complete', path: 'ticks', direction: 'received' });
  });

  it('sees what is cancelled', async () => {
    const { host, seen } = watched();
    const late = new AbortController();
    const one = rejection(host.client.wait(undefined, { signal: late.signal }));
    await turns();
    late.abort();
    await one;
    await turns();
    const [id] = seen.guest.filter(({ kind }) => kind === 'call').map((event) => event.id);
    expect(summary(seen.guest, id)).toEqual(['received call wait', 'received cancel wait']);
  });

  it('sees failures with their codes, and why the other side goes', async () => {
    const { host, guest, seen } = watched();
    await rejection(host.client.fail());
    expect(seen.host.at(-1)).toMatchObject({ kind: 'failure', code: 'HANDLER_FAILED', path: 'fail' });
    guest.session.close(new MuntinError('PEER_CLOSED', 'bye'), 'closed');
    await until(() => host.ended !== undefined);
    expect(seen.host.filter(({ direction }) => direction === 'received').at(-1)).toMatchObject({
      kind: 'goodbye',
      code: 'closed',
    });
  });

  it('sees what cannot be cloned only where it was sent', async () => {
    const { host, seen } = watched();
    const sent = [
      rejection(host.client.echo({ deep: { fn: () => 1 } })),
      host.client.echo('good'),
      rejection(host.client.echo(Symbol('s'))),
    ];
    const [bad, good] = await Promise.all(sent);
    expect(bad).toHaveProperty('code', 'VALUE_NOT_CLONEABLE');
    expect(good).toBe('good');
    const echoes = seen.host.filter(({ path }) => path === 'echo');
    expect(echoes.map(line)).toEqual(['sent call echo', 'received result echo']);
    expect(echoes.map(({ value }) => value)).toEqual(['good', 'good']);
  });

  it('sees the procedures of extensions, and references without their values', async () => {
    const { host, guest, seen } = watched({
      host: [toast.onHost()],
      guest: [toast.onGuest({ show: () => undefined })],
    });
    const lent = await host.client.lend();
    expect(await lent()).toBe('lent');
    const calls = seen.host.filter(({ path }) => path === 'a reference');
    expect(calls.map(line)).toEqual(['sent call a reference', 'received result a reference']);
    expect(calls.every(({ value }) => value === undefined)).toBe(true);
    expect(await guest.supports(toast)).toBe(true);
  });

  it('never has what is secret: inputs, results, values of streams, and messages of failures', async () => {
    const { host, seen } = watched();
    expect(await host.client.signIn('p4ssw0rd')).toBe('hello 8');
    expect(await host.client.token('name')).toBe('tok-123');
    expect(await rejection(host.client.signOut('p4ssw0rd'))).toHaveProperty('message', 'unknown: p4ssw0rd');
    for await (const value of host.client.secrets()) expect(value).toBe(4711);
    for (const side of [seen.host, seen.guest]) {
      expect(JSON.stringify(side)).not.toMatch(/p4ssw0rd|tok-123|4711/);
      expect(side.filter(({ isSecret }) => isSecret).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
        'call signIn',
        'result token',
        'call signOut',
        'failure signOut',
        'values secrets',
      ]);
      // What is not marked beside it is there.
      expect(side.filter(({ value }) => value !== undefined).map(({ value }) => value)).toEqual(['hello 8', 'name']);
    }
  });

  it('that is attached later begins with what comes then, and has no values of what it does not know', async () => {
    const { host } = open();
    const seen: ProbedMessage[] = [];
    const early = host.client.echo('early');
    await Promise.resolve();
    await Promise.resolve();
    const stop = probe(host, (event) => void (event.type === 'message' && seen.push(event)));
    await early;
    expect(seen.at(-1)).toMatchObject({ kind: 'result', path: undefined, value: undefined });
    await host.client.echo('late');
    expect(seen.at(-1)).toMatchObject({ kind: 'result', path: 'echo', value: 'late' });
    const count = seen.length;
    stop();
    stop();
    await host.client.echo('unseen');
    expect(seen).toHaveLength(count);
    expect(host['muntin.endpoint'].tap).toBeUndefined();
  });

  it('that stops leaves the others', async () => {
    const { host } = open();
    const [first, second]: [ProbeEvent[], ProbeEvent[]] = [[], []];
    const stop = probe(host, (event) => void first.push(event));
    probe(host, (event) => void second.push(event));
    stop();
    await host.client.echo(1);
    expect(first).toEqual([]);
    expect(second.length).toBeGreaterThan(0);
  });

  it('that throws, or calls, or closes the session in the middle, breaks nothing', async () => {
    const { host } = open();
    const thrown = collectUncaught();
    const stop = probe(host, () => {
      throw new Error('listener');
    });
    expect(await host.client.echo(1)).toBe(1);
    stop();
    expect(thrown.length).toBeGreaterThan(0);
    let nested: Promise<unknown> | undefined;
    const stopNested = probe(host, () => {
      nested ??= host.client.echo('nested');
    });
    expect(await host.client.echo(2)).toBe(2);
    expect(await nested).toBe('nested');
    stopNested();
    probe(host, (event) => {
      if (event.type === 'message' && event.direction === 'received')
        host.session.close(new MuntinError('UNMOUNTED', 'in the middle'));
    });
    const last = rejection(host.client.echo(3, { timeoutMs: 50 }));
    expect(await last).toMatchObject({ code: 'CALL_TIMED_OUT' });
  });

  it('is told the state that there is, and every later one', async () => {
    const { host } = open();
    const states = new Latest<{ name: string; cause?: MuntinError }>({ name: 'loading' });
    states.set({ name: 'loading' });
    host['muntin.endpoint'].owner = { state$: states.changes$ };
    const told: ProbeEvent[] = [];
    const stop = probe(host, (event) => void (event.type === 'state' && told.push(event)));
    const cause = new MuntinError('GUEST_SILENT', 'nobody');
    states.set({ name: 'failed', cause });
    stop();
    states.set({ name: 'loading' });
    expect(told).toMatchObject([
      { name: 'loading', cause: undefined },
      { name: 'failed', cause },
    ]);
  });

  it('refuses what is no listener and no mount', () => {
    expect(() => probe('x' as never)).toThrow('give a mount');
    expect(() => probe(null as never)).toThrow('give a mount');
    expect(() => probe({} as never, () => undefined)).toThrow('give a mount');
    expect(() => probe(open().host, 'x' as never)).toThrow('the listener of probe is "x": give a function');
    expect(() => secret('x' as never)).toThrow('secret was given "x"');
  });
});

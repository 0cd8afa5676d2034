import * as latest from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { laneFunctions } from '../../src/comlink/functions.ts';
import { contract, query } from '../../src/index.ts';
import { LANE } from '../../src/link/messages.ts';
import { type Hostile, openHostileGuest, openHostileHost, type Raw } from '../fixtures/hostile-peer.ts';
import { closeEnd } from '../fixtures/open-pair.ts';
import { turns, until } from '../fixtures/turns.ts';
import { collectUncaught } from '../fixtures/uncaught.ts';
import { type Attack, answerAttacks, bring, code, type Made, type Place, requestAttacks } from './attacks.ts';

type Comlink = typeof latest;

// The earliest of them looks for the global of a window when it is loaded.
Object.assign(globalThis, { self: globalThis });
const versions: readonly (readonly [string, Comlink])[] = [
  ['4.4.2', latest],
  // Each version declares symbols of its own.
  ['4.4.1', (await import('comlink-4.4.1')) as unknown as Comlink],
  ['4.4.0', (await import('comlink-4.4.0')) as unknown as Comlink],
];

const any = query<unknown, unknown>();
const shop = contract({ name: 'test/lanes', version: '1.0.0', host: { take: any }, guest: { take: any } });
const take = { take: () => null };

/** What only code of the attacker's choice does. */
class Damage {
  readonly seen: string[] = [];
  readonly #objectKeys = Object.getOwnPropertyNames(Object.prototype).length;
  readonly #functionKeys = Object.getOwnPropertyNames(Function.prototype).length;

  /** What happened to globals; and repairs it, for the control. */
  lookAround(): readonly string[] {
    const found: string[] = [];
    if ('pwned' in globalThis) found.push('code ran');
    if (Object.getOwnPropertyNames(Object.prototype).length !== this.#objectKeys) found.push('Object.prototype');
    if (Object.getOwnPropertyNames(Function.prototype).length !== this.#functionKeys) found.push('Function.prototype');
    Reflect.deleteProperty(globalThis, 'pwned');
    Reflect.deleteProperty(Object.prototype, 'polluted');
    Reflect.deleteProperty(Function.prototype, 'polluted');
    return found;
  }
}

/** What the victim serves; only `methods` may be called. */
function makeApi({ proxy }: Comlink, harm: (what: string) => void): object {
  const helper = (): object => proxy(makeHelper(harm));
  class Api {
    readonly nested = { secret: () => harm('nested'), deep: { secret: () => harm('deep') } };
    constructor() {
      Object.defineProperty(this, 'trap', { get: () => harm('getter') });
    }
    add(): number {
      return 1;
    }
    /** As an application that is careless: whatever is a function is called, with something of the victim's. */
    async use(...given: unknown[]): Promise<void> {
      for (const one of given)
        if (typeof one === 'function') await Promise.resolve(one(helper())).catch(() => undefined);
    }
    make(): object {
      return helper();
    }
    hidden(): void {
      harm('hidden');
    }
  }
  return new Api();
}

const methods = ['add', 'use', 'make'];

function makeHelper(harm: (what: string) => void): object {
  return Object.assign(() => 'called', {
    add: () => 1,
    hidden: () => harm('hidden'),
    nested: { secret: () => harm('nested') },
  });
}

/** One victim, the lane on which it is attacked, and what has happened to it. */
interface Victim {
  readonly peer: Hostile<typeof shop.host>;
  readonly name: string;
  readonly harm: string[];
  readonly mine: MessagePort[];
  readonly place: Place;
}

function open(name: string, isHost: boolean): Victim {
  const peer = isHost ? openHostileGuest(shop, take) : openHostileHost(shop, { handlers: take });
  let number = 0;
  const place: Place = {
    lane: 'db',
    attacker: isHost ? 'guest' : 'host',
    victim: isHost ? 'host' : 'guest',
    next: () => number++,
  };
  return { peer, name, harm: [], mine: [], place };
}

const idOf = ({ place }: Victim): number => (place.attacker === 'host' ? 1 : 2);

function say({ peer, place }: Victim, lane: string, data: object, slots: readonly unknown[] = []): void {
  peer.post([[LANE, lane || place.lane, data, slots]]);
}

/** Sends an attack, in a batch with a call that brings its ports; whatever then comes by such a port came by no lane. */
function send(victim: Victim, lane: string, id: string, made: Made): void {
  victim.mine.push(...made.mine);
  for (const port of made.mine) {
    port.addEventListener('message', () => void victim.harm.push('spoke on a bare port'));
    port.start();
  }
  const message = [LANE, lane, { id, ...made.data }, made.slots];
  victim.peer.post([message, ...bring(made.ports, idOf(victim))], [...made.ports]);
}

/** The first lane that the victim has lent. */
function lentBy({ peer }: Victim): string | undefined {
  const slots = peer.heard.find(([kind, , , given]) => kind === LANE && (given as readonly Raw[]).length > 0)?.[3];
  return (slots as readonly (readonly [number, string])[] | undefined)?.[0]?.[1];
}

/** The calls that the victim has made over lanes. */
function callsOf({ peer }: Victim): readonly { readonly lane: string; readonly id: string }[] {
  return peer.heard.flatMap(([kind, lane, given]) => {
    const data = given as { readonly id: string; readonly argumentList?: unknown };
    return kind === LANE && Array.isArray(data.argumentList) ? [{ lane: String(lane), id: data.id }] : [];
  });
}

const attackOf = (type: string, path: readonly string[]): object => ({
  id: 'after',
  type,
  path,
  argumentList: [{ type: 'RAW', value: code }],
});

/** Tries whatever the victim has lent so far, and every bare port. */
function exploit(victim: Victim): void {
  const lanes = victim.peer.heard
    .filter(([kind]) => kind === LANE)
    .flatMap(([, , , slots]) => (slots as (readonly [number, string])[]).map(([, lane]) => lane));
  for (const lane of ['db', ...lanes])
    for (const path of [['constructor', 'constructor'], ['hidden'], ['nested', 'secret'], ['constructor']])
      say(victim, lane, attackOf('APPLY', path));
  for (const port of victim.mine) {
    port.postMessage(attackOf('APPLY', ['constructor', 'constructor']));
    port.postMessage({ id: 'after', type: 'ENDPOINT' });
  }
}

/** What is left when it is over. */
async function finish(victims: readonly Victim[], damage: Damage): Promise<readonly string[]> {
  await turns(3);
  for (const victim of victims) exploit(victim);
  await turns(3);
  for (const victim of victims) closeEnd(victim.peer);
  await turns(1);
  for (const victim of victims) exploit(victim);
  await turns(2);
  for (const victim of victims) for (const port of [...victim.mine, victim.peer.port]) port.close();
  const around = damage.lookAround();
  return [
    ...victims.flatMap(({ name, harm }) => harm.map((what) => `${name}: ${what}`)),
    ...(around.length === 0 ? [] : [`${around.join()}, in one of ${victims.length} from ${victims[0]?.name}`]),
  ];
}

/** So many victims at once; more keep more channels open than is good for the machine. */
function chunksOf<T>(items: readonly T[], size = 120): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

async function attackServers(comlink: Comlink, depth: number): Promise<readonly string[]> {
  const { exposeLane } = laneFunctions(comlink);
  const damage = new Damage();
  const lost: string[] = [];
  for (const chunk of chunksOf(requestAttacks)) {
    const victims = chunk.map((attack, index) => {
      const victim = open(attack.name, index % 2 === 0);
      const api = makeApi(comlink, (what) => void victim.harm.push(what));
      exposeLane({ 'muntin.lanes': () => victim.peer.lanes }, 'db', api, { methods });
      if (depth === 2) say(victim, 'db', { id: 'make', type: 'APPLY', path: ['make'], argumentList: [] });
      if (depth === 3) {
        const callback = { type: 'HANDLER', name: 'proxy', value: null };
        const slots = [[1, `db/${victim.place.attacker}${victim.place.next()}`]];
        say(victim, 'db', { id: 'use', type: 'APPLY', path: ['use'], argumentList: [callback] }, slots);
      }
      return victim;
    });
    if (depth > 1) await until(() => victims.every((victim) => lentBy(victim) !== undefined));
    for (const [index, victim] of victims.entries()) {
      const lane = depth === 1 ? 'db' : (lentBy(victim) ?? '');
      send(victim, lane, 'x', (chunk[index] as Attack).make(victim.place));
    }
    lost.push(...(await finish(victims, damage)));
  }
  return lost;
}

async function attackCallers(comlink: Comlink, depth: number): Promise<readonly string[]> {
  const { wrap } = laneFunctions(comlink);
  const damage = new Damage();
  const lost: string[] = [];
  for (const chunk of chunksOf(answerAttacks)) {
    const victims = chunk.map((attack, index) => {
      const victim = open(attack.name, index % 2 === 0);
      const helper = (): object => comlink.proxy(makeHelper((what) => void victim.harm.push(what)));
      type Tree = (given: object) => Promise<Tree>;
      const api = wrap<{ make: Tree }>({ 'muntin.lanes': () => victim.peer.lanes }, 'db', { methods: ['add'] });
      const climb = async (): Promise<void> => {
        let at = (await api.make(helper())) as unknown;
        for (let level = 1; level < 4 && typeof at === 'function'; level++) at = await (at as Tree)(helper());
      };
      void climb().catch((error: unknown) => {
        if (error instanceof Error && error.stack?.includes('SECRET') === true)
          victim.harm.push('the stack of the peer');
      });
      return victim;
    });
    for (let level = 1; level <= depth; level++) {
      await until(() => victims.every((victim) => callsOf(victim).length >= level));
      for (const [index, victim] of victims.entries()) {
        const { lane, id } = callsOf(victim)[level - 1] ?? { lane: '', id: '' };
        if (level === depth) {
          send(victim, lane, id, (chunk[index] as Attack).make(victim.place));
          continue;
        }
        const slots = [[0, `db/${victim.place.attacker}${victim.place.next()}`]];
        say(victim, lane, { id, type: 'HANDLER', name: 'proxy', value: null }, slots);
      }
    }
    lost.push(...(await finish(victims, damage)));
  }
  return lost;
}

const bare: Place = { lane: 'db', attacker: 'guest', victim: 'host', next: () => 0 };

/** Whatever comes by these ports, or is lent by it, is the attacker's. */
function listen(ports: readonly MessagePort[], harm: (what: string) => void): void {
  for (const port of ports)
    port.onmessage = ({ ports: given }) => {
      harm('spoke on a bare port');
      for (const lent of given) lent.postMessage(attackOf('APPLY', ['hidden']));
    };
}

/** The same requests where Comlink has the port to itself. */
async function attackBareServer(comlink: Comlink): Promise<readonly string[]> {
  const damage = new Damage();
  const lost: string[] = [];
  for (const attack of requestAttacks) {
    const harm = (what: string): void => void lost.push(`${attack.name}: ${what}`);
    const { port1, port2 } = new MessageChannel();
    comlink.expose(makeApi(comlink, harm), port1);
    const { data, ports, mine } = attack.make(bare);
    listen(mine, harm);
    // What was constructed is called: a function, say, of the attacker's text.
    port2.onmessage = ({ ports: [made] }) => made?.postMessage(attackOf('APPLY', []));
    port2.postMessage({ id: 'x', ...data }, [...ports]);
    await turns(1);
    for (const what of damage.lookAround()) harm(what);
    for (const port of [port1, port2, ...mine]) port.close();
  }
  return lost;
}

/** The same answers where Comlink has the port to itself. */
async function attackBareCaller(comlink: Comlink): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const attack of answerAttacks) {
    const harm = (what: string): void => void lost.push(`${attack.name}: ${what}`);
    const { port1, port2 } = new MessageChannel();
    const made = attack.make(bare);
    listen(made.mine, harm);
    port2.onmessage = ({ data: { id } }) => port2.postMessage({ id, ...made.data }, [...made.ports]);
    const api = comlink.wrap<{ make(): Promise<unknown> }>(port1);
    void Promise.resolve(api.make())
      .then((got) => typeof got === 'function' && Reflect.apply(got, undefined, [comlink.proxy(makeHelper(harm))]))
      .catch(() => undefined);
    await turns(2);
    for (const port of [port1, port2, ...made.mine]) port.close();
  }
  return lost;
}

describe.each(versions)('lanes on Comlink %s', (_version, comlink) => {
  afterEach(() => turns(1));

  it.each([1, 2, 3])(
    'no request runs anything but the served methods, on lanes of depth %i',
    async (depth) => {
      const uncaught = collectUncaught();
      expect(await attackServers(comlink, depth)).toEqual([]);
      expect(uncaught).toEqual([]);
    },
    60_000,
  );

  it.each([1, 2, 3])(
    'no answer gives the peer an endpoint of its own, on lanes of depth %i',
    async (depth) => {
      const uncaught = collectUncaught();
      expect(await attackCallers(comlink, depth)).toEqual([]);
      expect(uncaught).toEqual([]);
    },
    60_000,
  );

  it('a bare port loses to the same attacks', async () => {
    collectUncaught();
    const lost = (await attackBareServer(comlink)).join('\n');
    for (const what of ['hidden', 'nested', 'deep', 'getter', 'code ran', 'Object.prototype', 'spoke on a bare port'])
      expect(lost).toContain(what);
    const answered = (await attackBareCaller(comlink)).join('\n');
    for (const what of ['spoke on a bare port', 'hidden']) expect(answered).toContain(what);
  }, 60_000);
});

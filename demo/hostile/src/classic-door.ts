import type { AttackName } from '@quake-desk/contracts/hostile';
import type { Door, Questions } from './door.ts';

interface Said {
  readonly id?: unknown;
  readonly call?: 'attack' | 'greet';
  readonly input?: AttackName;
  readonly result?: unknown;
}

/** The way into the naive page: plain messages to its window. */
export class ClassicDoor implements Door {
  readonly greeting = { connect: true };
  readonly #page: string;
  readonly #waiting = new Map<unknown, (result: string) => void>();
  #lastId = 0;

  constructor(page: string | undefined, questions: Questions) {
    this.#page = page ?? '';
    addEventListener('message', ({ data, source, origin }: MessageEvent<Said>) => {
      if (source !== parent || origin !== this.#page) return;
      if ('result' in data) this.#waiting.get(data.id)?.(typeof data.result === 'string' ? data.result : 'it ran');
      else void this.#answer(data, questions);
    });
    this.#post({ call: 'ready' });
  }

  call(name: string, input: unknown): Promise<string> {
    const id = `widget ${++this.#lastId}`;
    this.#post({ id, call: name, input });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  callOften(name: string, count: number): void {
    for (let at = 0; at < count; at++) this.#post({ call: name });
  }

  forge(result: string): void {
    for (let id = 0; id < 100; id++) this.#post({ id, result });
  }

  smuggle(port: MessagePort): void {
    this.#post(this.greeting, [port]);
  }

  async #answer({ id, call, input }: Said, questions: Questions): Promise<void> {
    const result = call === 'attack' && input !== undefined ? await questions.attack(input) : questions.greet();
    if (result !== undefined) this.#post({ id, result });
  }

  #post(message: unknown, ports: readonly MessagePort[] = []): void {
    parent.postMessage(message, this.#page, [...ports]);
  }
}

import type { MuntinError } from '../errors.ts';
import type { ExceededLimit } from '../link/budget.ts';
import type { Limits } from '../link/limits.ts';
import type { LaneHandler, LaneLink, LaneMessage } from '../reference/lanes.ts';
import { CallLanes } from './call-lanes.ts';
import type { LaneEndpoint } from './endpoint.ts';
import * as grammar from './grammar.ts';
import { isRequest, thrown } from './grammar.ts';
import { checkName } from './lane.ts';
import type { LaneOptions } from './rules.ts';
import { ServeLanes, type Serving } from './serve-lanes.ts';
import { isEveryEndpointNamed, SlotReader, type Slots } from './slots.ts';
import { LaneWire } from './wire.ts';

/**
 * The lanes of one mount. Comlink sees endpoints of ours only, and between any two of them stands this guard: whatever one of them says is
 * read by the grammar and written anew. What Comlink can say and the rules do not allow is refused, with an answer; what no honest peer can
 * say ends the session.
 */
export class LaneHub implements LaneHandler {
  readonly #wire: LaneWire;
  readonly #calls: CallLanes;
  readonly #serves: ServeLanes;
  #slots: SlotReader;

  constructor(side: 'host' | 'guest', limits: Limits) {
    this.#wire = new LaneWire(side, limits.lanes);
    this.#calls = new CallLanes(this.#wire, limits, (...lent) => this.#serves.lend(...lent));
    this.#serves = new ServeLanes(this.#wire, limits, this.#calls);
    this.#slots = new SlotReader(side);
  }

  /** An endpoint for `Comlink.wrap`. */
  call(name: string, options: LaneOptions): LaneEndpoint {
    checkName(name);
    return this.#calls.open(name, options);
  }

  /** An endpoint for `Comlink.expose`, and what ends it. `inner`: for the proxies that are answered. */
  serve(name: string, options: LaneOptions, inner: LaneOptions): Serving {
    checkName(name);
    return this.#serves.open(name, options, inner);
  }

  attach(link: LaneLink, window: number): void {
    this.#wire.link = link;
    this.#calls.attach(window);
  }

  detach(cause: MuntinError, isFinal: boolean): void {
    this.#wire.link = undefined;
    this.#slots = new SlotReader(this.#wire.side);
    this.#calls.detach(cause, isFinal);
    this.#serves.detach();
    this.#wire.forgetProxies();
  }

  receive({ path, data, ports, over, bytes }: LaneMessage): boolean {
    const slots = this.#slots.read(path, ports);
    if (slots === undefined) return false;
    if (over !== undefined) return this.#tooLarge(path, data, slots, over);
    const content = grammar.parse(data);
    if (content === undefined) return this.#malformed(path, data, slots);
    if (!isEveryEndpointNamed(content, slots)) return false;
    return isRequest(content)
      ? this.#serves.receive(path, content, slots, bytes)
      : this.#calls.receive(path, content, slots);
  }

  unsendable(path: string, data: unknown, ports: readonly unknown[], error: MuntinError<string>): void {
    for (const slot of ports) if (Array.isArray(slot)) this.#serves.takeBack(String(slot[1]));
    const content = grammar.parseHead(data);
    if (content === undefined) return;
    if (content.isRequest) this.#calls.settle(path, content.id, thrown(error.message));
    else this.#wire.post(path, grammar.writeAnswer(content.id, thrown(error.message)));
  }

  /** Its sender is told, where it says that it waits for an answer; an answer of no known form answers nothing. */
  #malformed(path: string, data: unknown, slots: Slots): boolean {
    const head = grammar.parseHead(data);
    const isAsked = head?.isRequest === true && this.#serves.mayHave(path);
    return isAsked && this.#serves.refuse(path, head.id, 'the message is malformed', slots);
  }

  /** A message over a limit is not looked into: its sender is told, or whoever waits for it here. */
  #tooLarge(path: string, data: unknown, slots: Slots, over: ExceededLimit): boolean {
    const head = grammar.parseHead(data);
    if (head === undefined || !(this.#serves.mayHave(path) || this.#calls.has(path))) return false;
    const reason = `the message is over the limit \`${over}\``;
    if (head.isRequest) return this.#serves.refuse(path, head.id, reason, slots);
    this.#calls.giveBack(slots);
    return this.#calls.settle(path, head.id, thrown(reason)) && this.#calls.isBounded;
  }
}

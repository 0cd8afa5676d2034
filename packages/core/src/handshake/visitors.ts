import { MuntinError } from '../errors.ts';
import { REFUSE } from '../link/messages.ts';
import type { GuestEndpoint } from './endpoints.ts';
import type { LoopCounter } from './loops.ts';
import type { HostSignalName, HostState } from './machine.ts';
import {
  commonVersion,
  type Hello,
  type Here,
  type Introduction,
  isEqualList,
  isReady,
  type Refusal,
  type Welcome,
} from './messages.ts';
import { isSameDocument, type OriginMark } from './origin-mark.ts';
import type { Offer } from './reception.ts';
import { loopError, strangerError, versionError } from './refusals.ts';

/** What documents that say hello are judged by, and told. */
export interface VisitorOptions {
  readonly endpoint: GuestEndpoint;
  readonly introduction: Introduction;
  /** What extensions have to say first to a guest that serves so. */
  readonly notes: (serves: readonly string[]) => unknown;
  /** Why a well-formed hello does not fit; `undefined` when it does. */
  readonly judge: (hello: Hello) => Refusal | undefined;
}

/** What a hello means for the table, and why. `spent`: the document that had the secret is not the one that is there, or has given it away. */
type Verdict = readonly [signal: HostSignalName | 'spent', cause?: MuntinError];

/** Who said the hello that was welcomed last. */
interface Guest {
  readonly nonce: string;
  readonly document: string;
  readonly secret: string | undefined;
  readonly mark: OriginMark | undefined;
  /** The window that it came from. */
  readonly place: unknown;
}

/** The documents that say hello in the guest's place: what is made of each, and which of them was welcomed last. */
export class Visitors {
  readonly #options: VisitorOptions;
  readonly #loops: LoopCounter;
  readonly #newId: () => string;
  #offer: Offer | undefined;
  #guest: Guest | undefined;
  #refusal: Refusal | undefined;
  #session = '';

  constructor(options: VisitorOptions, loops: LoopCounter, newId: () => string) {
    this.#options = options;
    this.#loops = loops;
    this.#newId = newId;
  }

  /** The window that the guest said hello from. */
  get place(): unknown {
    return this.#guest?.place;
  }

  /** The host begins anew: nobody belongs to a session. */
  forgetSession(): void {
    this.#session = '';
  }

  /** A document says hello. */
  judge(offer: Offer, state: HostState): Verdict {
    const { data, port, mark, place } = offer;
    const secret = this.#options.endpoint.secret?.();
    if (secret !== undefined && !this.#isKnown(data, mark, secret)) {
      port.close();
      // The goodbye of the document that was welcomed may come later than the hello of the next one.
      return data.secret === secret || hasSession(state) ? ['spent'] : ['stranger', this.strangerError()];
    }
    this.#offer = offer;
    const isAgain = data.nonce === this.#guest?.nonce;
    if (isAgain && hasSession(state)) return ['again'];
    const misfit = this.#misfit(data);
    if (misfit !== undefined) {
      const isSecond = hasSession(state) && data.document !== undefined && data.document === this.#guest?.document;
      return this.#turnAway(misfit, isSecond ? 'second' : 'misfit');
    }
    // In `barred` nothing is welcomed, and so nothing counted.
    const isCounted = state !== 'barred' && state !== 'closed';
    if (isCounted && this.#loops.isLoop(place)) return this.#turnAway(loopError(), 'loop');
    return [isAgain ? 'again' : 'hello', new MuntinError('PEER_RELOADED', 'The guest has reloaded')];
  }

  /** Why a document that is not the guest's may not come in. `origin`: where that is known. */
  strangerError(origin?: string): MuntinError {
    return strangerError(this.#options.endpoint, origin, this.#session !== '');
  }

  /** What the document says that spoke last is taken up: it is the guest now, and gets a session of its own. */
  welcome(): { readonly port: MessagePort; readonly welcome: Welcome; readonly hello: Hello } | undefined {
    if (this.#offer === undefined) return undefined;
    const { data, port, mark, place } = this.#offer;
    const { introduction, notes } = this.#options;
    this.#guest = { nonce: data.nonce, document: data.document ?? data.nonce, secret: data.secret, mark, place };
    this.#session = this.#newId();
    const version = commonVersion(data.versions, introduction.versions) ?? 0;
    const codec = introduction.codecs.find((name) => data.codecs.includes(name)) ?? 'structured-clone';
    const heard = data.versions;
    const welcome = { ...introduction, version, heard, codec, session: this.#session, notes: notes(data.serves) };
    return { port, welcome, hello: data };
  }

  /** The document that spoke last is told why it does not fit. */
  refuse(): void {
    this.#offer?.port.postMessage([[REFUSE, this.#refusal]]);
    this.dismiss();
  }

  /** The document that spoke last gets no answer. */
  dismiss(): void {
    this.#offer?.port.close();
  }

  /** Whether this is the ready that belongs to the welcome. */
  isReady(data: unknown): boolean {
    return (
      isReady(data) && data.session === this.#session && isEqualList(data.heard, this.#options.introduction.versions)
    );
  }

  /** Whether an answer is of the session's document. `elsewhere`: another document has been told the session's name. */
  recognise({ session }: Here, mark: OriginMark | undefined): 'here' | 'elsewhere' | undefined {
    if (session !== this.#session) return undefined;
    return isSameDocument(mark, this.#guest?.mark) ? 'here' : 'elsewhere'; // an opaque origin belongs to one document
  }

  /** Whether a document may use the secret: the first that comes with it, and where the browser shows it, nobody who was given it. */
  #isKnown({ secret: given, nonce, document = nonce }: Hello, mark: OriginMark | undefined, secret: string): boolean {
    if (given !== secret) return false;
    const guest = this.#guest;
    return guest?.secret !== secret || (document === guest.document && isSameDocument(mark, guest.mark));
  }

  #misfit(hello: Hello): Refusal | undefined {
    const { introduction, judge } = this.#options;
    if (commonVersion(hello.versions, introduction.versions) !== undefined) return judge(hello);
    return versionError(hello.versions, introduction.versions);
  }

  #turnAway({ code, message }: Refusal, signal: HostSignalName): Verdict {
    this.#refusal = { code, message };
    return [signal, new MuntinError(code, message)];
  }
}

function hasSession(state: HostState): boolean {
  return state === 'open' || state === 'opening' || state === 'doubted' || state === 'held';
}

import type { MuntinError } from '@muntin/core';
import type { GuestEndpoint, Listened } from '@muntin/core/internal';
import type { Case } from './diagnosis/evidence.ts';

/** Where a guest lives: a frame, a window, a worker. It knows how to put a guest there, how it is heard, and what the place shows of it. */
export interface Container {
  /** How the guest is heard and reached. */
  readonly endpoint: GuestEndpoint;
  /** Whether signs of life are asked for although nothing is pending. */
  readonly isWatched: boolean;
  /** The host's own page, which may be frozen. @defaultValue the window of this script */
  readonly page?: Listened;
  /** Loads the guest, for the first time or anew. `isReady`: the one that is there has said ready, and is heard. */
  load(isReady: boolean): void;
  /** Takes the guest away and stops to watch. */
  remove(): void;
  /** Why the guest did not connect in time. It never rejects. */
  diagnose(facts: Case): MuntinError | Promise<MuntinError>;
  /** Why the guest has no place any more; `undefined` while it has one. */
  missing(): MuntinError | undefined;
  /** The guest cannot have begun to load: the time to connect does not run. */
  isDormant(): boolean;
  /** The session is open. */
  opened(): void;
  /** The guest's document goes away. True: the place takes no other, and the container makes a new one. */
  left(): boolean;
}

/** What a container tells its mount. */
export interface ContainerEvents {
  /** A document, perhaps another one, has been loaded. */
  loaded(): void;
  /** There is evidence that the guest will not connect. */
  giveUp(error: MuntinError): void;
  /** This page goes away, and the guest stays: it is told. */
  hangUp(): void;
  /** Asks the guest for a hello. */
  knock(): void;
  /** Whether a hello is awaited. */
  isWaiting(): boolean;
  /** Looks whether the guest still has its place. */
  checkPlace(): void;
}

/** Makes a container and puts the guest's place into the page at once, where the browser can begin with it while all else is made. */
export type OpenContainer<T extends Container> = (events: ContainerEvents) => T;

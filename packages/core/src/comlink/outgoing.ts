import { cloneOf } from '../clone.ts';
import { MuntinError } from '../errors.ts';
import { mayContainReference } from '../reference/detect.ts';
import { isProxy, type WireValue, withValue } from './grammar.ts';

/** A message of Comlink's, with its ports and what else it gives away taken out. */
export interface Outgoing {
  readonly values: readonly WireValue[];
  /** By the place where each belongs. */
  readonly ports: ReadonlyMap<number, MessagePort>;
  readonly transfer: readonly Transferable[];
}

/** How what Comlink posts becomes ours: copied at once, or as it came, where it came through a port. */
export type Copy = (outgoing: Outgoing) => Outgoing;

export const asItIs: Copy = (outgoing) => outgoing;

/** What the application changes after its call is not sent; what it gives away is gone at once. Throws where it cannot be cloned. */
export const snapshot: Copy = ({ values, ports, transfer }) => {
  try {
    // Where the browser does not refuse it.
    const isWreck = transfer.length === 0 && mayContainReference(values, true) && cloneOf(values) !== undefined;
    if (isWreck)
      throw new MuntinError(
        'VALUE_NOT_CLONEABLE',
        'Something live would cross as a wreck: proxy() it, or pass it in a call',
      );
    const copy = cloneOf({ values, transfer }, transfer);
    return { ...copy, ports };
  } catch (error) {
    closePorts([...ports.values()]);
    throw error;
  }
};

/** Takes out the ports that stand for what Comlink proxies. `undefined` where there are others. */
export function takePorts(
  values: readonly WireValue[],
  firstSlot: number,
  given: readonly Transferable[],
): Outgoing | undefined {
  const ports = new Map<number, MessagePort>();
  const rest = values.map((value, index) => {
    if (!(isProxy(value) && value.value instanceof MessagePort)) return value;
    ports.set(index + firstSlot, value.value);
    return withValue(value, null);
  });
  const proxied = new Set<unknown>(ports.values());
  const transfer = given.filter((item) => !(item instanceof MessagePort));
  const isFine =
    given.length - transfer.length === ports.size &&
    given.every((item) => !(item instanceof MessagePort) || proxied.has(item));
  return isFine ? { values: rest, ports, transfer } : undefined;
}

export function closePorts(transfer: readonly Transferable[]): void {
  for (const item of transfer) if (item instanceof MessagePort) item.close();
}

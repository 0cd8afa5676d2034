/** What is done before the document of a guest goes away because the host wants it so; what it returns, when the next one is there. */
export type Leave = () => Promise<(() => Promise<unknown>) | undefined>;

/** Something with a frame: by that, which no framework puts a proxy around, it is known again. */
interface WithFrame {
  readonly frame: HTMLIFrameElement;
}

const registered = new WeakMap<HTMLIFrameElement, readonly Leave[]>();

/** Extensions that keep something over a reload say here what is to be done first. Returns what takes that back, for the end of the mount. */
export function beforeLeaving({ frame }: WithFrame, one: Leave): () => void {
  registered.set(frame, [...(registered.get(frame) ?? []), one]);
  return () => {
    const others = (registered.get(frame) ?? []).filter((other) => other !== one);
    registered.set(frame, others);
  };
}

/** Does all that is to be done before a document goes away. It never rejects, nor does what it returns. */
export async function leave({ frame }: WithFrame): Promise<() => Promise<void>> {
  const left = await Promise.all((registered.get(frame) ?? []).map((one) => one().catch(() => undefined)));
  return async () => {
    await Promise.all(left.map(async (arrive) => arrive?.().catch(() => undefined)));
  };
}

import type { Side } from '../../src/rpc/sent-calls.ts';
import { Subject } from './subject.ts';

/** What each side was sent in an honest session, batch by batch. */
export type Recording = Readonly<Record<Side, readonly unknown[][]>>;

const longest = 60;

const turn = (ms = 2): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Lets two honest ends talk over real channels with somebody in between who writes everything down. */
export async function record(withCodec: boolean): Promise<Recording> {
  const toHost = new MessageChannel();
  const toGuest = new MessageChannel();
  const heard: Record<Side, unknown[][]> = { host: [], guest: [] };
  const carry = (from: MessagePort, to: MessagePort, side: Side): void => {
    from.onmessage = ({ data }: MessageEvent<unknown[]>) => {
      heard[side].push(data);
      to.postMessage(data);
    };
  };
  carry(toHost.port2, toGuest.port2, 'guest');
  carry(toGuest.port2, toHost.port2, 'host');
  const blame = (what: string): void => {
    throw new Error(`an honest session: ${what}`);
  };
  const host = new Subject('host', toHost.port1, withCodec, blame);
  const guest = new Subject('guest', toGuest.port1, withCodec, blame);
  host.use();
  guest.use();
  for (let count = 0; count < 20; count++) await turn();
  guest.close();
  await turn();
  host.close();
  for (const port of [toHost.port2, toGuest.port2]) port.close();
  // What arrives is used up. An endless stream goes on in the same way: its beginning is enough.
  return structuredClone({ host: heard.host.slice(0, longest), guest: heard.guest.slice(0, longest) });
}

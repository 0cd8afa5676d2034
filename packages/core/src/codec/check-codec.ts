import { inspect, invalidOption } from '../errors.ts';
import { structuredCloneName } from './codec.ts';

// What only helps whoever develops. Production builds have it without a body: see scripts/production.mjs.

// The handshake takes no longer one: see `isText` in handshake/messages.ts.
const maxName = 256;

/** Refuses what is no codec: the handshake would be refused for its name, and the first value for the rest. Throws `INVALID_OPTION`. */
export function checkCodec(codec: object | undefined): void {
  if (codec === undefined) return;
  const [name, encode, decode] = ['name', 'encode', 'decode'].map((key): unknown => Reflect.get(codec, key));
  if (typeof name !== 'string' || name === '' || name.length > maxName || name === structuredCloneName)
    throw invalidOption(
      `codec.name is ${inspect(name)}: give a string of its own, of 1 to ${maxName} characters, that both sides use`,
    );
  if (typeof encode !== 'function' || typeof decode !== 'function')
    throw invalidOption(`codec ${inspect(name)} has no ${typeof encode === 'function' ? 'decode' : 'encode'}()`);
}

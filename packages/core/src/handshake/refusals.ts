import { inspect, MuntinError } from '../errors.ts';
import type { GuestEndpoint } from './endpoints.ts';
import { maxUseless } from './loops.ts';

// Why a guest is not welcomed, for people.

/** Another document says hello in the guest's place. Without an origin it is one that can be the guest's, and does not know the secret. */
export function strangerError(
  { origin: pinnedOrigin, secret }: GuestEndpoint,
  origin: string | undefined,
  wasThere: boolean,
): MuntinError {
  const pinned = inspect(pinnedOrigin);
  const who =
    origin === undefined
      ? 'A document that was not given the secret of this mount'
      : `A document of ${inspect(origin)}`;
  const text = `${who} says hello in the place of the guest of ${pinned}`;
  if (wasThere) return new MuntinError('PEER_NAVIGATED', `${text}: it has navigated away`);
  if (origin === 'null')
    return new MuntinError(
      'GUEST_SANDBOXED',
      `The guest of ${pinned} has no origin of its own: a sandbox without "allow-same-origin" takes it away, of the frame or in the guest's Content-Security-Policy; add the token there, or mount the guest with opaque: true`,
    );
  const remedy =
    secret === undefined
      ? 'give the url that it is redirected to, if that is meant'
      : 'only the page that this mount has loaded can be its guest';
  return new MuntinError('GUEST_ORIGIN_MISMATCH', `${text}: ${remedy}`);
}

/** The guest has said, as in development, that this page is not one of its hosts. */
export function notAllowedError({ origin }: GuestEndpoint): MuntinError {
  const text = `The guest of ${inspect(origin)} does not list ${inspect(self.origin)}: add it to "hosts" in its expose(), if it is trusted`;
  return new MuntinError('HOST_NOT_ALLOWED', text);
}

/** The sides have no version of the protocol in common. */
export function versionError(guest: readonly number[], host: readonly number[]): MuntinError<'VERSION_MISMATCH'> {
  const text = `The guest speaks the protocol versions ${guest.join(', ')}, the host ${host.join(', ')}; update the older side`;
  return new MuntinError('VERSION_MISMATCH', text);
}

export function loopError(): MuntinError<'RELOAD_LOOP'> {
  const text = `The guest has loaded ${maxUseless} documents in a row, and none of them stayed: look for a reload in its script, then reload() the mount`;
  return new MuntinError('RELOAD_LOOP', text);
}

import { type ErrorCode, MuntinError } from '@muntin/core';
import { inspect } from '@muntin/core/internal';
import type { Case, Scene } from './evidence.ts';

// Less than what is left of a call's default time (10 s) when the guest's (8 s) has run out: the call's error names the cause.
const inquiryMs = 1500;

/**
 * Why a guest did not connect: asks the part that is loaded for that only. Where that cannot be loaded, or takes too long, code and facts are
 * there all the same. Never rejects.
 */
export async function inquire(scene: Scene, facts: Case): Promise<MuntinError> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, inquiryMs);
  });
  const found = import('./loaded.ts').then(({ explain }) => explain(scene, facts)).catch(() => undefined);
  const conclusion = await Promise.race([found, late]);
  clearTimeout(timer);
  return conclusion === undefined ? plain(scene, facts) : new MuntinError(conclusion.code, conclusion.text);
}

function plain({ what, origin }: Scene, { seen, wasReady, timeoutMs }: Case): MuntinError {
  const { hellos, loads, malformed } = seen;
  const code: ErrorCode =
    hellos > 0
      ? 'PEER_UNRESPONSIVE'
      : wasReady
        ? 'PEER_NAVIGATED'
        : seen.hasThrown
          ? 'GUEST_SCRIPT_FAILED'
          : what === 'frame' && loads === 0
            ? 'GUEST_NOT_LOADED'
            : 'GUEST_SILENT';
  return new MuntinError(
    code,
    `${inspect(origin)} ${timeoutMs} ms; loads: ${loads}, hellos: ${hellos}, malformed: ${malformed}`,
  );
}

import { type Policy, readPolicy } from '../policy/policy.ts';

/** What a frame is made from. */
export interface FrameOptions {
  readonly title: string;
  readonly isOpaque: boolean;
  readonly policy: Policy | undefined;
}

/** Makes a frame with every attribute that restricts it; its address is set last, when somebody listens. */
export function createFrame(document: Document, { title, policy, isOpaque }: FrameOptions): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  const { sandbox, allow, credentialless } = readPolicy(policy, isOpaque, 'credentialless' in frame);
  frame.title = title;
  frame.setAttribute('sandbox', sandbox);
  frame.setAttribute('allow', allow);
  frame.toggleAttribute('credentialless', credentialless);
  frame.referrerPolicy = 'strict-origin';
  return frame;
}

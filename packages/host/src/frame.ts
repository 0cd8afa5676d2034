import { type Policy, readPolicy } from './policy/policy.ts';

/** What a frame is made from. */
export interface FrameOptions {
  readonly url: string;
  readonly title: string;
  readonly policy: Policy | undefined;
}

/** Makes a frame with every attribute that restricts it; its `src` is set last, by {@link load}, when somebody listens. */
export function createFrame(document: Document, { title, policy }: FrameOptions): HTMLIFrameElement {
  const { sandbox, allow } = readPolicy(policy);
  const frame = document.createElement('iframe');
  frame.title = title;
  frame.setAttribute('sandbox', sandbox);
  frame.setAttribute('allow', allow);
  frame.referrerPolicy = 'strict-origin';
  return frame;
}

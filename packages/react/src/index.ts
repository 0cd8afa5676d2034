export { type FrameProps, MuntinFrame } from './frame.ts';
export { type Contextual, useContextValue, useLive } from './live.ts';
export { type Streamed, useStream } from './stream.ts';
export { type ExposeHookOptions, useExpose } from './use-expose.ts';
export { type MountHookOptions, type Mounting, useMount } from './use-mount.ts';

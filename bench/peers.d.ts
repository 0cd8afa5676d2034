// Types of packages that bring none that can be found, as far as the benchmark uses them.

declare module 'post-robot' {
  interface Message {
    // oxlint-disable-next-line typescript/no-explicit-any -- what it is, only the other page knows
    readonly data: any;
  }
  interface Options {
    readonly window?: Window;
    readonly domain?: string;
    readonly fireAndForget?: boolean;
  }
  const postRobot: {
    on(name: string, options: Options, handler: (message: Message) => unknown): { cancel(): void };
    send(target: Window, name: string, data: unknown, options: Options): Promise<Message>;
  };
  export default postRobot;
}

declare module 'postmate' {
  interface Child {
    get(name: string): Promise<unknown>;
    call(name: string, data: unknown): void;
    on(event: string, handler: (data: unknown) => void): void;
    destroy(): void;
  }
  interface Host {
    emit(event: string, data: unknown): void;
  }
  interface Postmate {
    new (options: { container: Element; url: string; name: string }): Promise<Child>;
    readonly Model: new (model: object) => Promise<Host>;
  }
  const postmate: Postmate;
  export default postmate;
}

declare module 'post-me' {
  // oxlint-disable-next-line typescript/no-explicit-any -- any function can be one
  type Methods = Record<string, (...args: any[]) => unknown>;
  interface RemoteHandle<M extends Methods> {
    call<K extends keyof M>(name: K, ...args: Parameters<M[K]>): Promise<Awaited<ReturnType<M[K]>>>;
    customCall<K extends keyof M>(
      name: K,
      args: Parameters<M[K]>,
      options: { transfer: Transferable[] },
    ): Promise<Awaited<ReturnType<M[K]>>>;
    addEventListener(event: string, listener: (data: unknown) => void): void;
  }
  interface LocalHandle {
    emit(event: string, data: unknown): void;
    setReturnTransfer(name: string, transfer: (result: ArrayBuffer) => Transferable[]): void;
  }
  interface Connection {
    localHandle(): LocalHandle;
    remoteHandle<M extends Methods>(): RemoteHandle<M>;
    close(): void;
  }
  interface Messenger {
    readonly postMessage: unknown;
  }
  export const WindowMessenger: new (options: {
    localWindow: Window;
    remoteWindow: Window;
    remoteOrigin: string;
  }) => Messenger;
  export function ParentHandshake(messenger: Messenger, methods: Methods, maxAttempts?: number): Promise<Connection>;
  export function ChildHandshake(messenger: Messenger, methods: Methods): Promise<Connection>;
}

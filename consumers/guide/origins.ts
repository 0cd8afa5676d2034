declare global {
  const frame: HTMLIFrameElement & { contentWindow: Window };
  function draw(data: unknown): void;
}

export {};

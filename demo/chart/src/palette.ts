/** The colours that the canvas needs, read from the style sheet: a canvas has no cascade. */
export interface Palette {
  readonly line: string;
  readonly ghost: string;
  readonly mark: string;
  readonly accent: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly font: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    line: read('--line'),
    ghost: read('--line-strong'),
    mark: read('--mark'),
    accent: read('--accent'),
    ink: read('--ink'),
    inkSoft: read('--ink-soft'),
    font: `12px ${read('--font')}`,
  };
}

/** The colours that the canvas needs, read from the style sheet: a canvas has no cascade. */
export interface Palette {
  readonly well: string;
  readonly land: string;
  readonly border: string;
  readonly line: string;
  readonly ghost: string;
  readonly mark: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly ink: string;
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    well: read('--well'),
    land: read('--land'),
    border: read('--border'),
    line: read('--line'),
    ghost: read('--line-strong'),
    mark: read('--mark'),
    accent: read('--accent'),
    accentSoft: read('--accent-soft'),
    ink: read('--ink'),
  };
}

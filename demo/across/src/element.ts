/** Makes an element with attributes and children. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A button that does one thing. */
export function button(testId: string, text: string, kind: 'plain' | 'hostile', act: () => unknown): HTMLButtonElement {
  const made = element('button', { type: 'button', class: kind, 'data-testid': testId }, text);
  made.addEventListener('click', () => void act());
  return made;
}

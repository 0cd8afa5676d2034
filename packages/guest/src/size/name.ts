/** How a person finds an element again, as in `main > div#app.wide`. Production builds do not have it. */
export function nameOf(element: Element | undefined): string {
  if (element === undefined) return '';
  const { localName, id, classList, parentElement } = element;
  const own = localName + (id === '' ? [...classList].map((name) => `.${name}`).join('') : `#${id}`);
  return parentElement === null || id !== '' ? own : `${nameOf(parentElement)} > ${own}`;
}

/** Where an element is, as a text: from the nearest `id` around it downwards, by index; `^` goes into a shadow tree. */
export function placeOf(element: Element): string {
  const path: string[] = [];
  let node: Element = element;
  for (;;) {
    const root = node.getRootNode();
    // An id is looked up in the document only.
    if (root === node.ownerDocument && node.id !== '' && node.ownerDocument.getElementById(node.id) === node) break;
    const parent = node.parentNode;
    if (parent === null || parent === node.ownerDocument) break;
    path.unshift(String([...parent.children].indexOf(node)));
    if (parent instanceof ShadowRoot) {
      path.unshift('^');
      node = parent.host;
    } else if (parent instanceof Element) node = parent;
    else break;
  }
  return JSON.stringify([node.id, element.localName, ...path]);
}

/** The element that is there now; none where it is none of the same name. */
export function findPlace(place: string): Element | undefined {
  const steps: unknown = readPlace(place);
  if (!Array.isArray(steps)) return undefined;
  const [id, name, ...path] = steps.map(String);
  let node: ParentNode | null | undefined =
    id === '' || id === undefined ? document.documentElement : document.getElementById(id);
  for (const step of path)
    if (step !== '^') node = node?.children[Number(step)];
    else node = node instanceof Element ? node.shadowRoot : undefined;
  return node instanceof Element && node.localName === name ? node : undefined;
}

function readPlace(place: string): unknown {
  try {
    return JSON.parse(place);
  } catch {
    return undefined;
  }
}

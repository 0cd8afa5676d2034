import { MuntinFrameElement } from './muntin-frame.ts';

export { MuntinFrameElement, type MuntinFrameEvents } from './muntin-frame.ts';

// Not on a server; and the first version in a page stays, where it has two.
if (typeof customElements !== 'undefined' && customElements.get('muntin-frame') === undefined)
  customElements.define('muntin-frame', MuntinFrameElement);

declare global {
  interface HTMLElementTagNameMap {
    /** A guest page from another origin. */
    'muntin-frame': MuntinFrameElement;
  }
}

/** An address in what a browser says of a module that it could not import. */
const address = /https?:\/\/[^\s"'<>]+/u;

/**
 * Imports a part again that could not be loaded. By the HTML Standard a page remembers the failure for the address, and Firefox does: there
 * every later import fails without asking the network. So the address that the browser names in its error is asked for with another query.
 *
 * It works with bundlers because nothing has to be known about the address before: they see the plain import only, in `load`. Chromium tries again
 * by itself. WebKit remembers, too, and names no address: there only a new document has the part.
 */
export async function importAgain<T extends object>(
  load: () => Promise<T>,
  failure: unknown,
  attempt: number,
  page: Page = here,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const again = addressOf(error, page) ?? addressOf(failure, page);
    if (again === undefined) throw error;
    again.searchParams.set('retry', String(attempt));
    return (await page.importAt(again.href)) as T; // the same file, under another address
  }
}

/** Where this file is, and how it imports others. */
interface Page {
  readonly own: string;
  importAt(address: string): Promise<unknown>;
}

const here: Page = {
  own: import.meta.url,
  importAt: (url) => import(/* @vite-ignore */ /* webpackIgnore: true */ url),
};

/** Of the origin of this file only: an error is text, and what it names is run. */
function addressOf(failure: unknown, page: Page): URL | undefined {
  try {
    const url = new URL(address.exec((failure as Error).message)?.[0] ?? '');
    return url.origin === new URL(page.own).origin ? url : undefined;
  } catch {
    return undefined; // no address, or no error
  }
}

// One server of this machine answers under all these names. To a browser they are as many strangers.

/** The origin that a name of this machine has. */
function originOf(name: string): string {
  return `${location.protocol}//${name}${location.port === '' ? '' : `:${location.port}`}`;
}

export const shop: string = originOf('shop.localhost');
/** Its address begins with the whole address of the shop, as a check of the beginning has it. */
export const stranger: string = originOf('shop.localhost.evil.localhost');
export const books: string = originOf('books.localhost');
/** Where the prices are. */
export const prices: string = originOf('127.0.0.1');

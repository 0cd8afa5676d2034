const mostChars = 200;
const mostEntries = 10;
const mostLevels = 3;

/**
 * A value in one short line, whatever its size: at most 200 characters, ten entries a level, three levels. It calls none of its methods
 * and no accessor, and control characters are escaped, so that what a peer sends stays in its line.
 */
export function preview(value: unknown): string {
  const text = textOf(value, mostLevels);
  return text.length > mostChars ? `${text.slice(0, mostChars - 1)}…` : text;
}

function textOf(value: unknown, levels: number): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'bigint') return 'a bigint'; // a long one takes minutes to write
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return list('[', ']', value.length, levels, () => entriesOf(value, levels, false));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null)
    return list('{', '}', Object.keys(value).length, levels, () => entriesOf(value, levels, true));
  return Object.prototype.toString.call(value).slice(8, -1);
}

function list(open: string, close: string, count: number, levels: number, entries: () => readonly string[]): string {
  if (count === 0) return open + close;
  if (levels === 0) return `${open}…${close}`;
  const more = count > mostEntries ? [`${count - mostEntries} more`] : [];
  return `${open}${[...entries(), ...more].join(', ')}${close}`;
}

function entriesOf(value: object, levels: number, isNamed: boolean): readonly string[] {
  const keys = isNamed
    ? Object.keys(value).slice(0, mostEntries)
    : Array.from({ length: Array.isArray(value) ? Math.min(mostEntries, value.length) : 0 }, (_, index) =>
        String(index),
      );
  return keys.map((key) => {
    const found = Object.getOwnPropertyDescriptor(value, key);
    const text = found === undefined ? '' : 'value' in found ? textOf(found.value, levels - 1) : '(getter)';
    return isNamed ? `${/^[\w$]{1,64}$/.test(key) ? key : quote(key)}: ${text}` : text;
  });
}

/** `JSON.stringify` escapes control characters up to U+001F only. */
function quote(text: string): string {
  const cut = text.length > mostChars ? `${text.slice(0, mostChars)}…` : text;
  return JSON.stringify(cut).replace(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

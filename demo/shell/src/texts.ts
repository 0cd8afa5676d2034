import type { Locale } from '@quake-desk/contracts/context';
import { formatLocale } from '@quake-desk/contracts/language';
import type { Box, Range } from '@quake-desk/contracts/selection';
import { type Words, words } from './words.ts';

/** Everything the desk says in one language: its words, and numbers and dates as that language writes them. */
export class Texts {
  readonly locale: Locale;
  readonly words: Words;
  readonly #whole: Intl.NumberFormat;
  readonly #tenths: Intl.NumberFormat;
  readonly #hundredths: Intl.NumberFormat;
  readonly #clockDay: Intl.DateTimeFormat;
  readonly #clockTime: Intl.DateTimeFormat;
  readonly #moment: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;

  constructor(locale: Locale) {
    const utc = { timeZone: 'UTC' } as const;
    const tag = formatLocale(locale);
    this.locale = locale;
    this.words = words[locale];
    this.#whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
    this.#tenths = new Intl.NumberFormat(tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.#hundredths = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.#clockDay = new Intl.DateTimeFormat(tag, {
      ...utc,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
    });
    this.#clockTime = new Intl.DateTimeFormat(tag, {
      ...utc,
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    this.#moment = new Intl.DateTimeFormat(tag, {
      ...utc,
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    this.#day = new Intl.DateTimeFormat(tag, { ...utc, dateStyle: 'long' });
  }

  readonly whole = (value: number): string => this.#whole.format(value);

  readonly hundredths = (value: number): string => this.#hundredths.format(value);

  readonly magnitude = (value: number): string => `M ${this.#tenths.format(value)}`;

  readonly milliseconds = (value: number): string => `${this.#tenths.format(value)} ms`;

  readonly clockDay = (time: number): string => this.#clockDay.format(time);

  readonly clockTime = (time: number): string => this.#clockTime.format(time);

  readonly days = (from: number, to: number): string => this.#day.formatRange(from, to);

  readonly moment = (time: number): string => `${this.#day.format(time)}, ${this.#clockTime.format(time)} UTC`;

  box({ west, south, east, north }: Box): string {
    return `${this.#longitude(west)} – ${this.#longitude(east)}, ${this.#latitude(south)} – ${this.#latitude(north)}`;
  }

  range({ from, to, weakest, strongest }: Range): string {
    return `${this.#moment.formatRange(from, to)} UTC, M ${this.#tenths.format(weakest)} – ${this.#tenths.format(strongest)}`;
  }

  #longitude(degrees: number): string {
    return `${this.#tenths.format(Math.abs(degrees))}° ${degrees < 0 ? this.words.west : this.words.east}`;
  }

  #latitude(degrees: number): string {
    return `${this.#tenths.format(Math.abs(degrees))}° ${degrees < 0 ? this.words.south : this.words.north}`;
  }
}

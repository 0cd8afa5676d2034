import type { Locale } from './context.ts';
import { formatLocale } from './language.ts';
import type { Stake } from './stake.ts';

const words: Readonly<Record<Locale, Readonly<Record<'key' | 'balance' | 'notes', string>>>> = {
  en: { key: 'Session key', balance: 'Balance', notes: 'Notes' },
  de: { key: 'Sitzungsschlüssel', balance: 'Kontostand', notes: 'Notizen' },
  ar: { key: 'مفتاح الجلسة', balance: 'الرصيد', notes: 'ملاحظات' },
  ja: { key: 'セッションキー', balance: '残高', notes: 'メモ' },
};
const fields = ['key', 'balance', 'notes'] as const;

/** What is at stake in a page, as its visitor sees it. */
export class StakeView {
  readonly root = document.createElement('dl');
  readonly #terms = new Map<string, HTMLElement>();
  readonly #values = new Map<string, HTMLElement>();

  constructor() {
    this.root.className = 'stake';
    for (const name of fields) {
      const term = document.createElement('dt');
      const value = document.createElement('dd');
      value.dataset['stake'] = name;
      this.#terms.set(name, term);
      this.#values.set(name, value);
      const pair = document.createElement('div');
      pair.append(term, value);
      this.root.append(pair);
    }
  }

  show({ key, balance, notes }: Stake, locale: Locale): void {
    const euros = new Intl.NumberFormat(formatLocale(locale), {
      style: 'currency',
      currency: 'EUR',
      maximumFractionDigits: 0,
    });
    const said = { key, balance: euros.format(balance), notes: notes.at(-1) ?? '–' };
    for (const name of fields) {
      this.#set(this.#terms.get(name), words[locale][name]);
      this.#set(this.#values.get(name), said[name]);
    }
    this.#values.get('balance')?.toggleAttribute('data-less', balance < 1_000);
  }

  #set(node: HTMLElement | undefined, text: string): void {
    if (node !== undefined && node.textContent !== text) node.textContent = text;
  }
}

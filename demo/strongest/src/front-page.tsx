import { useContextValue, useExpose, useStream } from '@muntin/react';
import type { Locale } from '@quake-desk/contracts/context';
import { hosts } from '@quake-desk/contracts/hosts';
import { formatLocale, setLanguage } from '@quake-desk/contracts/language';
import { strongest } from '@quake-desk/contracts/reader';
import { Reading } from '@quake-desk/contracts/reading';
import { type ReactNode, useEffect, useState } from 'react';

const words: Readonly<Record<Locale, { readonly paper: string; readonly title: string; readonly none: string }>> = {
  en: { paper: 'The Tremor Tribune', title: 'The strongest of the week', none: 'Nothing to report.' },
  de: { paper: 'Die Beben-Post', title: 'Die stärksten der Woche', none: 'Nichts zu berichten.' },
  ar: { paper: 'بريد الزلازل', title: 'أقوى زلازل الأسبوع', none: 'لا شيء يُذكر.' },
  ja: { paper: '震動新聞', title: '今週の最大', none: '記事なし。' },
};
const listed = 6;

export function FrontPage(): ReactNode {
  const [reading] = useState(() => new Reading());
  const [trouble, setTrouble] = useState('');
  const shell = useExpose(strongest, {
    hosts,
    handlers: { status: () => reading.status$, locate: ({ id }) => reading.has(id) },
  });
  const { locale, theme } = useContextValue(shell, (context) => context) ?? { locale: 'en', theme: 'light' };
  const { value: shown = [] } = useStream(() => reading.shown$, [reading]);
  useEffect(() => shell && reading.follow(shell.host, (error) => setTrouble(String(error))), [shell, reading]);
  useEffect(() => {
    setLanguage(locale);
    document.documentElement.dataset['theme'] = theme;
  }, [locale, theme]);
  const tenths = new Intl.NumberFormat(formatLocale(locale), { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const top = [...shown].sort((a, b) => b.magnitude - a.magnitude).slice(0, listed);
  const { paper, title, none } = words[locale];
  return (
    <>
      <header>
        <p>{paper}</p>
        <h1>{title}</h1>
      </header>
      {trouble}
      {top.length === 0 && <p>{none}</p>}
      <ol>
        {top.map(({ id, magnitude, place }) => (
          <li key={id}>
            <strong>{tenths.format(magnitude)}</strong> <span lang="en">{place}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

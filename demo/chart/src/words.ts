import type { Locale } from '@quake-desk/contracts/context';

export interface Words {
  readonly chart: string;
  readonly keys: string;
  readonly clear: string;
  readonly noRange: string;
  readonly magnitude: string;
  readonly perSpan: string;
  readonly atLeast: (magnitude: string) => string;
  readonly depth: string;
  readonly lost: string;
}

export const words: Record<Locale, Words> = {
  en: {
    chart: 'Chart of time and magnitude',
    keys: 'Enter places a range, arrow keys move it, Shift with arrow keys sizes it, Escape clears it.',
    clear: 'Clear range',
    noRange: 'Drag on the chart to choose a range',
    magnitude: 'Magnitude',
    perSpan: 'events in 3 h',
    atLeast: (magnitude) => `M ${magnitude} and over`,
    depth: 'depth',
    lost: 'The desk is not answering:',
  },
  de: {
    chart: 'Diagramm von Zeit und Magnitude',
    keys: 'Eingabe setzt einen Bereich, Pfeiltasten bewegen ihn, Umschalt mit Pfeiltasten ändert die Größe, Escape entfernt ihn.',
    clear: 'Bereich entfernen',
    noRange: 'Im Diagramm ziehen, um einen Bereich zu wählen',
    magnitude: 'Magnitude',
    perSpan: 'Beben je 3 Std.',
    atLeast: (magnitude) => `ab M ${magnitude}`,
    depth: 'Tiefe',
    lost: 'Das Pult antwortet nicht:',
  },
  ja: {
    chart: '時刻とマグニチュードのグラフ',
    keys: 'Enter で範囲を置き、矢印キーで移動、Shift と矢印キーで大きさを変更、Escape で解除します。',
    clear: '範囲を解除',
    noRange: 'グラフをドラッグして範囲を選びます',
    magnitude: 'マグニチュード',
    perSpan: '3時間ごとの件数',
    atLeast: (magnitude) => `M ${magnitude} 以上`,
    depth: '深さ',
    lost: 'デスクが応答しません:',
  },
  ar: {
    chart: 'مخطط الزمن والقوة',
    keys: 'مفتاح الإدخال يضع نطاقًا، والأسهم تحركه، وShift مع الأسهم يغيّر حجمه، وEscape يزيله.',
    clear: 'إزالة النطاق',
    noRange: 'اسحب على المخطط لاختيار نطاق',
    magnitude: 'القوة',
    perSpan: 'زلازل كل 3 ساعات',
    atLeast: (magnitude) => `M ${magnitude} فأكثر`,
    depth: 'العمق',
    lost: 'المكتب لا يجيب:',
  },
};

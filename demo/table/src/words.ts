import type { Locale } from '@quake-desk/contracts/context';

export interface Words {
  readonly table: string;
  readonly keys: string;
  readonly arrival: string;
  readonly time: string;
  readonly magnitude: string;
  readonly magnitudeShort: string;
  readonly depth: string;
  readonly place: string;
  readonly pick: string;
  readonly once: string;
  readonly clear: string;
  readonly rows: (count: string, isOne: boolean) => string;
  readonly picked: (count: string) => string;
  readonly newer: (count: string) => string;
  readonly empty: string;
  readonly lost: string;
}

export const words: Record<Locale, Words> = {
  en: {
    table: 'Table of arrivals',
    keys: 'Arrow keys move, Space picks, Shift with arrow keys picks several, Escape clears the picks.',
    arrival: 'Arrival',
    time: 'Time (UTC)',
    magnitude: 'Magnitude',
    magnitudeShort: 'Mag.',
    depth: 'Depth',
    place: 'Place',
    pick: 'Picked',
    once: 'Each event once',
    clear: 'Clear picks',
    rows: (count, isOne) => (isOne ? '1 row' : `${count} rows`),
    picked: (count) => `${count} picked`,
    newer: (count) => `Held: ${count} newer`,
    empty: 'No arrival passes the filters.',
    lost: 'The desk is not answering:',
  },
  de: {
    table: 'Tabelle der Meldungen',
    keys: 'Pfeiltasten bewegen, Leertaste wählt, Umschalt mit Pfeiltasten wählt mehrere, Escape hebt die Wahl auf.',
    arrival: 'Meldung',
    time: 'Zeit (UTC)',
    magnitude: 'Magnitude',
    magnitudeShort: 'Mag.',
    depth: 'Tiefe',
    place: 'Ort',
    pick: 'Gewählt',
    once: 'Jedes Beben einmal',
    clear: 'Wahl aufheben',
    rows: (count, isOne) => (isOne ? '1 Zeile' : `${count} Zeilen`),
    picked: (count) => `${count} gewählt`,
    newer: (count) => `Angehalten: ${count} neuere`,
    empty: 'Keine Meldung passt zu den Filtern.',
    lost: 'Das Pult antwortet nicht:',
  },
  ja: {
    table: '受信一覧',
    keys: '矢印キーで移動、Space で選択、Shift と矢印キーで複数選択、Escape で選択を解除します。',
    arrival: '受信番号',
    time: '時刻 (UTC)',
    magnitude: 'マグニチュード',
    magnitudeShort: 'M',
    depth: '深さ',
    place: '場所',
    pick: '選択',
    once: '同じ地震は1行だけ',
    clear: '選択を解除',
    rows: (count) => `${count} 行`,
    picked: (count) => `${count} 件選択`,
    newer: (count) => `停止中: 新着 ${count} 件`,
    empty: '条件に合うデータがありません。',
    lost: 'デスクが応答しません:',
  },
  ar: {
    table: 'جدول البلاغات',
    keys: 'الأسهم تتنقل، ومفتاح المسافة يختار، وShift مع الأسهم يختار عدة صفوف، وEscape يلغي الاختيار.',
    arrival: 'البلاغ',
    time: 'الوقت (UTC)',
    magnitude: 'القوة',
    magnitudeShort: 'القوة',
    depth: 'العمق',
    place: 'المكان',
    pick: 'مختار',
    once: 'كل زلزال مرة واحدة',
    clear: 'إلغاء الاختيار',
    rows: (count) => `الصفوف: ${count}`,
    picked: (count) => `المختارة: ${count}`,
    newer: (count) => `متوقف، الأحدث: ${count}`,
    empty: 'لا بلاغ يوافق المرشحات.',
    lost: 'المكتب لا يجيب:',
  },
};

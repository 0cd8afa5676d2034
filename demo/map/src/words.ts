import type { Locale } from '@quake-desk/contracts/context';

export interface Words {
  readonly map: string;
  readonly keys: string;
  readonly region: string;
  readonly everywhere: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly clear: string;
  readonly noBox: string;
  readonly recent: string;
  readonly magnitude: string;
  readonly depth: string;
  readonly lost: string;
  readonly regions: readonly string[];
  readonly north: string;
  readonly south: string;
  readonly east: string;
  readonly west: string;
}

/** The regions of the menu, in the order of `regions`: west, south, east, north. */
export const regionBoxes: readonly (readonly [number, number, number, number])[] = [
  [-170, 51, -130, 71],
  [-125, 32, -114, 42],
  [-162, 18, -154, 23],
  [-70, 16, -60, 20],
  [-82, -56, -66, 0],
  [118, 20, 150, 46],
  [94, -12, 142, 8],
  [160, -30, -170, -8],
  [60, 24, 100, 44],
];

export const words: Record<Locale, Words> = {
  en: {
    map: 'Map of earthquakes',
    keys: 'Enter places a box, arrow keys move it, Shift with arrow keys sizes it, Escape clears it.',
    region: 'Region',
    everywhere: 'Anywhere',
    zoomIn: 'Zoom to box',
    zoomOut: 'Whole world',
    clear: 'Clear box',
    noBox: 'Drag on the map to choose a box',
    recent: 'last 12 h of the record',
    magnitude: 'Magnitude',
    depth: 'depth',
    lost: 'The desk is not answering:',
    regions: [
      'Alaska',
      'California and Nevada',
      'Hawaii',
      'Puerto Rico',
      'Andes',
      'Taiwan and Japan',
      'Indonesia',
      'Vanuatu, Fiji, Tonga',
      'Himalaya and Hindu Kush',
    ],
    north: 'N',
    south: 'S',
    east: 'E',
    west: 'W',
  },
  de: {
    map: 'Karte der Erdbeben',
    keys: 'Eingabe setzt einen Rahmen, Pfeiltasten bewegen ihn, Umschalt mit Pfeiltasten ändert die Größe, Escape entfernt ihn.',
    region: 'Region',
    everywhere: 'Überall',
    zoomIn: 'Auf Rahmen zoomen',
    zoomOut: 'Ganze Welt',
    clear: 'Rahmen entfernen',
    noBox: 'Auf der Karte ziehen, um einen Rahmen zu wählen',
    recent: 'letzte 12 Std. der Aufzeichnung',
    magnitude: 'Magnitude',
    depth: 'Tiefe',
    lost: 'Das Pult antwortet nicht:',
    regions: [
      'Alaska',
      'Kalifornien und Nevada',
      'Hawaii',
      'Puerto Rico',
      'Anden',
      'Taiwan und Japan',
      'Indonesien',
      'Vanuatu, Fidschi, Tonga',
      'Himalaya und Hindukusch',
    ],
    north: 'N',
    south: 'S',
    east: 'O',
    west: 'W',
  },
  ja: {
    map: '地震の地図',
    keys: 'Enter で範囲を置き、矢印キーで移動、Shift と矢印キーで大きさを変更、Escape で解除します。',
    region: '地域',
    everywhere: 'すべて',
    zoomIn: '範囲を拡大',
    zoomOut: '全世界',
    clear: '範囲を解除',
    noBox: '地図をドラッグして範囲を選びます',
    recent: '記録の直近12時間',
    magnitude: 'マグニチュード',
    depth: '深さ',
    lost: 'デスクが応答しません:',
    regions: [
      'アラスカ',
      'カリフォルニアとネバダ',
      'ハワイ',
      'プエルトリコ',
      'アンデス',
      '台湾と日本',
      'インドネシア',
      'バヌアツ・フィジー・トンガ',
      'ヒマラヤとヒンドゥークシュ',
    ],
    north: 'N',
    south: 'S',
    east: 'E',
    west: 'W',
  },
  ar: {
    map: 'خريطة الزلازل',
    keys: 'مفتاح الإدخال يضع إطارًا، والأسهم تحركه، وShift مع الأسهم يغيّر حجمه، وEscape يزيله.',
    region: 'المنطقة',
    everywhere: 'كل مكان',
    zoomIn: 'تكبير الإطار',
    zoomOut: 'العالم كله',
    clear: 'إزالة الإطار',
    noBox: 'اسحب على الخريطة لاختيار إطار',
    recent: 'آخر 12 ساعة من السجل',
    magnitude: 'القوة',
    depth: 'العمق',
    lost: 'المكتب لا يجيب:',
    regions: [
      'ألاسكا',
      'كاليفورنيا ونيفادا',
      'هاواي',
      'بورتوريكو',
      'جبال الأنديز',
      'تايوان واليابان',
      'إندونيسيا',
      'فانواتو وفيجي وتونغا',
      'الهيمالايا وهندوكوش',
    ],
    north: 'شمال',
    south: 'جنوب',
    east: 'شرق',
    west: 'غرب',
  },
};

import type { MountState } from '@muntin/host';
import type { Locale } from '@quake-desk/contracts/context';

/** Widgets in which something can be chosen. */
export type ChooserName = 'map' | 'chart' | 'table';
export type WidgetName = ChooserName | 'strongest' | 'depths' | 'lab' | 'energy';

export interface Words {
  readonly line: string;
  readonly docs: string;
  readonly code: string;
  readonly across: string;
  readonly tagline: string;
  readonly play: string;
  readonly pause: string;
  readonly speed: string;
  readonly rate: (rate: string) => string;
  readonly measured: (rate: string) => string;
  readonly speedUp: (times: string) => string;
  readonly pass: (pass: string, told: string, count: string) => string;
  readonly clock: string;
  readonly theme: string;
  readonly light: string;
  readonly dark: string;
  readonly language: string;
  readonly filters: string;
  readonly noFilter: string;
  readonly passing: (shown: string, count: string) => string;
  readonly clearAll: string;
  readonly clearOne: (name: string) => string;
  readonly picks: (count: string, isOne: boolean) => string;
  readonly strongest: string;
  readonly show: string;
  readonly widgets: Record<WidgetName, string>;
  readonly states: Record<MountState['name'], string>;
  readonly origin: string;
  readonly maker: string;
  readonly roundTrip: string;
  readonly messages: string;
  readonly events: string;
  readonly shown: string;
  readonly perSecond: (rate: string) => string;
  readonly ofAll: (shown: string, held: string) => string;
  readonly move: (name: string) => string;
  readonly moved: (name: string, column: string, place: string) => string;
  readonly trace: string;
  readonly traceWidget: (name: string) => string;
  readonly traceTitle: string;
  readonly clear: string;
  readonly close: string;
  readonly outage: string;
  readonly outageOf: (name: string) => string;
  readonly reload: string;
  readonly remove: string;
  readonly mount: string;
  readonly reloadWidget: (name: string) => string;
  readonly removeWidget: (name: string) => string;
  readonly mountWidget: (name: string) => string;
  readonly removed: (name: string) => string;
  readonly loading: (name: string) => string;
  readonly failed: (name: string) => string;
  readonly silent: (name: string) => string;
  readonly serverGone: string;
  readonly serverGoneOf: (name: string) => string;
  readonly about: (facts: {
    count: string;
    leftOut: string;
    dates: string;
    generated: string;
    package: string;
  }) => string;
  readonly again: string;
  readonly live: LiveWords;
  readonly north: string;
  readonly south: string;
  readonly east: string;
  readonly west: string;
}

/** What is said of all widgets together. */
interface LiveWords {
  readonly title: string;
  readonly frames: string;
  readonly values: string;
  readonly messages: string;
  readonly calls: string;
  readonly measure: string;
  readonly measuring: string;
  readonly audit: string;
  readonly audited: (told: string, missing: string) => string;
  readonly law: string;
  readonly found: (b: string, count: string) => string;
  readonly wall: string;
  readonly open: string;
}

export const words: Record<Locale, Words> = {
  en: {
    line: 'Pages made of other people’s pages: typed calls and streams between origins, and nothing for a hostile widget.',
    docs: 'Docs',
    code: 'Code',
    across: 'Across origins',
    tagline: 'Seven days of earthquakes, told again',
    play: 'Play',
    pause: 'Pause',
    speed: 'Speed',
    rate: (rate) => `${rate} events/s`,
    measured: (rate) => `measured ${rate}/s`,
    speedUp: (times) => `${times} × real time`,
    pass: (pass, told, count) => `Pass ${pass}, event ${told} of ${count}`,
    clock: 'Clock of the record, UTC',
    theme: 'Theme',
    light: 'Light',
    dark: 'Dark',
    language: 'Language',
    filters: 'Filters',
    noFilter: 'Drag on the map or the chart, or pick rows: the other widgets follow.',
    passing: (shown, count) => `${shown} of ${count} events`,
    clearAll: 'Clear all',
    clearOne: (name) => `Clear the filter of the ${name.toLowerCase()}`,
    picks: (count, isOne) => (isOne ? '1 event' : `${count} events`),
    strongest: 'Strongest in this pass',
    show: 'Show',
    widgets: {
      map: 'Map',
      chart: 'Chart',
      table: 'Table',
      strongest: 'Front page',
      depths: 'Depths',
      lab: 'Lab',
      energy: 'Energy',
    },
    states: {
      idle: 'Idle',
      loading: 'Loading',
      handshaking: 'Shaking hands',
      ready: 'Ready',
      unresponsive: 'Not answering',
      reconnecting: 'Connecting again',
      failed: 'Failed',
      unmounted: 'Removed',
    },
    origin: 'Origin',
    maker: 'Made by',
    roundTrip: 'Round trip',
    messages: 'Messages',
    events: 'Events',
    shown: 'Shows',
    perSecond: (rate) => `${rate}/s`,
    ofAll: (shown, held) => `${shown} of ${held}`,
    move: (name) => `Move the ${name.toLowerCase()}: drag it, or press the arrow keys`,
    moved: (name, column, place) => `${name}: column ${column}, place ${place}`,
    trace: 'Trace',
    traceWidget: (name) => `Trace the ${name.toLowerCase()}`,
    traceTitle: 'What is said between the desk and its widgets',
    clear: 'Clear',
    close: 'Close',
    outage: 'Kill server',
    outageOf: (name) => `Kill server of the ${name.toLowerCase()} for some seconds`,
    reload: 'Reload',
    remove: 'Remove',
    mount: 'Mount',
    reloadWidget: (name) => `Reload the ${name.toLowerCase()}`,
    removeWidget: (name) => `Remove the ${name.toLowerCase()}`,
    mountWidget: (name) => `Mount the ${name.toLowerCase()}`,
    removed: (name) => `The ${name.toLowerCase()} is removed. The rest of the desk goes on.`,
    loading: (name) => `The ${name.toLowerCase()} is on its way.`,
    failed: (name) => `The ${name.toLowerCase()} could not be connected.`,
    silent: (name) => `The ${name.toLowerCase()} is not answering. It may be busy; the rest of the desk goes on.`,
    serverGone: 'Server away',
    serverGoneOf: (name) => `The server of the ${name.toLowerCase()} is away. The widget comes back by itself.`,
    about: (facts) =>
      `${facts.count} earthquakes of ${facts.dates}: the “All Earthquakes, Past Week” feed of the U.S. Geological Survey, generated ${facts.generated}, as packaged in ${facts.package}; its ${facts.leftOut} explosions and quarry blasts are left out. Coastlines and borders: Natural Earth.`,
    again: 'After the last event the record starts again.',
    live: {
      title: 'Live figures',
      frames: 'Frames alive',
      values: 'Values, all widgets',
      messages: 'Messages for that',
      calls: 'Calls to the chart, warm',
      measure: 'Measure',
      measuring: 'measuring …',
      audit: 'A worker audits',
      audited: (told, missing) => `${told} told, ${missing} missing`,
      law: 'A worker behind the lab, by Comlink',
      found: (b, count) => `b = ${b} of ${count}`,
      wall: 'A window of its own',
      open: 'Open the wall',
    },
    north: 'N',
    south: 'S',
    east: 'E',
    west: 'W',
  },
  de: {
    line: 'Seiten aus den Seiten anderer: typisierte Aufrufe und Ströme zwischen Origins, und nichts für ein feindliches Widget.',
    docs: 'Dokumentation',
    code: 'Code',
    across: 'Über Origins hinweg',
    tagline: 'Sieben Tage Erdbeben, noch einmal erzählt',
    play: 'Abspielen',
    pause: 'Anhalten',
    speed: 'Tempo',
    rate: (rate) => `${rate} Beben/s`,
    measured: (rate) => `gemessen ${rate}/s`,
    speedUp: (times) => `${times} × Echtzeit`,
    pass: (pass, told, count) => `Durchlauf ${pass}, Beben ${told} von ${count}`,
    clock: 'Uhr der Aufzeichnung, UTC',
    theme: 'Farben',
    light: 'Hell',
    dark: 'Dunkel',
    language: 'Sprache',
    filters: 'Filter',
    noFilter: 'In Karte oder Diagramm ziehen oder Zeilen wählen: die anderen folgen.',
    passing: (shown, count) => `${shown} von ${count} Beben`,
    clearAll: 'Alle aufheben',
    clearOne: (name) => `Filter aufheben: ${name}`,
    picks: (count, isOne) => (isOne ? '1 Beben' : `${count} Beben`),
    strongest: 'Stärkstes im Durchlauf',
    show: 'Zeigen',
    widgets: {
      map: 'Karte',
      chart: 'Diagramm',
      table: 'Tabelle',
      strongest: 'Titelseite',
      depths: 'Tiefen',
      lab: 'Labor',
      energy: 'Energie',
    },
    states: {
      idle: 'Untätig',
      loading: 'Lädt',
      handshaking: 'Verbindet',
      ready: 'Bereit',
      unresponsive: 'Antwortet nicht',
      reconnecting: 'Verbindet wieder',
      failed: 'Gescheitert',
      unmounted: 'Entfernt',
    },
    origin: 'Herkunft',
    maker: 'Von',
    roundTrip: 'Umlauf',
    messages: 'Nachrichten',
    events: 'Beben',
    shown: 'Zeigt',
    perSecond: (rate) => `${rate}/s`,
    ofAll: (shown, held) => `${shown} von ${held}`,
    move: (name) => `${name} versetzen: ziehen oder Pfeiltasten drücken`,
    moved: (name, column, place) => `${name}: Spalte ${column}, Platz ${place}`,
    trace: 'Mitlesen',
    traceWidget: (name) => `Mitlesen: ${name}`,
    traceTitle: 'Was Pult und Widgets einander sagen',
    clear: 'Leeren',
    close: 'Schließen',
    outage: 'Server aus',
    outageOf: (name) => `Server aus für einige Sekunden: ${name}`,
    reload: 'Neu laden',
    remove: 'Entfernen',
    mount: 'Einsetzen',
    reloadWidget: (name) => `${name} neu laden`,
    removeWidget: (name) => `${name} entfernen`,
    mountWidget: (name) => `${name} einsetzen`,
    removed: (name) => `${name} entfernt. Der Rest des Pults läuft weiter.`,
    loading: (name) => `${name} kommt gleich.`,
    failed: (name) => `Keine Verbindung: ${name}.`,
    silent: (name) => `${name} antwortet nicht, vielleicht beschäftigt. Der Rest des Pults läuft weiter.`,
    serverGone: 'Server weg',
    serverGoneOf: (name) => `Der Server ist weg: ${name}. Das Widget kommt von selbst wieder.`,
    about: (facts) =>
      `${facts.count} Erdbeben vom ${facts.dates}: der Datenstrom „All Earthquakes, Past Week“ des U.S. Geological Survey, erzeugt ${facts.generated}, aus ${facts.package}; seine ${facts.leftOut} Explosionen und Sprengungen sind weggelassen. Küsten und Grenzen: Natural Earth.`,
    again: 'Nach dem letzten Beben beginnt die Aufzeichnung von vorn.',
    live: {
      title: 'Zahlen von jetzt',
      frames: 'Lebende Frames',
      values: 'Werte, alle Widgets',
      messages: 'Nachrichten dafür',
      calls: 'Aufrufe ans Diagramm, warm',
      measure: 'Messen',
      measuring: 'misst …',
      audit: 'Ein Worker prüft',
      audited: (told, missing) => `${told} erhalten, ${missing} fehlen`,
      law: 'Ein Worker hinter dem Labor, per Comlink',
      found: (b, count) => `b = ${b} aus ${count}`,
      wall: 'Ein eigenes Fenster',
      open: 'Wand öffnen',
    },
    north: 'N',
    south: 'S',
    east: 'O',
    west: 'W',
  },
  ja: {
    line: '他者のページでできたページ。オリジンをまたぐ型付きの呼び出しとストリーム。悪意あるウィジェットには何も渡さない。',
    docs: 'ドキュメント',
    code: 'コード',
    across: 'オリジンを越えて',
    tagline: '7日間の地震をもう一度',
    play: '再生',
    pause: '一時停止',
    speed: '速度',
    rate: (rate) => `${rate} 件/秒`,
    measured: (rate) => `実測 ${rate} 件/秒`,
    speedUp: (times) => `実時間の ${times} 倍`,
    pass: (pass, told, count) => `${pass} 周目、${count} 件中 ${told} 件`,
    clock: '記録の時計 (UTC)',
    theme: 'テーマ',
    light: 'ライト',
    dark: 'ダーク',
    language: '言語',
    filters: '絞り込み',
    noFilter: '地図やグラフをドラッグするか、行を選ぶと、ほかの表示も連動します。',
    passing: (shown, count) => `${count} 件中 ${shown} 件`,
    clearAll: 'すべて解除',
    clearOne: (name) => `${name}の絞り込みを解除`,
    picks: (count) => `${count} 件`,
    strongest: 'この周の最大',
    show: '表示',
    widgets: {
      map: '地図',
      chart: 'グラフ',
      table: '一覧',
      strongest: '一面',
      depths: '深さ',
      lab: '研究室',
      energy: 'エネルギー',
    },
    states: {
      idle: '待機',
      loading: '読み込み中',
      handshaking: '接続中',
      ready: '準備完了',
      unresponsive: '応答なし',
      reconnecting: '再接続中',
      failed: '失敗',
      unmounted: '取り外し済み',
    },
    origin: 'オリジン',
    maker: '作者',
    roundTrip: '往復',
    messages: 'メッセージ',
    events: '地震',
    shown: '表示',
    perSecond: (rate) => `${rate} /秒`,
    ofAll: (shown, held) => `${held} 件中 ${shown}`,
    move: (name) => `${name}を移動: ドラッグまたは矢印キー`,
    moved: (name, column, place) => `${name}: ${column} 列目、${place} 番目`,
    trace: '追跡',
    traceWidget: (name) => `${name}を追跡`,
    traceTitle: 'デスクとウィジェットのやりとり',
    clear: '消去',
    close: '閉じる',
    outage: 'サーバー停止',
    outageOf: (name) => `${name}のサーバー停止 (数秒間)`,
    reload: '再読み込み',
    remove: '取り外す',
    mount: '取り付ける',
    reloadWidget: (name) => `${name}を再読み込み`,
    removeWidget: (name) => `${name}を取り外す`,
    mountWidget: (name) => `${name}を取り付ける`,
    removed: (name) => `${name}は取り外されています。ほかの表示はそのまま動きます。`,
    loading: (name) => `${name}を読み込んでいます。`,
    failed: (name) => `${name}に接続できませんでした。`,
    silent: (name) => `${name}が応答しません。処理中かもしれません。ほかの表示はそのまま動きます。`,
    serverGone: 'サーバー不在',
    serverGoneOf: (name) => `${name}のサーバーが応答しません。戻りしだい自動で再開します。`,
    about: (facts) =>
      `${facts.dates} の地震 ${facts.count} 件。米国地質調査所の「All Earthquakes, Past Week」フィード (${facts.generated} 生成)、${facts.package} より。爆発と採石発破 ${facts.leftOut} 件は除外。海岸線と国境: Natural Earth。`,
    again: '最後の地震の後、記録は最初から繰り返されます。',
    live: {
      title: '現在の数値',
      frames: '動作中のフレーム',
      values: '全ウィジェットの値',
      messages: 'そのメッセージ数',
      calls: 'グラフへの呼び出し (温後)',
      measure: '測る',
      measuring: '測定中…',
      audit: 'ワーカーの検査',
      audited: (told, missing) => `${told} 件受信、${missing} 件欠落`,
      law: '研究室の奥のワーカー (Comlink)',
      found: (b, count) => `b = ${b} (${count} 件)`,
      wall: '独立したウィンドウ',
      open: '壁を開く',
    },
    north: 'N',
    south: 'S',
    east: 'E',
    west: 'W',
  },
  ar: {
    line: 'صفحات من صفحات الآخرين: نداءات وتدفقات محددة الأنواع بين الأصول، ولا شيء لأداة معادية.',
    docs: 'التوثيق',
    code: 'الشيفرة',
    across: 'عبر الأصول',
    tagline: 'سبعة أيام من الزلازل، تُروى من جديد',
    play: 'تشغيل',
    pause: 'إيقاف مؤقت',
    speed: 'السرعة',
    rate: (rate) => `${rate} زلزال/ث`,
    measured: (rate) => `المقيس ${rate}/ث`,
    speedUp: (times) => `${times} × الزمن الحقيقي`,
    pass: (pass, told, count) => `الدورة ${pass}، الزلزال ${told} من ${count}`,
    clock: 'ساعة السجل بالتوقيت العالمي',
    theme: 'المظهر',
    light: 'فاتح',
    dark: 'داكن',
    language: 'اللغة',
    filters: 'المرشحات',
    noFilter: 'اسحب على الخريطة أو المخطط، أو اختر صفوفًا، فتتبعك الأدوات الأخرى.',
    passing: (shown, count) => `${shown} من ${count} زلزالًا`,
    clearAll: 'إلغاء الكل',
    clearOne: (name) => `إلغاء مرشح ${name}`,
    picks: (count, isOne) => (isOne ? 'زلزال واحد' : `الزلازل: ${count}`),
    strongest: 'الأقوى في هذه الدورة',
    show: 'إظهار',
    widgets: {
      map: 'الخريطة',
      chart: 'المخطط',
      table: 'الجدول',
      strongest: 'الصفحة الأولى',
      depths: 'الأعماق',
      lab: 'المختبر',
      energy: 'الطاقة',
    },
    states: {
      idle: 'ساكن',
      loading: 'يُحمَّل',
      handshaking: 'يتصل',
      ready: 'جاهز',
      unresponsive: 'لا يجيب',
      reconnecting: 'يعيد الاتصال',
      failed: 'فشل',
      unmounted: 'أُزيل',
    },
    origin: 'الأصل',
    maker: 'من صنع',
    roundTrip: 'الذهاب والإياب',
    messages: 'الرسائل',
    events: 'الزلازل',
    shown: 'المعروض',
    perSecond: (rate) => `${rate}/ث`,
    ofAll: (shown, held) => `${shown} من ${held}`,
    move: (name) => `نقل ${name}: بالسحب أو بمفاتيح الأسهم`,
    moved: (name, column, place) => `${name}: العمود ${column}، الموضع ${place}`,
    trace: 'تتبّع',
    traceWidget: (name) => `تتبّع ${name}`,
    traceTitle: 'ما يدور بين المكتب وأدواته',
    clear: 'مسح',
    close: 'إغلاق',
    outage: 'إيقاف الخادم',
    outageOf: (name) => `إيقاف الخادم بضع ثوانٍ: ${name}`,
    reload: 'إعادة التحميل',
    remove: 'إزالة',
    mount: 'تركيب',
    reloadWidget: (name) => `إعادة تحميل ${name}`,
    removeWidget: (name) => `إزالة ${name}`,
    mountWidget: (name) => `تركيب ${name}`,
    removed: (name) => `أُزيل من المكتب: ${name}. وما بقي يواصل عمله.`,
    loading: (name) => `قيد التحميل: ${name}.`,
    failed: (name) => `تعذّر الاتصال: ${name}.`,
    silent: (name) => `لا جواب من ${name}، ولعل الانشغال هو السبب. وما بقي من المكتب يواصل عمله.`,
    serverGone: 'الخادم غائب',
    serverGoneOf: (name) => `الخادم غائب: ${name}. ستعود الأداة من تلقاء نفسها.`,
    about: (facts) =>
      `${facts.count} زلزالًا في ${facts.dates}: تغذية ⁨“All Earthquakes, Past Week”⁩ من ⁨U.S. Geological Survey⁩، أُنشئت ${facts.generated}، كما هي في ⁨${facts.package}⁩؛ وقد حُذفت منها ${facts.leftOut} من الانفجارات وتفجيرات المحاجر. السواحل والحدود: Natural Earth.`,
    again: 'بعد الزلزال الأخير يبدأ السجل من جديد.',
    live: {
      title: 'أرقام حية',
      frames: 'الإطارات الحية',
      values: 'القيم، كل الأدوات',
      messages: 'الرسائل لذلك',
      calls: 'نداءات المخطط، بعد الإحماء',
      measure: 'قياس',
      measuring: 'يقيس …',
      audit: 'عامل يدقق',
      audited: (told, missing) => `وصل ${told}، ينقص ${missing}`,
      law: 'عامل وراء المختبر، عبر Comlink',
      found: (b, count) => `‏b = ${b} من ${count}`,
      wall: 'نافذة مستقلة',
      open: 'فتح الجدار',
    },
    north: 'شمال',
    south: 'جنوب',
    east: 'شرق',
    west: 'غرب',
  },
};

import type { MountState } from '@muntin/host';
import type { Locale } from '@quake-desk/contracts/context';
import type { AttackName } from '@quake-desk/contracts/hostile';

export type WidgetName = 'map' | 'chart' | 'table';

export interface Words {
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
  readonly roundTrip: string;
  readonly messages: string;
  readonly events: string;
  readonly shown: string;
  readonly perSecond: (rate: string) => string;
  readonly ofAll: (shown: string, held: string) => string;
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
  readonly about: (facts: {
    count: string;
    leftOut: string;
    dates: string;
    generated: string;
    package: string;
  }) => string;
  readonly again: string;
  readonly north: string;
  readonly south: string;
  readonly east: string;
  readonly west: string;
  readonly hostile: HostileWords;
}

/** What the panel of the hostile widget says. */
interface HostileWords {
  readonly title: string;
  readonly lead: string;
  readonly open: string;
  readonly close: string;
  readonly attacks: Record<AttackName, string>;
  readonly saw: string;
  readonly nothingYet: string;
  readonly trying: string;
  readonly ended: (code: string) => string;
  readonly goesOn: string;
  readonly ran: (count: string) => string;
  readonly busy: (ms: string) => string;
  readonly hung: string;
  readonly claims: string;
}

export const words: Record<Locale, Words> = {
  en: {
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
    widgets: { map: 'Map', chart: 'Chart', table: 'Table' },
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
    roundTrip: 'Round trip',
    messages: 'Messages',
    events: 'Events',
    shown: 'Shows',
    perSecond: (rate) => `${rate}/s`,
    ofAll: (shown, held) => `${shown} of ${held}`,
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
    about: (facts) =>
      `${facts.count} earthquakes of ${facts.dates}: the “All Earthquakes, Past Week” feed of the U.S. Geological Survey, generated ${facts.generated}, as packaged in ${facts.package}; its ${facts.leftOut} explosions and quarry blasts are left out. Coastlines and borders: Natural Earth.`,
    again: 'After the last event the record starts again.',
    north: 'N',
    south: 'S',
    east: 'E',
    west: 'W',
    hostile: {
      title: 'What a hostile widget can do: nothing',
      lead: 'A fourth widget, on an origin of its own. Its author wants in, and writes every message by hand. It may leave a short note; watch what the desk sees of the rest.',
      open: 'Let it in',
      close: 'Throw it out',
      attacks: {
        honest: 'Leave a note, as it may',
        input: 'Pass __proto__ for a note',
        procedure: 'Call what is not there',
        names: 'Call the constructor',
        forge: 'Answer what nobody asked',
        port: 'Smuggle in a port',
        bomb: 'Send a value bomb',
        bombs: 'Send 4,000 bombs',
        flood: 'Make 100,000 calls',
        dom: 'Read the desk’s cookies',
        top: 'Take the desk elsewhere',
        spin: 'Hang for 4 seconds',
      },
      saw: 'What the desk saw',
      nothingYet: 'Nothing yet: choose an attack.',
      trying: 'trying …',
      ended: (code) => `thrown out: ${code}`,
      goesOn: 'stays connected',
      ran: (count) => `handlers run: ${count}`,
      busy: (ms) => `long tasks: ${ms}`,
      hung: 'did not answer for a while',
      claims: 'It says:',
    },
  },
  de: {
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
    widgets: { map: 'Karte', chart: 'Diagramm', table: 'Tabelle' },
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
    roundTrip: 'Umlauf',
    messages: 'Nachrichten',
    events: 'Beben',
    shown: 'Zeigt',
    perSecond: (rate) => `${rate}/s`,
    ofAll: (shown, held) => `${shown} von ${held}`,
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
    about: (facts) =>
      `${facts.count} Erdbeben vom ${facts.dates}: der Datenstrom „All Earthquakes, Past Week“ des U.S. Geological Survey, erzeugt ${facts.generated}, aus ${facts.package}; seine ${facts.leftOut} Explosionen und Sprengungen sind weggelassen. Küsten und Grenzen: Natural Earth.`,
    again: 'Nach dem letzten Beben beginnt die Aufzeichnung von vorn.',
    north: 'N',
    south: 'S',
    east: 'O',
    west: 'W',
    hostile: {
      title: 'Was ein feindliches Widget tun kann: nichts',
      lead: 'Ein viertes Widget mit eigener Herkunft. Sein Autor will hinein und schreibt jede Nachricht von Hand. Erlaubt ist ihm eine kurze Notiz; was das Pult vom Rest sieht, steht hier.',
      open: 'Hereinlassen',
      close: 'Hinauswerfen',
      attacks: {
        honest: 'Notiz hinterlassen, wie erlaubt',
        input: '__proto__ als Notiz übergeben',
        procedure: 'Aufrufen, was es nicht gibt',
        names: 'Den Konstruktor aufrufen',
        forge: 'Antworten, was niemand fragte',
        port: 'Einen Port einschmuggeln',
        bomb: 'Eine Wertbombe schicken',
        bombs: '4.000 Bomben schicken',
        flood: '100.000 Aufrufe machen',
        dom: 'Cookies des Pults lesen',
        top: 'Das Pult wegführen',
        spin: '4 Sekunden hängen',
      },
      saw: 'Was das Pult sah',
      nothingYet: 'Noch nichts: einen Angriff wählen.',
      trying: 'versucht …',
      ended: (code) => `hinausgeworfen: ${code}`,
      goesOn: 'bleibt verbunden',
      ran: (count) => `gelaufene Handler: ${count}`,
      busy: (ms) => `lange Tasks: ${ms}`,
      hung: 'antwortete eine Weile nicht',
      claims: 'Es sagt:',
    },
  },
  ja: {
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
    widgets: { map: '地図', chart: 'グラフ', table: '一覧' },
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
    roundTrip: '往復',
    messages: 'メッセージ',
    events: '地震',
    shown: '表示',
    perSecond: (rate) => `${rate} /秒`,
    ofAll: (shown, held) => `${held} 件中 ${shown}`,
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
    about: (facts) =>
      `${facts.dates} の地震 ${facts.count} 件。米国地質調査所の「All Earthquakes, Past Week」フィード (${facts.generated} 生成)、${facts.package} より。爆発と採石発破 ${facts.leftOut} 件は除外。海岸線と国境: Natural Earth。`,
    again: '最後の地震の後、記録は最初から繰り返されます。',
    north: 'N',
    south: 'S',
    east: 'E',
    west: 'W',
    hostile: {
      title: '悪意あるウィジェットにできること: なし',
      lead: '独自のオリジンにある4つ目のウィジェット。作者は侵入を狙い、すべてのメッセージを手で書いています。許されるのは短いメモだけ。残りをデスクがどう見たかを示します。',
      open: '入れる',
      close: '追い出す',
      attacks: {
        honest: '許されたメモを残す',
        input: 'メモとして __proto__ を渡す',
        procedure: '存在しないものを呼ぶ',
        names: 'コンストラクタを呼ぶ',
        forge: '聞かれていない返答をする',
        port: 'ポートを持ち込む',
        bomb: '値の爆弾を送る',
        bombs: '爆弾を4,000個送る',
        flood: '10万回呼び出す',
        dom: 'デスクの Cookie を読む',
        top: 'デスクを移動させる',
        spin: '4秒間固まる',
      },
      saw: 'デスクが見たもの',
      nothingYet: 'まだありません。攻撃を選んでください。',
      trying: '試行中…',
      ended: (code) => `追放: ${code}`,
      goesOn: '接続は継続',
      ran: (count) => `実行されたハンドラー: ${count}`,
      busy: (ms) => `長いタスク: ${ms}`,
      hung: 'しばらく応答なし',
      claims: '相手の言い分:',
    },
  },
};

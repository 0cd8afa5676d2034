import type { Locale } from '@quake-desk/contracts/context';
import type { AttackName } from '@quake-desk/contracts/hostile';
import type { HarmName } from '@quake-desk/contracts/stake';

export type SideName = 'naive' | 'muntin';

/** What the arena says. */
export interface ArenaWords {
  readonly title: string;
  readonly lead: string;
  readonly all: string;
  readonly stop: string;
  readonly attack: string;
  readonly attacks: Readonly<Record<AttackName, string>>;
  readonly sides: Readonly<Record<SideName, string>>;
  /** What each side is, under its name. */
  readonly about: Readonly<Record<SideName, string>>;
  readonly score: (broken: string, tries: string) => string;
  readonly untried: string;
  readonly trying: string;
  /** One word each: what an attacker has got, as the table has it. */
  readonly got: Readonly<Record<HarmName, string>>;
  /** The same in a sentence. */
  readonly harms: Readonly<Record<HarmName, string>>;
  readonly works: string;
  readonly held: string;
  readonly unharmed: string;
  readonly pick: string;
  readonly ended: (code: string) => string;
  readonly ran: (count: string) => string;
  readonly busy: (ms: string) => string;
  readonly hung: string;
  readonly claims: string;
  readonly catalogue: (count: string) => string;
  readonly catalogueLead: string;
}

export const arenaWords: Readonly<Record<Locale, ArenaWords>> = {
  en: {
    title: 'What a hostile widget can do',
    lead: 'One hostile widget, two pages: a naive page with classic postMessage, and this page, which mounts it with Muntin. Pick an attack. It runs in both, live, and every result you see is measured.',
    all: 'Try them all',
    stop: 'Stop',
    attack: 'Attack',
    attacks: {
      honest: 'Leave a note, which is allowed',
      pay: 'Pay itself €900',
      names: 'Run code of its own in the page',
      input: 'Poison every object in the page',
      twin: 'Send an accomplice from a look-alike address',
      forge: 'Answer in place of your wallet',
      port: 'Smuggle in a port of its own',
      bomb: 'Send a value that takes forever to read',
      flood: 'Make 100,000 calls at once',
      silent: 'Never answer again',
      spin: 'Hang for 4 seconds',
      top: 'Take the page somewhere else',
      dom: 'Read the cookies of the page',
    },
    sides: { naive: 'A naive page', muntin: 'Muntin' },
    about: { naive: 'classic postMessage', muntin: 'this page' },
    score: (broken, tries) => `broken ${broken} of ${tries}`,
    untried: '–',
    trying: 'trying …',
    got: {
      secret: 'key stolen',
      money: 'money gone',
      prototype: 'poisoned',
      flood: 'flooded',
      frozen: 'frozen',
      waiting: 'left waiting',
      taken: 'page gone',
    },
    harms: {
      secret: 'The session key is out.',
      money: 'Money has left the account.',
      prototype: 'Every object in the page now says that its user is an administrator.',
      flood: 'The widget has made thousands of handlers run at once.',
      frozen: 'The page stood still.',
      waiting: 'The page waits for an answer, and does not know that none will come.',
      taken: 'The page is gone: another one has taken its place.',
    },
    works: 'note left',
    held: 'held',
    unharmed: 'No harm was found.',
    pick: 'Pick an attack.',
    ended: (code) => `Thrown out: ${code}.`,
    ran: (count) => `Handlers run: ${count}.`,
    busy: (ms) => `Long tasks: ${ms}.`,
    hung: 'It did not answer for a while, and the page said so.',
    claims: 'The widget says:',
    catalogue: (count) => `All ${count} attacks of the message suites`,
    catalogueLead:
      'Every change to Muntin replays each of them in real browsers: first against a naive page, where it must succeed, then against Muntin, where it must fail. This list is read from the tests themselves.',
  },
  de: {
    title: 'Was ein feindliches Widget tun kann',
    lead: 'Ein feindliches Widget, zwei Seiten: eine naive mit klassischem postMessage und diese, die es mit Muntin einbindet. Wählen Sie einen Angriff. Er läuft vor Ihren Augen in beiden, und jedes Ergebnis wird gemessen.',
    all: 'Alle versuchen',
    stop: 'Aufhören',
    attack: 'Angriff',
    attacks: {
      honest: 'Notiz hinterlassen, wie erlaubt',
      pay: 'Sich selbst 900 € zahlen',
      names: 'Eigenen Code in der Seite ausführen',
      input: 'Jedes Objekt der Seite vergiften',
      twin: 'Komplizen von ähnlicher Adresse schicken',
      forge: 'Im Namen der Geldbörse antworten',
      port: 'Eine eigene Leitung einschmuggeln',
      bomb: 'Einen Wert schicken, der endlos zu lesen ist',
      flood: '100.000 Aufrufe auf einmal machen',
      silent: 'Nie wieder antworten',
      spin: '4 Sekunden hängen',
      top: 'Die Seite woandershin führen',
      dom: 'Cookies der Seite lesen',
    },
    sides: { naive: 'Naive Seite', muntin: 'Muntin' },
    about: { naive: 'klassisches postMessage', muntin: 'diese Seite' },
    score: (broken, tries) => `${broken} von ${tries} gelungen`,
    untried: '–',
    trying: 'versucht …',
    got: {
      secret: 'Schlüssel weg',
      money: 'Geld weg',
      prototype: 'vergiftet',
      flood: 'überflutet',
      frozen: 'eingefroren',
      waiting: 'wartet ewig',
      taken: 'Seite weg',
    },
    harms: {
      secret: 'Der Sitzungsschlüssel ist heraus.',
      money: 'Geld hat das Konto verlassen.',
      prototype: 'Jedes Objekt der Seite sagt nun, ihr Nutzer sei Administrator.',
      flood: 'Das Widget hat Tausende Handler auf einmal laufen lassen.',
      frozen: 'Die Seite stand still.',
      waiting: 'Die Seite wartet auf eine Antwort und weiß nicht, dass keine kommt.',
      taken: 'Die Seite ist weg: Eine andere hat ihren Platz.',
    },
    works: 'Notiz da',
    held: 'gehalten',
    unharmed: 'Kein Schaden gefunden.',
    pick: 'Wählen Sie einen Angriff.',
    ended: (code) => `Hinausgeworfen: ${code}.`,
    ran: (count) => `Gelaufene Handler: ${count}.`,
    busy: (ms) => `Lange Tasks: ${ms}.`,
    hung: 'Es antwortete eine Weile nicht, und die Seite sagte es.',
    claims: 'Das Widget sagt:',
    catalogue: (count) => `Alle ${count} Angriffe der Suiten über Nachrichten`,
    catalogueLead:
      'Jeder wird bei jeder Änderung im Browser gespielt: erst gegen eine naive Seite, in die er hineinkommen muss, dann gegen Muntin, wo er es nicht darf. Die Liste wird aus den Tests selbst gelesen.',
  },
  ja: {
    title: '悪意あるウィジェットにできること',
    lead: '同じウィジェットが2つのページにあります。昔ながらの方法でやりとりするページと、このページです。作者は侵入を狙っています。攻撃を選ぶと、両方で実際に行われます。表示される結果は、すべてその場で測ったものです。',
    all: 'すべて試す',
    stop: '止める',
    attack: '攻撃',
    attacks: {
      honest: '許されたメモを残す',
      pay: '自分に900ユーロ払う',
      names: 'ページで自分のコードを実行する',
      input: 'ページの全オブジェクトを汚染する',
      twin: '似たアドレスの共犯者を送る',
      forge: 'ウォレットになりすまして答える',
      port: '自分の回線を持ち込む',
      bomb: '読み終わらない値を送る',
      flood: '一度に10万回呼び出す',
      silent: '二度と答えない',
      spin: '4秒間固まる',
      top: 'ページを別の場所へ移す',
      dom: 'ページの Cookie を読む',
    },
    sides: { naive: '素朴なページ', muntin: 'Muntin' },
    about: { naive: '昔ながらの postMessage', muntin: 'このページ' },
    score: (broken, tries) => `${tries} 回中 ${broken} 回突破`,
    untried: '–',
    trying: '試行中…',
    got: {
      secret: '鍵を盗まれた',
      money: '金を失った',
      prototype: '汚染された',
      flood: 'あふれた',
      frozen: '固まった',
      waiting: '待ち続ける',
      taken: 'ページ喪失',
    },
    harms: {
      secret: 'セッションキーが漏れました。',
      money: '口座からお金が出ました。',
      prototype: 'ページの全オブジェクトが、利用者を管理者だと言うようになりました。',
      flood: 'ウィジェットが何千ものハンドラーを一度に動かしました。',
      frozen: 'ページが止まりました。',
      waiting: 'ページは、来ない返事を待ち続けています。',
      taken: 'ページは消え、別のページに置き換わりました。',
    },
    works: 'メモあり',
    held: '防いだ',
    unharmed: '被害はありません。',
    pick: '攻撃を選んでください。',
    ended: (code) => `追放: ${code}。`,
    ran: (count) => `実行されたハンドラー: ${count}。`,
    busy: (ms) => `長いタスク: ${ms}。`,
    hung: 'しばらく応答がなく、ページはそう伝えました。',
    claims: 'ウィジェットの言い分:',
    catalogue: (count) => `メッセージのテストスイートの攻撃 全 ${count} 件`,
    catalogueLead:
      '変更のたびにブラウザで実行されます。まず素朴なページで成功し、次に Muntin で失敗しなければなりません。一覧はテストそのものから読み取っています。',
  },
  ar: {
    title: 'ما الذي تستطيعه أداة معادية',
    lead: 'أداة معادية واحدة في صفحتين: صفحة ساذجة تستعمل postMessage المعتاد، وهذه الصفحة التي تركّبها بواسطة Muntin. اختر هجومًا. يجري في الصفحتين أمامك، وكل نتيجة تراها مقيسة.',
    all: 'جرّبها كلها',
    stop: 'إيقاف',
    attack: 'الهجوم',
    attacks: {
      honest: 'ترك ملاحظة، وهذا مسموح',
      pay: 'دفع 900 € لنفسها',
      names: 'تشغيل شيفرة لها في الصفحة',
      input: 'تسميم كل كائن في الصفحة',
      twin: 'إرسال شريك من عنوان شبيه',
      forge: 'الإجابة بدلًا من محفظتك',
      port: 'تهريب منفذ من عندها',
      bomb: 'إرسال قيمة لا تنتهي قراءتها',
      flood: '100,000 نداء دفعة واحدة',
      silent: 'الصمت إلى الأبد',
      spin: 'التجمد 4 ثوانٍ',
      top: 'نقل الصفحة إلى مكان آخر',
      dom: 'قراءة ملفات تعريف الارتباط',
    },
    sides: { naive: 'صفحة ساذجة', muntin: 'Muntin' },
    about: { naive: 'postMessage المعتاد', muntin: 'هذه الصفحة' },
    score: (broken, tries) => `اختُرقت ${broken}/${tries}`,
    untried: '–',
    trying: 'يجرّب …',
    got: {
      secret: 'سُرق المفتاح',
      money: 'ذهب المال',
      prototype: 'تسممت',
      flood: 'أُغرقت',
      frozen: 'تجمدت',
      waiting: 'تنتظر عبثًا',
      taken: 'ذهبت الصفحة',
    },
    harms: {
      secret: 'تسرّب مفتاح الجلسة.',
      money: 'خرج المال من الحساب.',
      prototype: 'كل كائن في الصفحة يقول الآن إن مستخدمها مدير.',
      flood: 'شغّلت الأداة آلاف المعالجات دفعة واحدة.',
      frozen: 'توقفت الصفحة.',
      waiting: 'تنتظر الصفحة جوابًا، ولا تدري أنه لن يأتي.',
      taken: 'ذهبت الصفحة، وحلّت أخرى محلها.',
    },
    works: 'تُركت ملاحظة',
    held: 'صمدت',
    unharmed: 'لم يُعثر على ضرر.',
    pick: 'اختر هجومًا.',
    ended: (code) => `طُردت: ${code}.`,
    ran: (count) => `المعالجات التي عملت: ${count}.`,
    busy: (ms) => `المهام الطويلة: ${ms}.`,
    hung: 'لم تُجب مدةً، والصفحة قالت ذلك.',
    claims: 'تقول الأداة:',
    catalogue: (count) => `كل هجمات اختبارات الرسائل، وعددها ${count}`,
    catalogueLead:
      'مع كل تغيير في Muntin يُعاد كل هجوم منها في متصفحات حقيقية: أولًا على صفحة ساذجة، حيث يجب أن ينجح، ثم على Muntin، حيث يجب أن يفشل. وتُقرأ هذه القائمة من الاختبارات نفسها.',
  },
};

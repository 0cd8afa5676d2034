import { type Consent, explainOrigins, type OriginPower } from '@muntin/core/origins';
import * as v from 'valibot';
import { button, element } from './element.ts';
import { system } from './panes.ts';
import { books, prices, shop, stranger } from './places.ts';
import { Tried } from './tried.ts';

const questions: Readonly<Record<OriginPower, string>> = {
  readDocument: 'read its document',
  shareStorage: 'share its storage',
  shareCookies: 'share its cookies',
  readResponse: 'read its answers',
  runScript: 'run its scripts',
  frame: 'show it in a frame',
  message: 'send it a message',
};

const words: Readonly<Record<Consent, string>> = {
  yes: 'yes',
  unlessRefused: 'unless it refuses',
  ifGranted: 'if it allows',
  no: 'no',
};

/** Two addresses, and what they are to each other. */
export function origins(): HTMLElement {
  const [a, b] = [field('origin-a', 'This page', location.origin), field('origin-b', 'The other', shop)];
  const verdict = element('p', { class: 'verdict', 'data-testid': 'origin-verdict', 'aria-live': 'polite' });
  const powers = element('dl', { class: 'powers', 'data-testid': 'origin-powers' });
  const tries = tried((could) => {
    for (const [power, row] of rows) {
      row.querySelector('.tried')?.remove();
      row.append(element('dd', { class: 'tried' }, `Tried: it ${could[power] ? 'can' : 'cannot'}.`));
    }
  });
  let rows: readonly (readonly [OriginPower, HTMLElement])[] = [];
  let sides: readonly [string, string] = ['null', 'null'];
  let latest = 0;
  const explain = async (): Promise<void> => {
    latest++;
    const mine = latest;
    try {
      const { a: one, b: other, reason, may } = await explainOrigins(a.input.value, b.input.value);
      if (mine !== latest) return;
      verdict.textContent = reason;
      rows = (Object.keys(questions) as OriginPower[]).map((power) => [
        power,
        element(
          'div',
          { class: may[power].may },
          element('dt', {}, `May it ${questions[power]}?`),
          element('dd', {}, element('strong', {}, words[may[power].may]), ` ${may[power].how}`),
        ),
      ]);
      powers.replaceChildren(...rows.map(([, row]) => row));
      sides = [one.origin, other.origin];
      tries.clear();
    } catch (error) {
      if (mine !== latest) return;
      verdict.textContent = error instanceof Error ? error.message : String(error);
      rows = [];
      powers.replaceChildren();
      sides = ['null', 'null'];
      tries.clear();
    }
  };
  for (const { input } of [a, b]) input.addEventListener('input', () => void explain());
  void explain();
  return system(
    'origins',
    'Origins',
    'An origin is a scheme, a host and a port. Two pages with the same three are one to the browser; change a letter of one of them, and they are strangers. Write two addresses and see.',
    [a.root, b.root, button('origins-try', 'Try it in a real frame', 'plain', () => tries.start(...sides))],
    element('div', { class: 'pane wide' }, verdict, powers, tries.root),
  );
}

type Could = v.InferOutput<typeof Tried>['could'];

/** Tries for real what is claimed, where this page's server answers under the other's name: in a frame of this origin, with one of the other in it. */
function tried(show: (could: Could) => void): {
  readonly root: HTMLElement;
  readonly start: (one: string, other: string) => void;
  readonly clear: () => void;
} {
  const root = element('div', { class: 'slot', 'data-testid': 'origin-tried' });
  const here = [location.origin, shop, stranger, books, prices];
  let frame: HTMLIFrameElement | undefined;
  let asked = '';
  addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
    if (source === null || source !== frame?.contentWindow || origin !== location.origin) return;
    if (v.is(Tried, data) && data.other === asked) show(data.could);
  });
  const clear = (): void => {
    frame = undefined;
    root.replaceChildren();
  };
  const start = (one: string, other: string): void => {
    clear();
    asked = other;
    if (one !== location.origin || !here.includes(other)) {
      const text =
        'Nothing of it is tried here: this page tries what it may do itself, to the other names of its own server.';
      return root.replaceChildren(element('p', { class: 'note' }, text));
    }
    frame = element('iframe', {
      class: 'tall',
      'data-testid': 'trier-frame',
      title: 'A page of this origin that tries it',
      src: `/trier.html#${encodeURIComponent(other)}`,
    });
    root.replaceChildren(frame);
  };
  return { root, start, clear };
}

function field(id: string, label: string, value: string): { root: HTMLElement; input: HTMLInputElement } {
  const input = element('input', { type: 'text', inputmode: 'url', spellcheck: 'false', 'data-testid': id, id, value });
  return { root: element('p', { class: 'field' }, element('label', { for: id }, label), input), input };
}

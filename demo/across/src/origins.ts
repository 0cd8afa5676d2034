import { type Consent, explainOrigins, type OriginPower } from '@muntin/core/origins';
import { element } from './element.ts';
import { system } from './panes.ts';
import { shop } from './places.ts';

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
  let latest = 0;
  const explain = async (): Promise<void> => {
    latest++;
    const mine = latest;
    try {
      const { reason, may } = await explainOrigins(a.input.value, b.input.value);
      if (mine !== latest) return;
      verdict.textContent = reason;
      powers.replaceChildren(
        ...(Object.keys(questions) as OriginPower[]).map((power) =>
          element(
            'div',
            { class: may[power].may },
            element('dt', {}, `May it ${questions[power]}?`),
            element('dd', {}, element('strong', {}, words[may[power].may]), ` ${may[power].how}`),
          ),
        ),
      );
    } catch (error) {
      if (mine !== latest) return;
      verdict.textContent = error instanceof Error ? error.message : String(error);
      powers.replaceChildren();
    }
  };
  for (const { input } of [a, b]) input.addEventListener('input', () => void explain());
  void explain();
  return system(
    'origins',
    'Origins',
    'An origin is a scheme, a host and a port. Two pages with the same three are one to the browser; change a letter of one of them, and they are strangers. Write two addresses and see.',
    [a.root, b.root],
    element('div', { class: 'pane wide' }, verdict, powers),
  );
}

function field(id: string, label: string, value: string): { root: HTMLElement; input: HTMLInputElement } {
  const input = element('input', { type: 'text', inputmode: 'url', spellcheck: 'false', 'data-testid': id, id, value });
  return { root: element('p', { class: 'field' }, element('label', { for: id }, label), input), input };
}

import { type AttackName, attackNames } from '@quake-desk/contracts/hostile';
import { element } from '../element.ts';
import { catalogue } from './catalogue.ts';
import type { SideName } from './words.ts';

export const sideNames = ['naive', 'muntin'] as const satisfies readonly SideName[];

/** An object with a value for each name. */
function each<Name extends string, Value>(
  names: readonly Name[],
  make: (name: Name) => Value,
): Readonly<Record<Name, Value>> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Value>;
}

function head(side: SideName) {
  const name = element('span', {});
  const score = element('span', { class: 'score', 'data-testid': `${side}-score` });
  return { name, score, root: element('th', { scope: 'col' }, name, score) };
}

function place(side: SideName, ...above: Node[]) {
  const name = element('h3', { id: `${side}-name` });
  const about = element('p', { class: 'place-about' });
  const origin = element('p', { class: 'place-origin', 'data-testid': `${side}-origin` });
  const stateText = element('span', {});
  const state = element(
    'p',
    { class: 'state', role: 'status', 'data-testid': `${side}-state` },
    element('span', { class: 'lamp', 'aria-hidden': 'true' }),
    stateText,
  );
  const slot = element('div', { class: 'arena-slot', 'data-testid': `${side}-slot` });
  const verdict = element('div', { class: 'verdict', 'aria-live': 'polite', 'data-testid': `${side}-verdict` });
  // What is said may be more than there is room for: then it scrolls, by keyboard, too.
  verdict.tabIndex = 0;
  verdict.setAttribute('role', 'group');
  verdict.setAttribute('aria-labelledby', `${side}-name`);
  const root = element(
    'section',
    { class: `arena-place arena-${side}`, 'aria-labelledby': `${side}-name` },
    element('header', {}, name, about, state, origin),
    element('div', { class: 'arena-page' }, ...above, slot),
    verdict,
  );
  return { root, name, about, origin, state, stateText, slot, verdict };
}

/** The elements of the arena; what is at stake in this page stands above the widget, as it does in the naive one. */
export function build(stake: HTMLElement) {
  const title = element('h2', { id: 'arena-title' });
  const lead = element('p', { class: 'arena-lead' });
  const all = element('button', { type: 'button', class: 'primary', 'data-testid': 'attack-all' });

  const attackHead = element('th', { scope: 'col' });
  const heads = { naive: head('naive'), muntin: head('muntin') };
  const attacks = each(attackNames, (name) =>
    element('button', { type: 'button', 'data-testid': `attack-${name}` }),
  ) satisfies Record<AttackName, HTMLButtonElement>;
  const cells = each(attackNames, (name) =>
    each(sideNames, (side) => element('td', { 'data-testid': `${side}-${name}` })),
  );
  const rows = each(attackNames, (name) =>
    element('tr', {}, element('th', { scope: 'row' }, attacks[name]), cells[name].naive, cells[name].muntin),
  );
  const table = element(
    'table',
    { class: 'attacks', 'aria-labelledby': 'arena-title' },
    element('thead', {}, element('tr', {}, attackHead, heads.naive.root, heads.muntin.root)),
    element('tbody', {}, ...attackNames.map((name) => rows[name])),
  );

  const places = { naive: place('naive'), muntin: place('muntin', stake) };

  const catalogueTitle = element('summary', { 'data-testid': 'catalogue' });
  const catalogueLead = element('p', {});
  const list = element(
    'ol',
    { lang: 'en', 'data-testid': 'catalogue-list' },
    ...catalogue.map(({ attacker, does }) => element('li', {}, element('strong', {}, attacker), ` ${does}`)),
  );
  const root = element(
    'section',
    { class: 'arena', 'aria-labelledby': 'arena-title', 'data-testid': 'arena' },
    element('header', { class: 'arena-head' }, title, lead, all),
    element('div', { class: 'arena-body' }, table, places.naive.root, places.muntin.root),
    element('details', { class: 'catalogue' }, catalogueTitle, catalogueLead, list),
  );
  return { root, title, lead, all, attackHead, heads, attacks, rows, cells, places, catalogueTitle, catalogueLead };
}

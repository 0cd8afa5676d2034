import type { Arrival } from '@quake-desk/contracts/arrival';

export const columns = ['arrival', 'time', 'magnitude', 'depth', 'place'] as const;
export type Column = (typeof columns)[number];

export interface Sorting {
  readonly column: Column;
  readonly isDescending: boolean;
}

export const newestFirst: Sorting = { column: 'arrival', isDescending: true };

/** What a click on a column's head means: the other way round, or, for another column, the direction one mostly wants. */
export function nextSorting(now: Sorting, column: Column): Sorting {
  if (now.column === column) return { column, isDescending: !now.isDescending };
  return { column, isDescending: column !== 'place' };
}

/** Sorts arrivals that come newest first; equals keep that order. */
export function sortArrivals(arrivals: Arrival[], { column, isDescending }: Sorting): Arrival[] {
  const sign = isDescending ? -1 : 1;
  switch (column) {
    case 'arrival':
      return isDescending ? arrivals : arrivals.reverse();
    case 'time':
      return arrivals.sort((a, b) => sign * (a.time - b.time));
    case 'magnitude':
      return arrivals.sort((a, b) => sign * (a.magnitude - b.magnitude));
    case 'depth':
      return arrivals.sort((a, b) => sign * (a.depth - b.depth));
    case 'place':
      return arrivals.sort((a, b) => sign * compareText(placeName(a.place), placeName(b.place)));
  }
}

const names = new Map<string, string>();
const maxNames = 10_000;

/** "4km W of Castaic, CA" sorts as "castaic, ca": nobody looks for a place by its distance. */
function placeName(place: string): string {
  const known = names.get(place);
  if (known !== undefined) return known;
  const name = place.replace(/^.*? of /, '').toLowerCase();
  if (names.size >= maxNames) names.clear();
  names.set(place, name);
  return name;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

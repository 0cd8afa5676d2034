import { expose } from '@muntin/guest';
import type { Locale } from '@quake-desk/contracts/context';
import { hosts } from '@quake-desk/contracts/hosts';
import { setLanguage } from '@quake-desk/contracts/language';
import { depths } from '@quake-desk/contracts/reader';
import { Reading } from '@quake-desk/contracts/reading';
import { type ComputedRef, computed, onScopeDispose, type ShallowRef, shallowRef } from 'vue';

/** Kilometres below the surface: where the crust ends, where subducted plates go, and where they end. */
const floors = [0, 10, 35, 70, 150, 300, 700] as const;

export interface Layer {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Of the fullest layer. */
  readonly share: number;
}

/** The earthquakes that the desk shows, layer by layer. */
export function useDepths(): {
  layers: ComputedRef<readonly Layer[]>;
  locale: ShallowRef<Locale>;
  trouble: ShallowRef<string>;
} {
  const locale = shallowRef<Locale>('en');
  const trouble = shallowRef('');
  const counts = shallowRef<readonly number[]>([]);
  const reading = new Reading();
  const shell = expose(depths, {
    hosts,
    handlers: { status: () => reading.status$, locate: ({ id }) => reading.has(id) },
  });
  shell.context$.subscribe((context) => {
    locale.value = context.locale;
    setLanguage(context.locale);
    document.documentElement.dataset['theme'] = context.theme;
  });
  const stop = reading.follow(shell.host, (error) => {
    trouble.value = String(error);
  });
  const shown = reading.shown$.subscribe((quakes) => {
    const sums = floors.slice(1).map(() => 0);
    for (const { depth } of quakes) {
      const at = floors.findIndex((floor) => depth < floor) - 1;
      sums[Math.max(0, at)] = (sums[Math.max(0, at)] ?? 0) + 1;
    }
    counts.value = sums;
  });
  onScopeDispose(() => {
    stop();
    shown.unsubscribe();
    shell.close();
  });
  const layers = computed(() => {
    const most = Math.max(1, ...counts.value);
    return floors.slice(1).map((to, at) => {
      const count = counts.value[at] ?? 0;
      return { from: floors[at] ?? 0, to, count, share: count / most };
    });
  });
  return { layers, locale, trouble };
}

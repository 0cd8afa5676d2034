import { counter } from './counter.ts';
import { shell } from './session.ts';

shell.context$.subscribe(({ theme }) => {
  document.documentElement.dataset.theme = theme;
});
counter.count$.subscribe((count) => {
  const output = document.querySelector('output');
  if (output !== null) output.textContent = String(count);
});
document.querySelector('#tell')?.addEventListener('click', () => {
  shell.host.note(String(counter.count$.value)).catch((cause: unknown) => console.error(cause));
});

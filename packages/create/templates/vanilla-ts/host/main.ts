import { guests } from 'virtual:muntin/origins';
import { mount } from '@muntin/host';
import { counter } from '../contract.ts';

const find = (selector: string): Element => {
  const found = document.querySelector(selector);
  if (found === null) throw new Error(`index.html has no ${selector}`);
  return found;
};

const widget = mount(counter, {
  url: `${guests.counter}/`,
  into: find('main'),
  title: 'Counter',
  handlers: {
    note: (text) => {
      find('[role=status]').textContent = `The widget says: ${text}`;
    },
  },
  context: { theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light' },
});

widget.guest.counts().subscribe({
  next: (count) => {
    find('output').textContent = String(count);
  },
  error: (cause) => console.error(cause),
});
find('#add').addEventListener('click', () => {
  widget.guest.add(2).catch((cause: unknown) => console.error(cause));
});

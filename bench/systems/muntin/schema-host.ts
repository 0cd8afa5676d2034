import { mount } from '@muntin/host';
import { serve } from '../../page/measure.ts';
import type { Table } from '../../page/schema.ts';
import { tables } from './tables.ts';

serve({
  connect: (url, into) => {
    const mounted = mount(tables, { url, into, title: 'The measured guest' });
    const { guest } = mounted;
    return { ...guest, echo: (value) => guest.echo(value as Table), close: () => void mounted.unmount() };
  },
});

import { superjsonCodec } from '@muntin/core/superjson';
import { mount } from '@muntin/host';
import { serve } from '../../page/measure.ts';
import { echoes } from './echoes.ts';

serve({
  connect: (url, into) => {
    const mounted = mount(echoes, { url, into, title: 'The measured guest', codec: superjsonCodec() });
    return { ...mounted.guest, close: () => void mounted.unmount() };
  },
});

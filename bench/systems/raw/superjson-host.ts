import { parse, stringify } from 'superjson';
import { serve } from '../../page/measure.ts';
import { connect } from './connect.ts';

serve({
  connect: async (url, into) => {
    const guest = await connect(url, into);
    return { ...guest, echo: async (value) => parse(String(await guest.echo(stringify(value)))) };
  },
});

import { serve } from '../../page/measure.ts';
import { tableSchema } from '../../page/schema.ts';
import { connect } from './connect.ts';

serve({
  connect: async (url, into) => {
    const guest = await connect(url, into);
    return {
      ...guest,
      echo: async (value) => {
        const answer = await guest.echo(value);
        if (typeof answer === 'string') throw new Error(answer);
        return tableSchema.parse(answer);
      },
    };
  },
});

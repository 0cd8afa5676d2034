import { job } from '../../page/job.ts';
import { tableSchema } from '../../page/schema.ts';
import { answer } from './answer.ts';

// A text says what is wrong: no table is one.
answer({
  ...job,
  echo: (value: unknown) => {
    const checked = tableSchema.safeParse(value);
    return checked.success ? checked.data : checked.error.message;
  },
});

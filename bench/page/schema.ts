import { array, boolean, date, type infer as Infer, map, number, object, string } from 'zod';

/** The rows of `data.ts`. */
export const tableSchema = array(
  object({ id: number(), name: string(), at: date(), scores: map(string(), number()), isOpen: boolean() }),
);

export type Table = Infer<typeof tableSchema>;

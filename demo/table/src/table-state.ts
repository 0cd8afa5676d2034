import * as v from 'valibot';
import { columns } from './sorting.ts';

/** What the reader has chosen in the table, and finds again after a reload. */
export const TableState = v.object({
  column: v.picklist(columns),
  isDescending: v.boolean(),
  isOnce: v.boolean(),
});
export type TableState = v.InferOutput<typeof TableState>;

import * as v from 'valibot';

/** What a widget tells the desk about itself, a few times a second. */
export const WidgetStatus = v.object({
  /** How many arrivals have reached the widget since it was loaded. */
  arrived: v.number(),
  /** How many earthquakes or rows the widget holds. */
  held: v.number(),
  /** How many of them pass the filters of the other widgets. */
  shown: v.number(),
});
export type WidgetStatus = v.InferOutput<typeof WidgetStatus>;

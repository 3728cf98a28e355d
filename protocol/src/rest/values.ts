import * as z from 'zod';

/** As the server writes it. */
export const Time = z.iso.datetime().meta({ id: 'Time', description: 'A moment (RFC 3339), UTC, to the millisecond.' });

/** As it is read: any offset. */
export const Moment = z.iso.datetime({ offset: true }).meta({ description: 'A moment (RFC 3339).' });

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const DURATION = /^(?:\d{1,9}[smhd]){1,4}$/;

/** Whole seconds of `90`, `"90"`, `"90s"`, `"30m"`, `"24h"`, `"7d"` or `"1h30m"`; undefined: it is none of these. */
export function secondsOf(value: number | string): number | undefined {
  if (typeof value === 'number') return value;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  if (!DURATION.test(value)) return undefined;
  const parts = [...value.matchAll(/(\d+)([smhd])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit as keyof typeof UNITS], 0);
}

/** In seconds once parsed; between `min` and `max` seconds, both included. */
export const duration = (min: number, max: number) =>
  z
    .union([
      z.int().min(min).max(max),
      z
        .string()
        .max(40)
        .regex(/^(\d{1,9}|(\d{1,9}[smhd]){1,4})$/, 'must be seconds, or a text such as 30m, 24h or 7d'),
    ])
    .check(
      z.refine(value => {
        const seconds = secondsOf(value);
        return seconds !== undefined && seconds >= min && seconds <= max;
      }, `must be between ${min} and ${max} seconds`),
    );

/** Where the next page of a list begins; opaque, and stays right while things come and go. */
export const Cursor = z
  .string()
  .min(1)
  .max(1_024)
  .regex(/^[\w-]+$/, 'must be a cursor of this list')
  .meta({ description: '`next_cursor` of the page before.' });

/** Of every list. */
export const PageQuery = z.strictObject({
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100).meta({ description: 'Items of a page at most.' }),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** A page of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    next_cursor: z.string().nullable().meta({ description: 'Give it as `cursor` for the next page; null: this was the last.' }),
  });
export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** Random ids that the server gives. */
export const Identifier = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w-]+$/, 'must be letters, digits, hyphens and underscores');

import * as z from 'zod';

/** No control characters: these are shown to people and written to logs. */
export const text = (max: number, min = 1) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'must have no control characters')
    .check(z.refine(value => value.isWellFormed(), 'must be well-formed Unicode')); // half a character is kept by no database

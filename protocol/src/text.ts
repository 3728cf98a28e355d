import * as z from 'zod';

/** No control characters: these are shown to people and written to logs. */
export const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'must have no control characters');

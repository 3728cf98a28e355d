import type { Asked, Option } from '../verb.ts';

/** Of every list. */
export const PAGING: Readonly<Record<string, Option>> = {
  limit: { value: 'NUMBER', summary: 'how many at most; default: 100' },
  cursor: { value: 'CURSOR', summary: 'where the page before ended' },
};

export const pageOf = ({ option }: Asked) => given({ limit: option('limit'), cursor: option('cursor') });

/** Without what was not said. */
export function given<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

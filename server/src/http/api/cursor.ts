import type { Page } from '@aqlinks/protocol';
import { ApiProblem } from './problem.ts';

/** What a list is sorted by: texts and numbers, the same of each item. */
export type Position = readonly (string | number)[];

/** Where a page ends, as it is given to clients: the list it belongs to, and the position of its last item. */
export const writeCursor = (list: string, position: Position) =>
  Buffer.from(JSON.stringify([list, ...position])).toString('base64url');

/** Of every list, before it is asked: whoever writes a cursor themselves does not get to put anything before the database. */
export function checkCursor(cursor: unknown): void {
  if (typeof cursor === 'string' && UNKEEPABLE.test(Buffer.from(cursor, 'base64url').toString())) throw foreign();
}

const UNKEEPABLE = /\p{Cc}|\ufffd/u; // what no database takes, and what was no UTF-8

/** Undefined: the first page. Throws `ApiProblem` where it is none of this list. */
export function readCursor(
  list: string,
  cursor: string | undefined,
  shape: readonly ('string' | 'number')[],
): Position | undefined {
  if (cursor === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw foreign();
  }
  if (!Array.isArray(value) || value[0] !== list || value.length !== shape.length + 1) throw foreign();
  const position: unknown[] = value.slice(1);
  if (!position.every((part, index) => typeof part === shape[index])) throw foreign();
  if (position.some(part => (typeof part === 'string' ? UNKEEPABLE.test(part) : !Number.isSafeInteger(part)))) throw foreign();
  return position as (string | number)[];
}

const foreign = () =>
  new ApiProblem('invalid-cursor', 'Give `next_cursor` of this list unchanged, or nothing for the first page.');

interface Sorting<Item> {
  readonly list: string;
  readonly positionOf: (item: Item) => Position;
}

/** A page of what is in memory as a whole. What comes or goes meanwhile makes no other item appear twice or be left out. */
export function pageOfAll<Item>(
  items: readonly Item[],
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  { list, positionOf }: Sorting<Item>,
): Page<Item> {
  const sorted = items.map(item => ({ item, position: positionOf(item) })).sort((a, b) => compare(a.position, b.position));
  const shape = sorted[0]?.position.map(part => typeof part as 'string' | 'number');
  const after = shape === undefined ? undefined : readCursor(list, cursor, shape);
  const rest = after === undefined ? sorted : sorted.filter(({ position }) => compare(position, after) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const more = rest.length > page.length && last !== undefined;
  return { items: page.map(({ item }) => item), next_cursor: more ? writeCursor(list, last.position) : null };
}

/** Texts by code points of UTF-8, as the databases do. */
export function compare(a: Position, b: Position): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? 0;
    const order = typeof left === 'string' ? Buffer.compare(Buffer.from(left), Buffer.from(String(right))) : left - Number(right);
    if (order !== 0) return order;
  }
  return 0;
}

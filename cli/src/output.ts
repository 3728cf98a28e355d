import { EXIT, print, printJson } from './command.ts';
import { table } from './table.ts';
import type { Asked } from './verb.ts';

/** Columns of a table: the heading, and what stands under it. */
export type Columns<Item> = Readonly<Record<string, (item: Item) => unknown>>;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** A page of a list. As the others, it answers the exit code. */
export function showPage<Item>({ json }: Pick<Asked, 'json'>, page: Page<Item>, columns: Columns<Item>, none: string): number {
  if (json) printJson(page);
  else if (page.items.length === 0) print(none);
  else {
    const rows = page.items.map(item => Object.values(columns).map(cell => format(cell(item))));
    print(table([Object.keys(columns), ...rows]));
    if (page.next_cursor !== null) process.stderr.write(`There are more: --cursor ${page.next_cursor}\n`);
  }
  return EXIT.fine;
}

/** One thing, a line a property. */
export function showThing({ json }: Pick<Asked, 'json'>, thing: object): number {
  if (json) printJson(thing);
  else print(table(Object.entries(thing).map(([name, value]) => [name, format(value)])));
  return EXIT.fine;
}

/** It is done, and there is nothing to show of it. */
export function showDone({ json }: Pick<Asked, 'json'>, sentence: string): number {
  if (json) printJson({ done: true });
  else print(sentence);
  return EXIT.fine;
}

const TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/;

function format(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return printable(value.replace(TIME, '$1 $2'));
  if (!Array.isArray(value) || value.some(each => typeof each === 'object')) return printable(JSON.stringify(value));
  return value.length === 0 ? '-' : printable(value.join(', '));
}

/** What others named must not move the cursor or colour the terminal. */
const printable = (value: string) => value.replace(/\p{Cc}/gu, '\uFFFD');

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** The thread that holds the file: a commit waits for the disk here, and the event loop of the server does not. */

export interface Asked {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export type Answered =
  | { readonly id: number; readonly rows: readonly unknown[]; readonly changed: number | bigint | undefined }
  | { readonly id: number; readonly error: { readonly message: string; readonly errcode: number | undefined } };

const BUSY_TIMEOUT = 10_000; // ms that another process may hold the file
const MAX_STATEMENTS = 256; // kept prepared

const database = new DatabaseSync(workerData as string, { timeout: BUSY_TIMEOUT });
// WAL and FULL: a commit is on the disk when it is answered, and readers of other processes do not wait for it.
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');

const statements = new Map<string, StatementSync>();

function prepared(sql: string): StatementSync {
  const known = statements.get(sql);
  if (known !== undefined) return known;
  if (statements.size >= MAX_STATEMENTS) statements.clear();
  const statement = database.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

function answer({ id, sql, parameters }: Asked): Answered {
  try {
    const statement = prepared(sql);
    if (statement.columns().length > 0) {
      return { id, rows: statement.all(...(parameters as SQLInputValue[])), changed: undefined };
    }
    return { id, rows: [], changed: statement.run(...(parameters as SQLInputValue[])).changes };
  } catch (error) {
    const { message, errcode } = error as { message: string; errcode?: number };
    return { id, error: { message, errcode } };
  }
}

parentPort?.on('message', (asked: Asked | 'close') => {
  if (asked !== 'close') return parentPort?.postMessage(answer(asked));
  database.close(); // writes the log back into the file
  parentPort?.close();
});

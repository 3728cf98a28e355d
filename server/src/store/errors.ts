/** What databases answer, in words that mean the same for both. */

/** An error of SQLite, with its extended result code. */
export class SqliteError extends Error {
  readonly errcode: number | undefined;

  constructor(message: string, errcode: number | undefined) {
    super(message);
    this.name = 'SqliteError';
    this.errcode = errcode;
  }
}

export class StoreClosed extends Error {
  constructor() {
    super('The store is closed.');
    this.name = 'StoreClosed';
  }
}

/** A write that names what is there already, or changes what is not there. The message is for people. */
export class StoreConflict extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StoreConflict';
  }
}

const codeOf = (error: unknown) => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
};

/** https://sqlite.org/rescode.html: UNIQUE, PRIMARYKEY. PostgreSQL appendix A: unique_violation. */
export function isDuplicate(error: unknown): boolean {
  if (error instanceof SqliteError) return error.errcode === 2067 || error.errcode === 1555;
  return codeOf(error) === '23505';
}

/** https://sqlite.org/rescode.html: BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN. */
const SQLITE_AWAY = new Set([5, 6, 8, 10, 13, 14]);

/** Of the network. */
const UNREACHABLE = new Set(
  ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND'].concat('EAI_AGAIN'),
);

/** PostgreSQL appendix A: connection exception, no resources, operator intervention, read-only after a failover, lost a race. */
const POSTGRES_AWAY = /^(08...|53...|57P..|25006|40001|40P01|55P03)$/;

/** What pg itself says without a code. */
const PG_SENTENCES =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|not queryable|pool after calling end/;

/** Whether the same write may succeed later: the database is away, busy or full, and nothing is wrong with what was asked. */
export function isAway(error: unknown): boolean {
  if (error instanceof StoreClosed) return true;
  if (error instanceof SqliteError) return error.errcode !== undefined && SQLITE_AWAY.has(error.errcode & 0xff);
  if (error instanceof AggregateError) return error.errors.some(isAway); // every address of a name was tried
  const code = codeOf(error);
  return UNREACHABLE.has(code) || POSTGRES_AWAY.test(code) || (error instanceof Error && PG_SENTENCES.test(error.message));
}

/** For people. An error of many addresses says what the first one said. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

import { Kysely, type RawBuilder, sql } from 'kysely';
import { postgresDialect } from './postgres.ts';
import type { Schema } from './schema.ts';
import { sqliteDialect } from './sqlite/dialect.ts';

/** A connection or a transaction: repositories do not ask which. */
export type Database = Kysely<Schema>;

export type Kind = 'sqlite' | 'postgres';

export interface Opened {
  readonly database: Database;
  readonly kind: Kind;
}

/** Connects nothing yet: the first query does. `location`: a `postgres://` address, or the file of SQLite. `patient`: no query is ever too slow. */
export function openDatabase(location: string, lost: (error: Error) => void, { patient = false } = {}): Opened {
  return isPostgres(location)
    ? { database: new Kysely({ dialect: postgresDialect(location, { lost, patient }) }), kind: 'postgres' }
    : { database: new Kysely({ dialect: sqliteDialect(location) }), kind: 'sqlite' };
}

export const isPostgres = (location: string) => /^postgres(ql)?:\/\//.test(location);

/** Column types that mean the same in both databases. */
export interface Columns {
  readonly text: RawBuilder<string>; // compared byte by byte: cursors and chains read the same order everywhere
  readonly integer: RawBuilder<number>; // 64 bits; milliseconds since 1970 are one
}

export const columnsOf = (kind: Kind): Columns => ({
  text: kind === 'postgres' ? sql`text collate "C"` : sql`text`,
  integer: kind === 'postgres' ? sql`bigint` : sql`integer`,
});

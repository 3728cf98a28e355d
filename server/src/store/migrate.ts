import { sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { StartError } from '../config/start-error.ts';
import { type Columns, columnsOf, type Database, type Kind, type Opened } from './database.ts';
import { MIGRATIONS } from './migrations/index.ts';

const LOCK = 7_161_547; // of PostgreSQL's advisory locks: any number that nobody else takes

/**
 * Brings the schema up to date, in one transaction and under a lock: of several servers that start at once one does it, and the
 * others wait and find it done. Rejects with `StartError` where the schema is newer than this server.
 */
export async function migrate({ database, kind }: Opened): Promise<void> {
  await database.transaction().execute(async transaction => {
    await lockSchema(transaction, kind);
    const migrator = new Migrator({
      db: transaction,
      provider: { getMigrations: async () => migrationsOf(columnsOf(kind)) },
      allowUnorderedMigrations: true, // two branches may each bring one
    });
    const { error } = await migrator.migrateToLatest();
    if (error instanceof Error && error.message.startsWith('corrupted migrations')) throw newer(error);
    if (error !== undefined) throw error;
  });
}

/** Until the transaction ends. SQLite's transactions are immediate: beginning one is the lock. */
export async function lockSchema(transaction: Database, kind: Kind): Promise<void> {
  if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(transaction);
}

const migrationsOf = (columns: Columns): Record<string, Migration> =>
  Object.fromEntries(Object.entries(MIGRATIONS).map(([name, up]) => [name, { up: database => up(database, columns) }]));

const newer = (cause: Error) =>
  new StartError('The database was written by a newer aqlinks. Start that one, or give this one a database of its own.', {
    cause,
  });

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type RawBuilder, sql } from 'kysely';
import { StartError } from '../config/start-error.ts';
import { type Database, isPostgres, openDatabase } from './database.ts';
import { isAway, reasonOf } from './errors.ts';
import { lockSchema, migrate } from './migrate.ts';
import { DEFAULT_PROJECT } from './projects.ts';
import { type Schema, TABLES } from './schema.ts';
import { DATABASE_FILE } from './store.ts';

export interface Carried {
  readonly table: string;
  readonly rows: number;
}

export interface CarryOptions {
  readonly dataDir: string;
  readonly to: string; // `postgres://…`
}

/** What a server writes by itself at its first start: an audit chain without entries among it. */
const MADE_AT_START: Partial<Record<keyof Schema, RawBuilder<unknown>>> = {
  projects: sql`id = ${DEFAULT_PROJECT}`,
  audit_chain: sql`true`,
  servers: sql`true`,
};

const MAX_PARAMETERS = 30_000; // of one statement; PostgreSQL takes 65,535

/**
 * Carries an embedded store over to PostgreSQL: all of it in one transaction, or nothing. It can be called again after whatever
 * went wrong. Rejects with `StartError` where there is nothing to carry or the target is not empty; neither is changed then.
 */
export async function carryStore({ dataDir, to }: CarryOptions): Promise<readonly Carried[]> {
  if (!isPostgres(to)) throw new StartError('The target must be an address such as postgres://USER:PASSWORD@HOST:5432/DATABASE.');
  const file = join(dataDir, DATABASE_FILE);
  if (!existsSync(file))
    throw new StartError(`There is no embedded store in ${dataDir}: ${file} does not exist. Name its folder with DATA_DIR.`);
  const source = openDatabase(file, ignore, { patient: true });
  const target = openDatabase(to, ignore, { patient: true });
  try {
    await migrate(source);
    await migrate(target);
    // A transaction of SQLite is immediate: nobody writes to the source while it is read.
    return await source.database.transaction().execute(from =>
      target.database.transaction().execute(async into => {
        await lockSchema(into, target.kind); // of two that carry at once the second finds it full
        await checkEmpty(into);
        return carryTables(from, into);
      }),
    );
  } catch (error) {
    throw explained(error);
  } finally {
    await Promise.all([source.database.destroy(), target.database.destroy()]);
  }
}

async function checkEmpty(into: Database): Promise<void> {
  for (const table of TABLES) {
    const own = MADE_AT_START[table] ?? sql`false`;
    const { rows } = await sql`select 1 from ${sql.table(table)} where not (${own}) limit 1`.execute(into);
    if (rows.length > 0) {
      throw new StartError(
        `The target is not empty: its table ${table} has rows. Nothing was changed. Name an empty database, or go on with that one by DATABASE_URL.`,
      );
    }
  }
}

async function carryTables(from: Database, into: Database): Promise<Carried[]> {
  const carried: Carried[] = [];
  for (const table of TABLES) {
    await sql`delete from ${sql.table(table)}`.execute(into); // what it made at its first start
    carried.push({ table, rows: await carryTable(table, from, into) });
  }
  return carried;
}

type Row = Readonly<Record<string, unknown>> & { readonly aqlinks_row: number };

/** In pages, so that a log of millions of entries needs no more memory than a short one. */
async function carryTable(table: keyof Schema, from: Database, into: Database): Promise<number> {
  const columns = await columnCount(table, from);
  const page = Math.max(1, Math.floor(MAX_PARAMETERS / columns));
  let last = 0;
  for (let count = 0; ; ) {
    const { rows } =
      await sql<Row>`select rowid as aqlinks_row, * from ${sql.table(table)} where rowid > ${last} order by rowid limit ${page}`.execute(
        from,
      );
    if (rows.length === 0) return count;
    const values = rows.map(({ aqlinks_row: _, ...row }) => row);
    await into
      .insertInto(table)
      .values(values as never)
      .execute();
    count += rows.length;
    last = rows.at(-1)?.aqlinks_row ?? last;
  }
}

async function columnCount(table: string, from: Database): Promise<number> {
  const { rows } = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(from);
  return rows.length;
}

const ignore = () => {}; // a connection that breaks fails the query that needs it

function explained(error: unknown): unknown {
  if (error instanceof StartError || !isAway(error)) return error;
  return new StartError(`A database does not answer: ${reasonOf(error)}. Nothing was carried over: do it again when it does.`, {
    cause: error,
  });
}

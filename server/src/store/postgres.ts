import { PostgresDialect } from 'kysely';
import pg from 'pg';

const CONNECT_TIMEOUT = 5_000; // ms
const QUERY_TIMEOUT = 15_000; // ms
const MAX_CONNECTIONS = 8; // of each server
const IDLE_TIMEOUT = 30_000; // ms

export interface PostgresOptions {
  /** Hears of connections that end; the pool makes new ones. */
  readonly lost: (error: Error) => void;
  readonly patient: boolean; // no query is ever too slow
}

/** PostgreSQL 12 or newer. */
export function postgresDialect(url: string, { lost, patient }: PostgresOptions): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'aqlinks',
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    idleTimeoutMillis: IDLE_TIMEOUT,
    query_timeout: patient ? 0 : QUERY_TIMEOUT,
    keepAlive: true,
    types: { getTypeParser },
  });
  pool.on('error', () => {}); // of a connection that nobody uses; it says so itself as well
  pool.on('connect', client => client.on('error', lost)); // also of one in use: without a listener it would end the process
  return new PostgresDialect({ pool });
}

/** `bigint` and `numeric` as numbers, as SQLite gives them: what we store stays below 2^53. */
const NUMBERS: ReadonlySet<number> = new Set([pg.types.builtins.INT8, pg.types.builtins.NUMERIC]);

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  NUMBERS.has(oid) && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text');

import type { Kysely } from 'kysely';
import type { Columns } from '../database.ts';
import { platform } from './platform.ts';
import { records } from './records.ts';

/** What a migration sees: no table of today's schema, for it is run on the schema of its day. */
export type Up = (database: Kysely<unknown>, columns: Columns) => Promise<void>;

/** In the order of their names. Names are dates and topics and never change; what has been released is never edited. */
export const MIGRATIONS: Readonly<Record<string, Up>> = {
  '2026-11-24-platform': platform,
  '2026-11-24-records': records,
};

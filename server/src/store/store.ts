import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { StartError } from '../config/start-error.ts';
import { type AuditLog, createAuditLog } from './audit-log.ts';
import { type Bans, createBans } from './bans.ts';
import { Changes } from './changes.ts';
import { type Database, isPostgres, type Kind, openDatabase } from './database.ts';
import { isAway, reasonOf } from './errors.ts';
import { createHistory, type History } from './history.ts';
import { createIdempotency, type Idempotency } from './idempotency.ts';
import { createKeys, type Keys } from './keys.ts';
import { migrate } from './migrate.ts';
import { createOutbox, databaseClock, type Outbox } from './outbox.ts';
import { createProjects, type Projects } from './projects.ts';
import { createRevocations, type Revocations } from './revocations.ts';
import { createRoles, type Roles } from './roles.ts';
import { createStoredRooms, type StoredRooms } from './rooms.ts';
import { createSeal, type Seal } from './seal.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { createStoredWebhooks, type StoredWebhooks } from './webhooks.ts';

export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface StoreOptions {
  readonly databaseUrl: string | undefined; // undefined: a file of SQLite in `dataDir`
  readonly dataDir: string;
  readonly masterKey: Uint8Array | undefined; // 32 bytes; undefined: secrets cannot be stored
  readonly log: StoreLog;
  readonly now: () => number; // ms since 1970
  readonly patience?: number; // ms that the database may be away at the start
}

/** What must outlive the process: one repository a kind of thing. */
export interface Store {
  readonly kind: Kind;
  readonly database: Database;
  readonly seal: Seal | undefined;
  readonly changes: Changes;
  readonly projects: Projects;
  readonly keys: Keys;
  readonly roles: Roles;
  readonly rooms: StoredRooms;
  readonly bans: Bans;
  readonly revocations: Revocations;
  readonly tokens: Tokens;
  readonly idempotency: Idempotency;
  readonly auditLog: AuditLog;
  readonly webhooks: StoredWebhooks;
  readonly outbox: Outbox;
  readonly history: History;
  /** Deletes what has expired. */
  prune(): Promise<void>;
  /** Idempotent. What was asked before is answered before. */
  close(): Promise<void>;
}

export const DATABASE_FILE = 'aqlinks.db';
const PATIENCE = 20_000; // ms
const RETRY = 500; // ms

/** Opens it and brings its schema up to date. Rejects with `StartError`, which never names a password. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { databaseUrl, dataDir, masterKey, log, now } = options;
  const location = databaseUrl ?? databaseFile(dataDir);
  const lost = (error: Error) => log.warn({ code: codeOf(error) }, 'Lost a connection to the database');
  await migrateWhenReachable(location, options, lost);
  const { database, kind } = openDatabase(location, lost);
  const changes = new Changes({ database, now });
  const seal = masterKey && createSeal(masterKey);
  const parts = { database, changes, now };
  const store = {
    ...{ kind, database, seal, changes },
    projects: createProjects(parts),
    keys: createKeys({ ...parts, seal }),
    roles: createRoles(parts),
    rooms: createStoredRooms(parts),
    bans: createBans(parts),
    revocations: createRevocations(parts),
    tokens: createTokens(parts),
    idempotency: createIdempotency(parts),
    auditLog: createAuditLog(parts),
    webhooks: createStoredWebhooks({ ...parts, seal }),
    outbox: createOutbox({ ...parts, clock: () => databaseClock(kind) }),
    history: createHistory(parts),
  };
  const pruned = [changes, store.bans, store.revocations, store.tokens, store.idempotency];
  let closed: Promise<void> | undefined;
  await store.projects.ensureDefault();
  return {
    ...store,
    async prune() {
      for (const each of pruned) await each.prune();
    },
    close() {
      closed ??= database.destroy();
      return closed;
    },
  };
}

/** Made so that only its owner reads it. Throws `StartError`. */
function databaseFile(dataDir: string): string {
  const file = join(dataDir, DATABASE_FILE);
  try {
    mkdirSync(dataDir, { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new StartError(
      `The database cannot be kept in ${file}: ${(error as Error).message}. Set DATA_DIR to a folder that can be written, or DATABASE_URL.`,
      { cause: error },
    );
  }
  return file;
}

/** With connections of its own: a migration may take longer than any other query. */
async function migrateWhenReachable(location: string, { log, patience = PATIENCE }: StoreOptions, lost: (error: Error) => void) {
  const end = performance.now() + patience;
  for (let told = false; ; told = true) {
    const opened = openDatabase(location, lost, { patient: true });
    try {
      return await migrate(opened);
    } catch (error) {
      if (error instanceof StartError) throw error;
      if (!isAway(error) || performance.now() >= end) throw cannotOpen(location, error);
      if (!told) log.warn({ code: codeOf(error) }, 'The database does not answer yet; trying again');
      await wait(RETRY);
    } finally {
      await opened.database.destroy();
    }
  }
}

function cannotOpen(location: string, error: unknown): StartError {
  const what = isPostgres(location)
    ? `The database of DATABASE_URL cannot be used: ${reasonOf(error)}. Is it running, and are its address, user and password right?`
    : `The database ${location} cannot be used: ${reasonOf(error)}.`;
  return new StartError(what, { cause: error });
}

const codeOf = (error: unknown) => (error as { code?: unknown }).code ?? (error as Error).name;

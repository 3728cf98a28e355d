import { join } from 'node:path';
import type { Configuration } from './config/keys.ts';
import { StartError } from './config/start-error.ts';
import { Directory } from './directory/directory.ts';
import type { Logger } from './log.ts';
import type { NewBan } from './store/bans.ts';
import { Follower } from './store/follower.ts';
import { Journal } from './store/journal.ts';
import { SealBroken } from './store/seal.ts';
import { openStore, type Store } from './store/store.ts';
import type { IssuedToken } from './store/tokens.ts';

/** What lasts, and what is known of it in memory. Opened before anybody may come in, closed after everybody is out. */
export interface Platform {
  readonly store: Store;
  readonly journal: Journal;
  readonly directory: Directory;
  /** Whether the database answered the last time it was asked. */
  readonly reachable: () => boolean;
  /** When all who write through the journal have said how (`journal.handle`). */
  start(): void;
  /** Idempotent; never rejects. */
  close(): Promise<void>;
}

export interface PlatformOptions {
  readonly masterKey: Uint8Array | undefined;
  readonly log: Logger;
  readonly now?: () => number; // ms since 1970
  readonly patience?: number; // ms that the database may be away at the start
}

const MEGABYTE = 1 << 20;

/** Opens the store, reads the directory. Rejects with `StartError`. */
export async function openPlatform(configuration: Configuration, options: PlatformOptions): Promise<Platform> {
  const { databaseUrl, dataDir, apiKeys, journalLimit } = configuration;
  const { log, now = Date.now } = options;
  const store = await openStore({ ...options, databaseUrl, dataDir, now });
  try {
    const journal = new Journal({ folder: join(dataDir, 'journal'), limit: journalLimit * MEGABYTE, log, now });
    const directory = new Directory({ store, journal, apiKeys, now, log });
    await directory.load();
    journal.handle('token', entries => store.tokens.add(...entries.map(({ payload }) => payload as IssuedToken)));
    journal.handle('ban', async entries => {
      for (const { payload } of entries) await store.bans.put(payload as NewBan);
    });
    const follower = new Follower({ store, log });
    let closed: Promise<void> | undefined;
    return {
      ...{ store, journal, directory },
      reachable: () => follower.reachable,
      start() {
        journal.start();
        follower.start();
      },
      close() {
        closed ??= closeAll({ store, journal, follower }, log);
        return closed;
      },
    };
  } catch (error) {
    await store.close();
    throw error instanceof SealBroken ? wrongMasterKey(options.masterKey, error) : error;
  }
}

/** What is still to be written is written first; what reads the database ends before the database. */
async function closeAll({ journal, follower, store }: { journal: Journal; follower: Follower; store: Store }, log: Logger) {
  try {
    await journal.close();
    await follower.close();
    await store.close();
  } catch (error) {
    log.error({ err: error }, 'The store did not close in order');
  }
}

const wrongMasterKey = (masterKey: Uint8Array | undefined, cause: Error) =>
  new StartError(
    masterKey === undefined
      ? 'MASTER_KEY: is missing, and the database holds API keys that were encrypted with one.'
      : 'MASTER_KEY: is not the one that the API keys in the database were encrypted with. Set that one again; all servers of a database have the same.',
    { cause },
  );

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { openStore, type Store, type StoreOptions } from '../../src/store/store.ts';
import { newPostgres, type Postgres } from './postgres.ts';

/** One database of a test: opened as often as servers would open it. */
export interface Place {
  readonly kind: Store['kind'];
  /** What a server that uses it is started with. */
  readonly settings: { readonly dataDir: string; readonly databaseUrl?: string; readonly masterKey: Uint8Array };
  /** Closed at the end of the test. */
  open(options?: Partial<StoreOptions>): Promise<Store>;
}

type Story = (t: TestContext, place: Place) => Promise<void>;

const MASTER_KEY = randomBytes(32);

/** Runs every story over SQLite and over a PostgreSQL of its own: `overBothDatabases('keys', { 'a key …': async (t, { open }) => … })`. */
export function overBothDatabases(what: string, stories: Readonly<Record<string, Story>>): void {
  describe(`${what}, in SQLite`, () => {
    for (const [name, story] of Object.entries(stories)) test(name, t => story(t, sqlitePlace(t)));
  });
  describe(`${what}, in PostgreSQL`, () => {
    let postgres: Postgres | undefined;
    before(async () => {
      postgres = await newPostgres();
    });
    after(() => postgres?.remove());
    for (const [name, story] of Object.entries(stories)) {
      test(name, async t => story(t, postgresPlace(t, (await postgres?.newDatabase()) ?? '')));
    }
  });
}

/** A file in a folder of its own. */
export function sqlitePlace(t: TestContext): Place {
  const dataDir = newFolder(t);
  return { kind: 'sqlite', settings: { dataDir, masterKey: MASTER_KEY }, open: options => openFor(t, { dataDir, ...options }) };
}

export function postgresPlace(t: TestContext, databaseUrl: string): Place {
  const dataDir = newFolder(t);
  const settings = { dataDir, databaseUrl, masterKey: MASTER_KEY };
  return { kind: 'postgres', settings, open: options => openFor(t, { dataDir, databaseUrl, ...options }) };
}

export function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

async function openFor(t: TestContext, options: Partial<StoreOptions> & { dataDir: string }): Promise<Store> {
  const log = { info() {}, warn() {} };
  const store = await openStore({ databaseUrl: undefined, masterKey: MASTER_KEY, log, now: Date.now, patience: 0, ...options });
  t.after(() => store.close());
  return store;
}

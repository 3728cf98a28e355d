import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { StartError } from '../../src/config/start-error.ts';
import { openStore } from '../../src/store/store.ts';
import { newFolder } from '../support/both-databases.ts';
import { newPostgres, type Postgres } from '../support/postgres.ts';

const run = promisify(execFile);
const PROGRAM = new URL('../support/store-process.ts', import.meta.url).pathname;
const SERVERS = 5;
const log = { info() {}, warn() {} };

let postgres: Postgres | undefined;
before(async () => {
  postgres = await newPostgres();
});
after(() => postgres?.remove());
const newDatabase = async () => (await postgres?.newDatabase()) ?? '';

async function startAtOnce(...place: string[]): Promise<void> {
  const starts = Array.from({ length: SERVERS }, () => run(process.execPath, [PROGRAM, ...place]));
  for (const { stdout, stderr } of await Promise.all(starts)) assert.deepEqual([stdout, stderr], ['1\n', '']);
}

test('several processes that start at once make one PostgreSQL schema', async t =>
  startAtOnce(newFolder(t), await newDatabase()));

test('several processes that start at once make one SQLite schema', async t => {
  const folder = newFolder(t);
  await startAtOnce(folder);
  assert.equal(statSync(join(folder, 'aqlinks.db')).mode & 0o777, 0o600, 'nobody else reads it');
});

test('many stores of one process that open at once find one schema', async t => {
  const options = { dataDir: newFolder(t), databaseUrl: await newDatabase(), masterKey: undefined, log, now: Date.now };
  const stores = await Promise.all(Array.from({ length: SERVERS }, () => openStore(options)));
  await Promise.all(stores.map(store => store.close()));
});

test('a database that a newer aqlinks wrote is left alone', async t => {
  const options = { dataDir: newFolder(t), databaseUrl: undefined, masterKey: undefined, log, now: Date.now };
  const store = await openStore(options);
  const tomorrow = sql`insert into kysely_migration (name, timestamp) values ('9999-12-31-tomorrow', '9999-12-31T00:00:00Z')`;
  await tomorrow.execute(store.database);
  await store.close();
  await assert.rejects(openStore(options), error => error instanceof StartError && /newer aqlinks/.test(error.message));
});

test('a database that is not there is named without its password', async t => {
  const never = 'postgres://me:hush@127.0.0.1:1/nothing'; // port 1 is nobody's
  await assert.rejects(
    openStore({ dataDir: newFolder(t), databaseUrl: never, masterKey: undefined, log, now: Date.now, patience: 0 }),
    (error: Error) => error instanceof StartError && /DATABASE_URL/.test(error.message) && !/hush/.test(error.message),
  );
});

test('a database that comes a little later is waited for', async t => {
  const databaseUrl = await newDatabase();
  await postgres?.stop();
  const said: string[] = [];
  let told = () => {};
  const waiting = new Promise<void>(resolve => {
    told = resolve;
  });
  const warn = (_fields: object, message: string) => {
    said.push(message);
    told();
  };
  const opening = openStore({
    dataDir: newFolder(t),
    databaseUrl,
    masterKey: undefined,
    log: { info() {}, warn },
    now: Date.now,
  });
  await waiting;
  await postgres?.start();
  await (await opening).close();
  assert.deepEqual(said, ['The database does not answer yet; trying again']);
});

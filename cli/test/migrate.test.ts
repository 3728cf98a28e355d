import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { openStore } from '../../server/src/store/store.ts';
import { newPostgres, type Postgres } from '../../server/test/support/postgres.ts';
import { newFolder, runAqlinks } from './support/run-aqlinks.ts';

let running: Postgres | undefined;
before(async () => {
  running = await newPostgres();
});
after(() => running?.remove());

const masterKey = new Uint8Array(32).fill(9);
const log = { info() {}, warn() {} };
const ROOMS = 1_234;

async function newPlace(t: TestContext) {
  assert.ok(running);
  const folder = newFolder(t);
  const open = async (databaseUrl?: string) => {
    const store = await openStore({ databaseUrl, dataDir: join(folder, 'data'), masterKey, log, now: Date.now });
    t.after(() => store.close());
    return store;
  };
  const to = await running.newDatabase();
  return { postgres: running, folder, to, open, migrate: () => runAqlinks(['migrate', '--to', to], { folder }) };
}

test('an embedded store is carried over whole, and what was written goes on in PostgreSQL', async t => {
  const { to, open, migrate } = await newPlace(t);
  const embedded = await open();
  const key = await embedded.keys.create('default', 'the backend');
  await embedded.projects.create('school', 'Schüler & "Eltern"');
  const rooms = Array.from({ length: ROOMS }, (_, index) => `room ${index} – Ä`);
  for (const name of rooms)
    await embedded.database
      .insertInto('rooms')
      .values({ project: 'default', name, settings: '{"lobby":true}', created_at: 1, updated_at: 2 })
      .execute();
  await embedded.bans.put({ project: 'default', room: 'r', userId: 'mallory', reason: '', expiresAt: undefined });
  const before = await embedded.database.selectFrom('api_keys').selectAll().execute();
  await embedded.close();

  const { code, stdout, stderr } = await migrate();
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, new RegExp(`^rooms +${ROOMS}$`, 'm'));

  const store = await open(to);
  assert.deepEqual(await store.database.selectFrom('api_keys').selectAll().execute(), before);
  assert.deepEqual(
    (await store.keys.open(key.id))?.secrets.map(({ value }) => value),
    [key.secret],
    'it opens with the same MASTER_KEY',
  );
  assert.equal((await store.rooms.list('default', { limit: 10_000 })).length, ROOMS);
  assert.equal((await store.projects.find('school'))?.name, 'Schüler & "Eltern"');
  const heard: unknown[] = [];
  await store.changes.follow(news => void heard.push(...news));
  await store.rooms.put('default', 'new', {});
  assert.equal(heard.length, 1, 'the feed goes on where it was');
});

test('done twice, the second is refused and changes nothing', async t => {
  const { to, open, migrate } = await newPlace(t);
  const embedded = await open();
  await embedded.rooms.put('default', 'r', { lobby: true });
  await embedded.close();
  assert.equal((await migrate()).code, 0);
  const again = await migrate();
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^aqlinks: The target is not empty: its table rooms has rows\. Nothing was changed\. Name an empty/);
  assert.ok(!again.stderr.includes('a-password'));
  assert.deepEqual((await (await open(to)).rooms.find('default', 'r'))?.settings, { lobby: true });
});

test('a target on which a server was started once is still empty', async t => {
  const { to, open, migrate } = await newPlace(t);
  await (await open(to)).close();
  const embedded = await open();
  await embedded.rooms.put('default', 'r', {});
  await embedded.close();
  assert.equal((await migrate()).code, 0);
  assert.deepEqual(
    (await (await open(to)).projects.list()).map(({ id }) => id),
    ['default'],
  );
});

test('two that carry at once carry once', async t => {
  const { open, migrate } = await newPlace(t);
  const embedded = await open();
  await embedded.rooms.put('default', 'r', {});
  await embedded.close();
  const codes = (await Promise.all([migrate(), migrate()])).map(({ code }) => code);
  assert.deepEqual(codes.toSorted(), [0, 1]);
});

test('without an embedded store, without a target or with one that is away there is a sentence', async t => {
  const { postgres, folder, open, migrate } = await newPlace(t);
  assert.match(
    (await migrate()).stderr,
    /^aqlinks: There is no embedded store in \.\/data: .* Name its folder with DATA_DIR\.\n$/,
  );
  const missing = await runAqlinks(['migrate'], { folder });
  assert.deepEqual([missing.code, missing.stderr.includes('--to postgres://')], [2, true]);
  assert.match((await runAqlinks(['migrate', '--to', 'mysql://a/b'], { folder })).stderr, /must be an address such as postgres:/);
  await (await open()).close();
  await postgres.stop();
  const away = await migrate();
  await postgres.start();
  assert.match(away.stderr, /^aqlinks: A database does not answer: .*ECONNREFUSED.* do it again when it does\.\n$/);
  assert.equal((await migrate()).code, 0);
});

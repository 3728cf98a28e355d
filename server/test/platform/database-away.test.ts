import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { loadConfiguration } from '../../src/config/load.ts';
import { createLog } from '../../src/log.ts';
import { openPlatform } from '../../src/platform.ts';
import { isAway } from '../../src/store/errors.ts';
import type { IssuedToken } from '../../src/store/tokens.ts';
import { newFolder, postgresPlace } from '../support/both-databases.ts';
import { newWholeServer, within } from '../support/new-whole-server.ts';
import { newPostgres, type Postgres } from '../support/postgres.ts';

let running: Postgres | undefined;
before(async () => {
  running = await newPostgres();
});
after(() => running?.remove());

async function newPlace(t: TestContext) {
  assert.ok(running);
  const postgres = running;
  t.after(() => postgres.start()); // for the next test, whatever became of this one
  return { postgres, place: postgresPlace(t, await postgres.newDatabase()) };
}

const tokenOf = (number: number): IssuedToken => ({
  ...{ jti: String(number), project: 'default', key: undefined, userId: `user ${number}`, room: undefined, role: undefined },
  ...{ permissions: undefined, issuedAt: number, expiresAt: 1e15, refreshedFrom: undefined },
});

test('with the database stopped during a call, the call goes on, people join, and afterwards all acts as before', async t => {
  const { postgres, place } = await newPlace(t);
  const store = await place.open();
  const key = await store.keys.create('default', '');
  const server = await newWholeServer(t, place.settings);
  const alice = await server.join(t, { user: 'alice', by: key });
  const database = async () => JSON.parse((await server.get('/health')).text).database;
  assert.equal(await database(), 'reachable');

  await postgres.stop();
  await within(2_000, database, 'away');
  assert.equal((await server.get('/health')).status, 200, 'a balancer must not take it out');
  assert.match((await server.get('/metrics')).text, /^aqlinks_database_reachable 0$/m);
  const bob = await server.join(t, { user: 'bob', by: key });
  assert.equal(await server.refusal({ by: { id: 'nobody', secret: key.secret } }), 'token-issuer');
  bob.send({ event: 'chat', data: 'Do you notice anything?' });
  const chat = await alice.nextOf('chat');
  assert.match(JSON.stringify(chat), /Do you notice anything/);

  await postgres.start();
  await within(3_000, database, 'reachable');
  assert.match((await server.get('/metrics')).text, /^aqlinks_database_reachable 1$/m);
  const again = await place.open(); // the connections of the first one ended with the server
  await again.keys.revoke('default', key.id);
  await within(1_000, () => server.refusal({ by: key }), 'token-issuer');
  const said = server.log.join('\n');
  assert.match(said, /The database is away: calls and joins go on/);
  assert.match(said, /The database is back/);
  assert.ok(!said.includes('a-password') && !said.includes(key.secret), 'no secret is in the log');
});

test('what could not be written while the database was stopped is there afterwards, in order', async t => {
  const { postgres, place } = await newPlace(t);
  const configuration = loadConfiguration(place.settings, {});
  const log = createLog({ level: 'silent', pretty: false, destination: { write() {} } });
  const { masterKey } = place.settings;
  const platform = await openPlatform(configuration, { masterKey, log });
  t.after(() => platform.close());
  const { store, journal, directory } = platform;
  platform.start();
  journal.append('token', tokenOf(0));
  await journal.settled();
  await postgres.stop();
  for (let number = 1; number < 500; number += 1) journal.append('token', tokenOf(number));
  directory.ban('default', 'r', 'mallory', { reason: 'noise' });
  assert.equal(directory.isBanned('default', 'r', 'mallory'), true, 'in force at once');
  await journal.settled();
  assert.deepEqual([journal.stats().waiting, journal.stats().away], [500, true]);
  await assert.rejects(
    store.rooms.put('default', 'r', {}),
    isAway,
    'what somebody waits for fails, and says that it may be tried again',
  );

  await postgres.start();
  await within(5_000, async () => journal.stats().waiting, 0);
  const tokens = await store.database.selectFrom('tokens').select('user_id').orderBy('issued_at').execute();
  assert.deepEqual(
    tokens.map(({ user_id }) => user_id),
    Array.from({ length: 500 }, (_, number) => `user ${number}`),
  );
  assert.equal((await store.bans.find('default', 'r', 'mallory'))?.reason, 'noise');
});

test('a server that ends while the database is away leaves its journal for the next one', async t => {
  const { postgres, place } = await newPlace(t);
  const dataDir = newFolder(t);
  const configuration = loadConfiguration({ ...place.settings, dataDir }, {});
  const log = createLog({ level: 'silent', pretty: false, destination: { write() {} } });
  const { masterKey } = place.settings;
  const first = await openPlatform(configuration, { masterKey, log });
  first.start();
  await postgres.stop();
  first.directory.ban('default', 'r', 'mallory');
  await first.close();
  await postgres.start();

  const second = await openPlatform(configuration, { masterKey, log });
  t.after(() => second.close());
  second.start();
  await second.journal.settled();
  assert.equal(second.directory.isBanned('default', 'r', 'mallory'), true);
});

test('closing a server whose database is away takes no longer than its farewells', async t => {
  const { postgres, place } = await newPlace(t);
  const server = await newWholeServer(t, place.settings);
  const client = await server.join(t);
  await postgres.stop();
  const begin = performance.now();
  const [{ code }] = await Promise.all([client.closed, server.server.close()]);
  assert.equal(code, 1012);
  assert.ok(performance.now() - begin < 5_000);
});

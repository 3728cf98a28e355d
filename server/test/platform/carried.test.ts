import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { carryStore } from '../../src/store/carry.ts';
import { newFolder, postgresPlace } from '../support/both-databases.ts';
import { newWholeServer, type WholeServer, within } from '../support/new-whole-server.ts';
import { newPostgres, type Postgres } from '../support/postgres.ts';

let running: Postgres | undefined;
before(async () => {
  running = await newPostgres();
});
after(() => running?.remove());

const KEY = { id: 'backend', secret: 'a-key-of-this-test-0123456789-abcdefghijkl' };
const PEOPLE = 12;

async function api<T>(server: WholeServer, path: string): Promise<T> {
  const headers = { authorization: `Bearer ${KEY.id}:${KEY.secret}` };
  return (await (await fetch(`${server.server.origin}/api/v1${path}`, { headers })).json()) as T;
}

const users = async (server: WholeServer) =>
  (await api<{ items: { user: string | null }[] }>(server, '/audit?action=token.validated&limit=200')).items.map(
    ({ user }) => user,
  );

test('a server whose store was carried over goes on with its log, whole', async t => {
  assert.ok(running);
  const place = postgresPlace(t, await running.newDatabase());
  const { databaseUrl = '', masterKey } = place.settings;
  const dataDir = newFolder(t);
  const once = await newWholeServer(t, { ...place.settings, dataDir: newFolder(t) }); // made its schema, and went
  await once.server.close();

  const embedded = await newWholeServer(t, { dataDir, masterKey, apiKeys: `${KEY.id}:${KEY.secret}` });
  for (let number = 0; number < PEOPLE; number += 1) await embedded.join(t, { user: `before ${number}`, by: KEY });
  await within(5_000, async () => (await users(embedded)).length, PEOPLE);
  await embedded.server.close();
  await carryStore({ dataDir, to: databaseUrl });

  const server = await newWholeServer(t, { dataDir, databaseUrl, masterKey, apiKeys: `${KEY.id}:${KEY.secret}` });
  await server.join(t, { user: 'after', by: KEY });
  await within(5_000, async () => (await users(server)).length, PEOPLE + 1);
  assert.deepEqual(
    (await users(server)).toSorted(),
    [...Array.from({ length: PEOPLE }, (_, n) => `before ${n}`), 'after'].toSorted(),
  );
  const { intact } = await api<{ intact: boolean }>(server, '/audit/verify');
  assert.equal(intact, true);
});

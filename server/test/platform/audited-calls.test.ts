import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openStore } from '../../src/store/store.ts';
import { postgresPlace } from '../support/both-databases.ts';
import { newWholeServer, SECRET, type WholeServer, within } from '../support/new-whole-server.ts';
import { newPostgres, type Postgres } from '../support/postgres.ts';

let running: Postgres | undefined;
before(async () => {
  running = await newPostgres();
});
after(() => running?.remove());

const KEY = { id: 'backend', secret: 'a-key-of-this-test-0123456789-abcdefghijkl' };
const apiKeys = `${KEY.id}:${KEY.secret}`;

async function api(server: WholeServer, path: string) {
  const authorization = `Bearer ${KEY.id}:${KEY.secret}`;
  const response = await fetch(`${server.server.origin}/api/v1${path}`, { headers: { authorization } });
  assert.equal(response.status, 200, path);
  return response;
}

type Entry = Readonly<Record<string, string | null>>;
const entriesOf = async (server: WholeServer, query = '') =>
  ((await (await api(server, `/audit?limit=200${query}`)).json()) as { items: Entry[] }).items;

test('every token that was looked at is in the audit log, with who, where and why, and never the token', async t => {
  const server = await newWholeServer(t, { apiKeys, maxParticipantsPerRoom: 1 });
  await server.join(t, { user: 'ann', room: 'blue', by: KEY, claims: { jti: 'token-of-ann' } });
  assert.equal(
    await server.refusal({ user: 'bob', room: 'blue', by: { id: KEY.id, secret: `${SECRET}-another` } }),
    'token-signature',
  );
  assert.equal(await server.refusal({ user: 'eve', by: { id: 'nobody', secret: SECRET } }), 'token-issuer');
  assert.equal((await fetch(`${server.server.origin}/ws`)).status, 401);
  await assert.rejects(server.join(t, { user: 'cleo', room: 'blue' }), /403/);
  await within(3_000, async () => (await entriesOf(server)).length, 6);
  const [full, cleo, missing, issuer, signature, ann] = await entriesOf(server);
  assert.partialDeepStrictEqual(ann, {
    ...{ action: 'token.validated', outcome: 'accepted', reason: null, project: 'default', key: 'backend' },
    ...{ jti: 'token-of-ann', user: 'ann', room: 'blue', address: '127.0.0.1' },
  });
  assert.partialDeepStrictEqual(signature, {
    outcome: 'refused',
    reason: 'token-signature',
    key: 'backend',
    user: 'bob',
    room: 'blue',
  });
  assert.match(signature?.user_agent ?? '', /node/);
  assert.partialDeepStrictEqual(issuer, { outcome: 'refused', reason: 'token-issuer', key: 'nobody', user: 'eve' });
  assert.partialDeepStrictEqual(missing, { outcome: 'refused', reason: 'token-missing', user: null });
  assert.partialDeepStrictEqual(cleo, { action: 'token.validated', outcome: 'accepted', key: null, user: 'cleo' });
  assert.partialDeepStrictEqual(full, { action: 'participant.refused', outcome: 'refused', reason: 'room-full', user: 'cleo' });
  const lines = await (await api(server, '/audit/export')).text();
  assert.ok(!lines.includes('eyJ') && !lines.includes(KEY.secret) && !lines.includes(SECRET));
});

test('the database stopped during a call: nobody notices, and afterwards the log is whole', async t => {
  assert.ok(running);
  const postgres = running;
  t.after(() => postgres.start());
  const place = postgresPlace(t, await postgres.newDatabase());
  const server = await newWholeServer(t, { ...place.settings, masterKey: place.settings.masterKey, apiKeys });
  for (let n = 0; n < 5; n++) await server.join(t, { user: `before ${n}` });
  await postgres.stop();
  for (let n = 0; n < 20; n++) await server.join(t, { user: `during ${n}` });
  for (let n = 0; n < 5; n++) await server.refusal({ by: { id: 'nobody', secret: SECRET } });
  await postgres.start();
  await server.join(t, { user: 'after' });
  const counts = async () => {
    const entries = await entriesOf(server).catch(() => []);
    return [entries.filter(({ outcome }) => outcome === 'accepted').length, entries.length].join(' of ');
  };
  await within(15_000, counts, '26 of 31');
  assert.partialDeepStrictEqual(await (await api(server, '/audit/verify')).json(), { intact: true, sealed: true });
  const { items } = (await (await api(server, '/sessions')).json()) as { items: { participants: number }[] };
  assert.deepEqual(
    items.map(({ participants }) => participants),
    [26],
  );
});

test('two servers of one database keep one chain', async t => {
  assert.ok(running);
  const place = postgresPlace(t, await running.newDatabase());
  const { masterKey, databaseUrl } = place.settings;
  const servers = [
    await newWholeServer(t, { masterKey, databaseUrl, apiKeys }),
    await newWholeServer(t, { masterKey, databaseUrl, apiKeys }),
  ];
  await Promise.all(servers.flatMap((server, s) => Array.from({ length: 15 }, (_, n) => server.join(t, { user: `${s} ${n}` }))));
  for (const server of servers) await within(5_000, async () => (await entriesOf(server)).length, 30);
  for (const server of servers) {
    assert.partialDeepStrictEqual(await (await api(server, '/audit/verify')).json(), { intact: true, entries: 30 });
  }
  const store = await openStore({ ...place.settings, databaseUrl, log: { info() {}, warn() {} }, now: Date.now });
  t.after(() => store.close());
  await store.database.updateTable('audit_entries').set({ user_id: 'eve' }).where('seq', '=', 17).execute();
  assert.partialDeepStrictEqual(await (await api(servers[0] as WholeServer, '/audit/verify')).json(), {
    ...{ intact: false, problem: { seq: 17, kind: 'changed' } },
  });
});

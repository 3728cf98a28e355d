import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRooms } from '../../../src/conference/rooms.ts';
import { newApi } from '../../support/new-api.ts';
import { newPostgres } from '../../support/postgres.ts';

test('while the database is away tokens are issued and calls are managed; what must be written is told to come again', async t => {
  const postgres = await newPostgres();
  t.after(() => postgres.remove());
  const { backend, nobody, server } = await newApi(t, { databaseUrl: await postgres.newDatabase() }, { createRooms });
  const before = await backend.ask('issueToken', { body: { user_id: 'alice', room: 'r' } });
  await postgres.stop();

  const issued = await backend.ask('issueToken', { body: { user_id: 'bob', room: 'r' } });
  assert.equal(issued.status, 201);
  assert.equal((await nobody.ask('refreshToken', { body: { token: before.body.token } })).status, 201);
  assert.equal((await fetch(issued.body.ws_url.replace(/^ws/, 'http'))).status, 426, 'it opens the room');
  assert.equal(
    (await backend.ask('listParticipants', { params: { room: 'r' } })).status,
    404,
    'asked of the rooms, not of the database',
  );
  for (const [name, asked] of [
    ['createRoom', { body: { room: 'r' } }],
    ['createKey', { body: {} }],
    ['revokeTokens', { body: { user_id: 'alice' } }],
    ['listRooms', {}],
    ['issueToken', { body: { user_id: 'carol' }, headers: { 'idempotency-key': 'x' } }],
  ] as const) {
    const { status, body, headers } = await backend.ask(name, asked);
    assert.deepEqual([status, body.code], [503, 'unavailable'], name);
    assert.ok(Number(headers.get('retry-after')) > 0);
  }
  assert.ok(!server.log.some(line => line.includes('A bug of aqlinks')));

  await postgres.start();
  await server.platform.journal.settled();
  const rows = await server.platform.store.database.selectFrom('tokens').select('user_id').execute();
  assert.ok(
    rows.some(({ user_id }) => user_id === 'bob'),
    'what was issued meanwhile is written down',
  );
});

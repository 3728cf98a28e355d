import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyPage, newApi } from '../../support/new-api.ts';

const headers = { 'idempotency-key': '6f1d7f3c-0000-4000-8000-000000000001' };

test('the same request with the same key is carried out once and answered twice, secret and all', async t => {
  const { newProject } = await newApi(t);
  const { caller } = await newProject('school');
  const first = await caller.ask('createKey', { body: { name: 'k' }, headers });
  const second = await caller.ask('createKey', { body: { name: 'k' }, headers });
  assert.deepEqual([second.status, second.body], [201, first.body]);
  assert.deepEqual([first.headers.get('idempotency-replayed'), second.headers.get('idempotency-replayed')], [null, 'true']);
  assert.equal((await everyPage(caller, 'listKeys', { limit: 10 })).length, 2);
  const other = await caller.ask('createKey', { body: { name: 'k' }, headers: { 'idempotency-key': 'another' } });
  assert.notEqual(other.body.id, first.body.id);
});

test('another body, or another address, with the same key is refused', async t => {
  const { backend } = await newApi(t);
  await backend.ask('createRoom', { body: { room: 'a' }, headers });
  assert.deepEqual(
    await Promise.all([
      backend.ask('createRoom', { body: { room: 'b' }, headers }).then(({ status, body }) => [status, body.code]),
      backend.ask('issueToken', { body: { user_id: 'a' }, headers }).then(({ status, body }) => [status, body.code]),
    ]),
    [
      [422, 'idempotency-mismatch'],
      [422, 'idempotency-mismatch'],
    ],
  );
  assert.equal((await backend.ask('getRoom', { params: { room: 'b' } })).status, 404);
  const reordered = await backend.ask('createRoom', { body: '{ "room" : "a" }', headers });
  assert.equal(reordered.status, 201, 'the same said differently is the same');
});

test('of many at once exactly one is carried out; the others get its answer or are told to wait', async t => {
  const { newProject } = await newApi(t);
  const { caller } = await newProject('school');
  const answers = await Promise.all(Array.from({ length: 20 }, () => caller.ask('createKey', { body: { name: 'k' }, headers })));
  const done = answers.filter(({ status }) => status === 201);
  assert.ok(done.length >= 1);
  assert.equal(new Set(done.map(({ body }) => body.id)).size, 1);
  for (const { status, body, headers: given } of answers.filter(each => each.status !== 201)) {
    assert.deepEqual([status, body.code, given.get('retry-after')], [409, 'idempotency-in-progress', '1']);
  }
  assert.equal((await everyPage(caller, 'listKeys', { limit: 10 })).length, 2);
});

test('projects do not share keys of idempotency', async t => {
  const { newProject } = await newApi(t);
  const [one, two] = [await newProject('one'), await newProject('two')];
  const first = await one.caller.ask('createKey', { body: { name: 'k' }, headers });
  const second = await two.caller.ask('createKey', { body: { name: 'k' }, headers });
  assert.notEqual(first.body.secret, second.body.secret);
});

test('what was refused may be tried again with the same key', async t => {
  const { backend } = await newApi(t);
  await backend.ask('createRoom', { body: { room: 'a' } });
  assert.equal((await backend.ask('createRoom', { body: { room: 'a' }, headers })).status, 409);
  await backend.ask('deleteRoom', { params: { room: 'a' } });
  assert.equal((await backend.ask('createRoom', { body: { room: 'a' }, headers })).status, 201);
});

test('answers are kept sealed: neither a secret nor a token stands in the database', async t => {
  const { newProject, server } = await newApi(t);
  const { caller } = await newProject('school');
  const created = await caller.ask('createKey', { body: { name: 'k' }, headers });
  const issued = await caller.ask('issueToken', { body: { user_id: 'alice' }, headers: { 'idempotency-key': 'x' } });
  const rows = await server.platform.store.database.selectFrom('idempotency').selectAll().execute();
  assert.equal(rows.length, 2);
  const text = JSON.stringify(rows);
  for (const hidden of [created.body.secret, issued.body.token, 'alice']) assert.ok(!text.includes(hidden));
});

test('a key that is none is refused', async t => {
  const { backend } = await newApi(t);
  for (const key of ['', 'a b', 'x'.repeat(256), 'ü']) {
    const answer = await backend.ask('createRoom', { body: { room: 'a' }, headers: { 'idempotency-key': key } });
    assert.equal(answer.status, 400, key);
  }
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { createRooms } from '../../../src/conference/rooms.ts';
import { type Caller, everyPage, KEY_SECRET, newApi } from '../../support/new-api.ts';
import { TestClient } from '../../support/new-client.ts';

interface Line {
  readonly seq: number;
  readonly action: string;
  readonly outcome: string;
  readonly key: string | null;
  readonly room: string | null;
  readonly user: string | null;
  readonly details: { readonly by?: string } | null;
}

const linesOf = async (caller: Caller, query: Record<string, string> = {}) =>
  (await everyPage(caller, 'listAudit', { query, limit: 3 })) as Line[];

test('every act leaves a line, refused ones too, and no line holds a secret or a token', async t => {
  const { backend, operator, callerWith, server } = await newApi(t);
  const headers = { 'user-agent': 'the backend/1.0' };
  const { body: token } = await backend.ask('issueToken', { body: { user_id: 'alice', room: 'r' }, headers });
  await backend.ask('refreshToken', { body: { token: token.token } });
  await backend.ask('revokeTokens', { body: { token: token.token, reason: 'lost phone' } });
  await backend.ask('createRoom', { body: { room: 'r' } });
  await backend.ask('createRoom', { body: { room: 'r' } });
  await backend.ask('endRoom', { params: { room: 'r' } });
  const { body: key } = await backend.ask('createKey', { body: { name: 'k' } });
  const { body: rotated } = await backend.ask('rotateKey', { params: { key: key.id }, body: {} });
  await operator.ask('putRoles', { body: { roles: {} } });
  await callerWith('backend:wrong-secret').ask('listRooms');
  await backend.ask('listRooms');
  const lines = await linesOf(backend);
  assert.deepEqual(lines.map(({ action, outcome }) => `${action} ${outcome}`).reverse(), [
    ...['token.issued accepted', 'token.refreshed accepted', 'token.revoked accepted', 'room.created accepted'],
    ...['room.created refused', 'room.ended refused', 'key.created accepted', 'key.rotated accepted'],
    ...['role.table-changed accepted', 'admin.refused refused'],
  ]);
  const issued = lines.at(-1);
  assert.deepEqual([issued?.key, issued?.user, issued?.room, issued?.details?.by], ['backend', 'alice', 'r', 'key']);
  assert.equal(lines[1]?.details?.by, 'root');
  const written = JSON.stringify(lines) + server.log.join('');
  for (const hidden of [token.token, token.token.split('.')[2], KEY_SECRET, key.secret, rotated.secret, 'wrong-secret']) {
    assert.ok(!written.includes(hidden), hidden);
  }
  const rooms = await linesOf(backend, { action: 'room.' });
  assert.deepEqual(
    rooms.map(({ action }) => action),
    ['room.ended', 'room.created', 'room.created'],
  );
  assert.equal((await linesOf(backend, { outcome: 'refused', room: 'r' })).length, 2);
  assert.deepEqual(await linesOf(backend, { to: '2020-01-01T00:00:00+01:00' }), []);
});

test('the log is verified and exported, and another project sees none of it but hashes', async t => {
  const { backend, newProject } = await newApi(t);
  const { caller } = await newProject('school');
  await backend.ask('createRoom', { body: { room: 'of-the-backend' } });
  await caller.ask('createRoom', { body: { room: 'of-the-school' } });
  const { body } = await backend.ask('verifyAudit');
  assert.deepEqual([body.intact, body.sealed, body.problem], [true, true, null]);
  assert.ok(body.head.seq >= 4);
  const exported = await backend.ask('exportAudit');
  assert.match(exported.headers.get('content-type') ?? '', /^application\/x-ndjson/);
  const lines = exported.text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as object);
  assert.ok(lines.length >= 4);
  assert.ok(exported.text.includes('of-the-backend') && !exported.text.includes('of-the-school'));
  assert.ok(!JSON.stringify(await linesOf(caller)).includes('of-the-backend'));
});

/** Somewhere that takes webhooks; what it was sent, one after the other. */
async function newReceiver(t: TestContext) {
  const arrived: { readonly type: string; readonly data: { readonly room?: string } }[] = [];
  let wake = Promise.withResolvers<void>();
  const receiver = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    arrived.push(JSON.parse(text));
    response.end();
    wake.resolve();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  t.after(() => receiver.close());
  return {
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    async next() {
      for (;;) {
        const event = arrived.shift();
        if (event !== undefined) return event;
        wake = Promise.withResolvers();
        await wake.promise;
      }
    },
  };
}

test('a webhook is created with its secret shown once, tested, changed, replayed and deleted', async t => {
  const { backend, newProject } = await newApi(t, {}, { createRooms });
  const { caller: stranger } = await newProject('stranger');
  const receiver = await newReceiver(t);
  const created = await backend.ask('createWebhook', { body: { url: receiver.url, events: ['room.started', 'room.ended'] } });
  assert.equal(created.status, 201);
  assert.match(created.body.secret, /^whsec_/);
  const params = { webhook: created.body.id };
  const read = await backend.ask('getWebhook', { params });
  assert.ok(!read.text.includes('whsec_'));
  assert.deepEqual((await backend.ask('listWebhooks')).body.items, [read.body]);
  const tested = await backend.ask('testWebhook', { params });
  assert.deepEqual([tested.body.state, tested.body.status, tested.body.type], ['delivered', 200, 'webhook.test']);
  assert.equal((await receiver.next()).type, 'webhook.test');

  const { body } = await backend.ask('issueToken', { body: { user_id: 'alice', room: 'r' } });
  const client = new TestClient(new WebSocket(body.ws_url));
  await client.next();
  const started = await receiver.next();
  assert.deepEqual([started.type, started.data.room], ['room.started', 'r']);
  client.socket.close();
  assert.equal((await receiver.next()).type, 'room.ended');

  const deliveries = (await everyPage(backend, 'listDeliveries', { params, limit: 1 })) as { id: string; type: string }[];
  assert.ok(deliveries.some(({ type }) => type === 'room.started'));
  const again = deliveries.find(({ type }) => type === 'room.started')?.id ?? '';
  assert.equal((await backend.ask('replayDelivery', { params: { ...params, delivery: again } })).status, 200);
  assert.equal((await receiver.next()).type, 'room.started');

  const session = (await backend.ask('listSessions', { query: { room: 'r' } })).body.items[0];
  const attended = await backend.ask('listSessionParticipants', { params: { session: session.id } });
  assert.deepEqual([attended.body.items[0].user_id, attended.body.items[0].reason], ['alice', 'disconnected']);
  assert.deepEqual((await backend.ask('getSession', { params: { session: session.id } })).body, session);

  for (const name of [
    'getWebhook',
    'putWebhook',
    'rotateWebhook',
    'deleteWebhook',
    'testWebhook',
    'listDeliveries',
    'replayDelivery',
  ] as const) {
    const given = name === 'putWebhook' ? { body: { url: 'http://example.com' } } : {};
    assert.equal((await stranger.ask(name, { params: { ...params, delivery: again }, ...given })).status, 404, name);
  }
  for (const name of ['getSession', 'listSessionParticipants'] as const) {
    assert.equal((await stranger.ask(name, { params: { session: session.id } })).status, 404, name);
  }
  assert.deepEqual((await stranger.ask('listSessions')).body.items, []);
  assert.deepEqual((await stranger.ask('listWebhooks')).body.items, []);

  const put = await backend.ask('putWebhook', { params, body: { url: receiver.url, active: false, description: 'off' } });
  assert.deepEqual([put.body.active, put.body.description, put.body.events], [false, 'off', []]);
  const rotated = await backend.ask('rotateWebhook', { params });
  assert.notEqual(rotated.body.secret, created.body.secret);
  assert.equal((await backend.ask('deleteWebhook', { params })).status, 204);
  assert.equal((await backend.ask('getWebhook', { params })).status, 404);
  for (const url of ['ftp://example.com', 'http://user:secret@example.com', 'http://', 'example.com']) {
    const refused = await backend.ask('createWebhook', { body: { url } });
    assert.deepEqual([refused.status, refused.body.errors[0].pointer], [400, '#/url'], url);
  }
});

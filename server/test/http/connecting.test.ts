import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { JoinRefused } from '../../src/session.ts';
import { newClient } from '../support/new-client.ts';
import { newServer } from '../support/new-server.ts';
import { refusalOf } from '../support/refusal-of.ts';

for (const path of ['/aq_server/websocket', '/aq_server/ws', '/ws']) {
  test(`a token opens ${path} (SPEC:P1)`, async t => {
    const server = await newServer(t);
    const client = await newClient(t, server, { path });
    assert.deepEqual(await client.next(), { event: 'offer', data: '{"type":"offer","sdp":"v=0\\r\\n"}' });
  });
}

test('an Authorization header opens it as well (SPEC:P1)', async t => {
  const server = await newServer(t);
  const socket = new WebSocket(server.webSocketUrl, { headers: { authorization: `Bearer ${await server.token()}` } });
  t.after(() => socket.terminate());
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
});

test('no token is refused before the upgrade with a reason (SPEC:P3)', async t => {
  const server = await newServer(t);
  const { status, body } = await refusalOf(server.webSocketUrl);
  assert.equal(status, 401);
  assert.equal(body.error, 'token-missing');
  assert.match(body.message, /token/);
});

test('a room that is full refuses with 403, a server that is full with 503 (SPEC:P22)', async t => {
  const server = await newServer(t);
  const url = `${server.webSocketUrl}?token=${await server.token()}`;
  server.rooms.refuse = new JoinRefused('room-full', 'The room is full.');
  assert.deepEqual(await refusalOf(url), { status: 403, body: { error: 'room-full', message: 'The room is full.' } });
  server.rooms.refuse = new JoinRefused('server-full', 'The server is full.');
  assert.equal((await refusalOf(url)).status, 503);
});

test('another path is 404, and a handshake that is none is 400 without anybody joining', async t => {
  const server = await newServer(t);
  const token = await server.token();
  assert.equal((await refusalOf(`${server.origin.replace('http', 'ws')}/elsewhere?token=${token}`)).status, 404);
  const { status, body } = await refusalOf(`${server.webSocketUrl}?token=${token}`, {
    headers: { 'sec-websocket-key': 'short' },
  });
  assert.equal(status, 400);
  assert.equal(body.error, 'handshake-invalid');
  assert.equal(server.rooms.members.length, 0);
});

test('aqlinks.v1 is selected where it is offered, and no other subprotocol (SPEC:P7)', async t => {
  const server = await newServer(t);
  const url = `${server.webSocketUrl}?token=${await server.token()}`;
  const offered: [string[], string][] = [
    [['chat.v9', 'aqlinks.v1'], 'aqlinks.v1'],
    [[], ''],
  ];
  for (const [protocols, selected] of offered) {
    const socket = new WebSocket(url, protocols);
    t.after(() => socket.terminate());
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    assert.equal(socket.protocol, selected);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Health, RoomList } from '@aqlinks/protocol';
import { newClient } from '../support/new-client.ts';
import { newServer } from '../support/new-server.ts';
import { refusalOf } from '../support/refusal-of.ts';

test('/health and /rooms count participants and name none of them (SPEC:P43)', async t => {
  const server = await newServer(t);
  await newClient(t, server, { user: 'alice-who-is-private', room: 'a' });
  await newClient(t, server, { user: 'bob-who-is-private', room: 'a' });
  await newClient(t, server, { user: 'carol-who-is-private', room: 'b' });
  const health = await (await fetch(`${server.origin}/health`)).text();
  assert.equal(Health.parse(JSON.parse(health)).peers, 3);
  const rooms = await (await fetch(`${server.origin}/rooms`)).text();
  const list = RoomList.parse(JSON.parse(rooms));
  assert.deepEqual(list.rooms, [
    { room_id: 'a', peer_count: 2 },
    { room_id: 'b', peer_count: 1 },
  ]);
  assert.deepEqual([list.total_rooms, list.total_peers], [2, 3]);
  const metrics = await (await fetch(`${server.origin}/metrics`)).text();
  assert.doesNotMatch(health + rooms + metrics, /private/);
});

test('/metrics is Prometheus text in which every metric is explained (SPEC:P43)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  client.send({ event: 'chat', data: 'hello' });
  client.send('nonsense');
  await client.nextError();
  await refusalOf(server.webSocketUrl);
  const response = await fetch(`${server.origin}/metrics`);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const line of [
    'aqlinks_participants 1',
    'aqlinks_rooms 1',
    'aqlinks_websockets 1',
    'aqlinks_joins_total{outcome="accepted"} 1',
    'aqlinks_joins_total{outcome="token-missing"} 1',
    'aqlinks_messages_total{event="chat"} 1',
    'aqlinks_messages_refused_total{code="not-json"} 1',
  ]) {
    assert.ok(text.split('\n').includes(line), line);
  }
  const names = new Set([...text.matchAll(/^([a-z]\w*?)(?:_bucket|_sum|_count)?(?:\{| )/gm)].map(match => match[1]));
  for (const name of names) assert.match(text, new RegExp(`^# HELP ${name}(_\\w+)? .{5,}`, 'm'), name);
  assert.match(text, /^nodejs_eventloop_lag_seconds /m);
});

test('/metrics is JSON for those who ask for it', async t => {
  const server = await newServer(t);
  const metrics = (await (await fetch(`${server.origin}/metrics`, { headers: { accept: 'application/json' } })).json()) as {
    name: string;
  }[];
  assert.ok(metrics.some(({ name }) => name === 'aqlinks_participants'));
});

test('what is not there is a JSON error that says where to go', async t => {
  const server = await newServer(t);
  const response = await fetch(`${server.origin}/nowhere`);
  assert.equal(response.status, 404);
  assert.deepEqual(await response.json(), { error: 'not-found', message: 'There is nothing here. The page is at /aq_server/.' });
  assert.equal((await fetch(`${server.origin}/health`, { method: 'DELETE' })).status, 404);
});

test('an upgrade to something else than WebSocket is an ordinary request, as curl --http2 sends it', async t => {
  const server = await newServer(t);
  const { default: http } = await import('node:http');
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
  const status = await new Promise(resolve =>
    http.get(`${server.origin}/health`, { headers }, response => resolve(response.resume().statusCode)),
  );
  assert.equal(status, 200);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { Backlog } from '../../src/signalling/aq/backlog.ts';
import { newClient, TestClient } from '../support/new-client.ts';
import { newServer, type TestServer } from '../support/new-server.ts';

interface Again {
  readonly user?: string;
  readonly room?: string;
  readonly role?: string;
  readonly key: string;
  readonly received: number;
}

async function again(t: TestContext, server: TestServer, { user = 'alice', room = 'r', role, key, received }: Again) {
  const token = await server.token({ user_id: user, room, ...(role === undefined ? {} : { user_type: role }) });
  const url = `${server.origin.replace('http', 'ws')}/ws?token=${token}&resume=${key}&received=${received}`;
  const socket = new WebSocket(url, ['aqlinks.v1']);
  t.after(() => socket.terminate());
  const client = new TestClient(socket);
  await once(socket, 'open');
  return client;
}

const keyOf = (welcome: Record<string, unknown>) => String((welcome.data as { resume?: string }).resume);

test('a client whose socket broke goes on where it was: it gets what it missed, and stays who it is (SPEC:P65)', async t => {
  const server = await newServer(t, { resumeWithin: '10s' });
  const client = await newClient(t, server, { extended: true });
  const key = keyOf(await client.nextOf('welcome'));
  client.send({ event: 'chat', data: 'one' });
  const [member] = server.rooms.members;
  await server.rooms.when(({ calls }) => calls.length === 1);
  client.socket.terminate();
  await client.closed;
  member?.outlet.notify({ type: 'participant-left', participant: 'p9', reason: 'left' });
  const back = await again(t, server, { key, received: 1 });
  assert.deepEqual(await back.next(), { event: 'resumed', data: { received: 1 } });
  assert.equal((await back.next()).event, 'offer');
  assert.equal((await back.next()).event, 'participant-left');
  back.send({ event: 'chat', data: 'two' });
  await server.rooms.when(({ calls }) => calls.some(([, text]) => text === 'two'));
  assert.deepEqual([server.rooms.members.length, member?.left], [1, undefined]);
});

test('a break that the server has not noticed yet is gone on from, and the old socket is cut off (SPEC:P65)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server, { extended: true });
  const key = keyOf(await client.nextOf('welcome'));
  const back = await again(t, server, { key, received: 2 });
  assert.deepEqual(await back.next(), { event: 'resumed', data: { received: 0 } });
  assert.equal((await client.closed).code, 1006);
  back.send({ event: 'ping', data: { received: 2 } });
  assert.deepEqual(await back.nextOf('pong'), { event: 'pong', data: { received: 1 } });
  assert.equal(server.rooms.members[0]?.left, undefined);
});

test('who goes on with another token has what that one says from then on (SPEC:P58, SPEC:P65)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server, { extended: true });
  const key = keyOf(await client.nextOf('welcome'));
  const back = await again(t, server, { role: 'viewer', key, received: 2 });
  await back.nextOf('token-accepted');
  const [call, grant] = (server.rooms.members[0]?.calls[0] ?? []) as [string, { role: string }];
  assert.deepEqual([call, grant.role], ['refresh', 'viewer']);
});

test('with another key, another person, another room or a count that never was, one joins (SPEC:P65)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server, { extended: true });
  const key = keyOf(await client.nextOf('welcome'));
  for (const wrong of [
    { key: 'guessed', received: 1 },
    { key, received: 99 },
    { key, received: 1, user: 'mallory' },
    { key, received: 1, room: 'elsewhere' },
  ])
    assert.equal((await (await again(t, server, wrong)).next()).event, 'welcome', JSON.stringify(wrong));
});

test('after RESUME_WITHIN it has left, and its key is worth nothing (SPEC:P65)', async t => {
  const server = await newServer(t, { resumeWithin: '100ms' });
  const client = await newClient(t, server, { extended: true });
  const key = keyOf(await client.nextOf('welcome'));
  client.socket.terminate();
  assert.equal(await server.rooms.left('alice'), 'disconnected');
  assert.equal((await (await again(t, server, { key, received: 2 })).next()).event, 'welcome');
});

test('whoever is removed while away is not let on', async t => {
  const server = await newServer(t, { resumeWithin: '10s' });
  const client = await newClient(t, server, { extended: true });
  const key = keyOf(await client.nextOf('welcome'));
  client.socket.terminate();
  await client.closed;
  server.rooms.members[0]?.outlet.close('removed');
  assert.equal((await (await again(t, server, { key, received: 2 })).next()).event, 'welcome');
});

test('a backlog holds what was not acknowledged, up to its bound', () => {
  const backlog = new Backlog();
  for (const text of ['a', 'b', 'c', 'd']) backlog.push(text);
  assert.deepEqual(backlog.after(1), ['b', 'c', 'd']);
  assert.deepEqual(backlog.after(4), []);
  assert.equal(backlog.after(5), undefined);
  backlog.acknowledge(2);
  backlog.acknowledge(1);
  assert.equal(backlog.after(1), undefined);
  assert.deepEqual(backlog.after(2), ['c', 'd']);
  backlog.acknowledge(1_000_000);
  assert.deepEqual(backlog.after(4), []);
  for (let count = 0; count < 100; count += 1) backlog.push('x'.repeat(100_000));
  assert.equal(backlog.after(4), undefined);
  assert.equal(backlog.after(94)?.length, 10);
});

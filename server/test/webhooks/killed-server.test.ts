import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { signToken } from '../../src/auth/sign-token.ts';
import { newFolder } from '../support/both-databases.ts';
import { newProcess, type ServerProcess } from '../support/new-process.ts';
import { failing, newReceiver, ok, type Received, verify } from './new-receiver.ts';

const KEY = { id: 'backend', secret: 'a-key-of-this-test-0123456789-abcdefghijkl' };
const SECRET = 'a-secret-of-the-tests-0123456789-abcdef';

async function join(t: TestContext, { origin }: ServerProcess, user: string, room: string): Promise<WebSocket> {
  const secret = new TextEncoder().encode(SECRET);
  const { token } = await signToken({ user_id: user, room }, { secret, lifetime: 60_000, now: Date.now() });
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws?token=${token}`);
  t.after(() => socket.terminate());
  socket.on('error', () => {}); // the server is killed
  await once(socket, 'open');
  return socket;
}

async function ask({ origin }: ServerProcess, method: string, path: string, body?: object) {
  const response = await fetch(`${origin}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY.id}:${KEY.secret}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return (await response.json()) as Record<string, never>;
}

const told = (received: readonly Received[], room: string) => {
  const seen = new Map(received.filter(each => each.room === room).map(each => [each.id, each])); // the same twice is the same event
  return [...seen.values()].map(({ type, body }) => [type, JSON.parse(body).data.participant?.user_id ?? null].join(' '));
};

test('a server that is killed loses nothing: neither what it told nor what it could not tell any more', async t => {
  const dataDir = newFolder(t);
  const options = { dataDir, jwtSecret: SECRET, apiKeys: `${KEY.id}:${KEY.secret}` };
  const receiver = await newReceiver(t, failing);
  let server = await newProcess(t, options);
  const { secret } = await ask(server, 'POST', '/webhooks', { url: receiver.url });
  for (const room of ['blue', 'red']) for (const user of ['ann', 'bob']) await join(t, server, user, room);
  await receiver.count(2); // the first of each room, which fails
  await server.kill();

  receiver.answer = ok;
  server = await newProcess(t, options); // it takes up what waits, and ends the calls of the one that died
  const whole = ['room.started ', 'participant.joined ann', 'participant.joined bob'];
  await receiver.until(({ type, room }) => type === 'room.ended' && room === 'blue');
  while (!told(receiver.received, 'red').includes('room.ended ')) await receiver.count(receiver.received.length + 1);
  for (const room of ['blue', 'red']) {
    assert.deepEqual(told(receiver.received, room), [...whole, 'participant.left ann', 'participant.left bob', 'room.ended ']);
  }
  for (const each of receiver.received) verify(String(secret), each);

  const verdict = await ask(server, 'GET', '/audit/verify');
  assert.equal(verdict.intact, true);
  const { items } = (await ask(server, 'GET', '/audit?action=token.validated')) as unknown as { items: { user: string }[] };
  assert.equal(items.length, 4);
  const sessions = (await ask(server, 'GET', '/sessions')) as unknown as { items: { participants: number; ended_at: string }[] };
  assert.deepEqual(
    sessions.items.map(({ participants, ended_at }) => [participants, ended_at !== null]),
    [
      [2, true],
      [2, true],
    ],
  );
});

test('a server that ends in order says that everybody left before it goes', async t => {
  const options = { dataDir: newFolder(t), jwtSecret: SECRET, apiKeys: `${KEY.id}:${KEY.secret}` };
  const receiver = await newReceiver(t);
  const first = await newProcess(t, options);
  await ask(first, 'POST', '/webhooks', { url: receiver.url, events: ['participant.left', 'room.ended'] });
  await join(t, first, 'ann', 'blue');
  await first.end();
  await newProcess(t, options);
  await receiver.count(2);
  assert.deepEqual(told(receiver.received, 'blue'), ['participant.left ann', 'room.ended ']);
  assert.equal(JSON.parse(receiver.received[0]?.body ?? '').data.reason, 'server-shutdown');
});

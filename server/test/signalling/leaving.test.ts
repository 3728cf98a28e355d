import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE, type CloseName } from '@aqlinks/protocol';
import { newClient } from '../support/new-client.ts';
import { newServer } from '../support/new-server.ts';
import { refusalOf } from '../support/refusal-of.ts';

test('leave ends the participation with reason left and close code 1000 (SPEC:P40)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server, { extended: true });
  client.send({ event: 'leave' });
  assert.deepEqual(await client.closed, { code: 1000, reason: CLOSE.left.reason });
  assert.equal(await server.rooms.left('alice'), 'left');
});

test('a socket that closes ends its participant at once (SPEC:P23)', async t => {
  const server = await newServer(t, { resumeWithin: '100ms' });
  const polite = await newClient(t, server, { user: 'polite' });
  polite.socket.close(1000);
  assert.equal(await server.rooms.left('polite'), 'disconnected');
  const killed = await newClient(t, server, { user: 'killed' });
  killed.socket.terminate();
  assert.equal(await server.rooms.left('killed'), 'disconnected');
  const crashed = await newClient(t, server, { user: 'crashed', extended: true });
  crashed.socket.terminate();
  assert.equal(await server.rooms.left('crashed'), 'disconnected', 'after RESUME_WITHIN');
});

for (const reason of ['replaced', 'removed', 'mediaFailed'] satisfies CloseName[]) {
  test(`whom the room closes as ${reason} is told by code and sentence (SPEC:P25)`, async t => {
    const server = await newServer(t);
    const client = await newClient(t, server);
    server.rooms.members[0]?.outlet.close(reason);
    server.rooms.members[0]?.outlet.close('left'); // idempotent
    assert.deepEqual(await client.closed, { code: CLOSE[reason].code, reason: CLOSE[reason].reason });
    assert.equal(server.rooms.members[0]?.left, undefined); // the room knows already
  });
}

test('nothing is carried out of a client that has left', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  client.send({ event: 'leave' });
  client.send({ event: 'chat', data: 'still here?' });
  await client.closed;
  assert.deepEqual(server.rooms.members[0]?.calls, []);
});

test('a bug in leaving is logged and ends nothing else', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  const [member] = server.rooms.members;
  assert.ok(member);
  const tried = Promise.withResolvers<void>();
  member.leave = () => {
    tried.resolve();
    throw new Error('told to fail');
  };
  client.socket.terminate();
  await tried.promise;
  assert.equal((await fetch(`${server.origin}/health`)).status, 200);
  assert.ok(server.log.some(line => line.includes('A bug of aqlinks') && line.includes('told to fail')));
});

test('at a shutdown everyone is told and closed with 1012, and nobody gets in any more (SPEC:P41)', async t => {
  const server = await newServer(t);
  const extended = await newClient(t, server, { user: 'alice', extended: true });
  const plain = await newClient(t, server, { user: 'bob' });
  const url = `${server.webSocketUrl}?token=${await server.token()}`;
  const closing = server.close();
  assert.equal((await extended.nextOf('shutdown')).event, 'shutdown');
  assert.deepEqual(await extended.closed, { code: 1012, reason: CLOSE.shuttingDown.reason });
  assert.equal((await plain.closed).code, 1012);
  await closing;
  await assert.rejects(refusalOf(url), { code: 'ECONNREFUSED' });
  await server.close(); // idempotent
});

test('whoever comes while the others still take their leave is told that the server ends (SPEC:P41)', async t => {
  const server = await newServer(t);
  const slow = await newClient(t, server);
  slow.socket.pause(); // it does not answer the close
  const closing = server.close();
  const health = await fetch(`${server.origin}/health`);
  assert.deepEqual([health.status, ((await health.json()) as { status: string }).status], [503, 'shutting-down']);
  const { status, body } = await refusalOf(`${server.webSocketUrl}?token=${await server.token()}`);
  assert.deepEqual([status, body.error], [503, 'shutting-down']);
  await closing;
});

test('a client that does not answer the close cannot hold a shutdown up', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  client.socket.pause(); // it reads nothing any more
  const started = performance.now();
  await server.close();
  assert.ok(performance.now() - started < 5_000);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newClient } from '../support/new-client.ts';
import { newServer } from '../support/new-server.ts';

test('a new token reaches the session as the grant that it is (SPEC:P58)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server, { extended: true });
  client.send({ event: 'token', data: { token: await server.token({ user_id: 'alice', user_type: 'host' }) } });
  const { data } = (await client.nextOf('token-accepted')) as { data: { expires_at: string } };
  assert.ok(Date.parse(data.expires_at) > Date.now());
  const [call, grant] = (server.rooms.members[0]?.calls[0] ?? []) as [string, { role: string; room: string }];
  assert.deepEqual([call, grant.role, grant.room], ['refresh', 'host', 'r']); // what it leaves out is as it was
});

test('a token that would not be let in is refused, and neither it nor its like ends the call (SPEC:P58)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server, { extended: true });
  client.send({ event: 'token', data: { token: 'not.a.token' } });
  const { code, event } = await client.nextError();
  assert.deepEqual([code, event], ['token-refused', 'token']);
  client.send({ event: 'token', data: { token: await server.token() } });
  await client.nextOf('token-accepted');
  assert.ok(!server.log.join('').includes('not.a.token'));
});

test('messages about rights and tokens are never sent to a plain client; a text of the backend is, as chat (SPEC:P7, SPEC:P56)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  const outlet = server.rooms.members[0]?.outlet;
  outlet?.notify({ type: 'token-expiring', expiresAt: 1, seconds: 1, grace: 1 });
  outlet?.notify({ type: 'waiting', room: 'r' });
  outlet?.notify({ type: 'room-message', room: 'r', text: 'ten minutes left', at: Date.UTC(2026, 0, 1, 9, 41, 7) });
  assert.equal((await client.next()).event, 'offer');
  assert.deepEqual(await client.next(), { event: 'chat', message: 'ten minutes left', from: 'r', time: '09:41:07' });
});

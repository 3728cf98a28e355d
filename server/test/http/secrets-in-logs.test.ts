import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newClient } from '../support/new-client.ts';
import { newServer, SECRET } from '../support/new-server.ts';
import { refusalOf } from '../support/refusal-of.ts';

test('neither the secret nor a token nor a person is in any line of the log, at any level (SPEC:P3)', async t => {
  const server = await newServer(t);
  const token = await server.token({
    user_id: 'user-of-the-log-test',
    name: 'Name Of The Log Test',
    email: 'log-test@example.com',
  });
  const client = await newClient(t, server, { user: 'another-user-of-the-log-test' });
  client.send({ event: 'chat', data: 'words of the log test' });
  client.send('words of the log test, unparsed');
  await client.nextError();
  client.send({ event: 'answer', data: JSON.stringify({ type: 'answer', sdp: 'bug' }) });
  await client.nextError();
  await fetch(`${server.origin}/ws?token=${token}`);
  await fetch(`${server.origin}/ws?token=${token}x`, { headers: { authorization: `Bearer ${token}` } });
  await fetch(`${server.origin}/nowhere?token=${token}`);
  await refusalOf(`${server.webSocketUrl}?token=${token}x`);
  await refusalOf(`${server.origin}/nowhere?token=${token}`);
  const issued = await fetch(`${server.origin}/aq_server/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 'user-of-the-log-test' }),
  });
  const { token: other } = (await issued.json()) as { token: string };
  await server.close();
  const log = server.log.join('');
  assert.match(log, /Joined/);
  assert.match(log, /Refused a connection/);
  assert.match(log, /TypeError/);
  for (const part of [
    SECRET,
    ...token.split('.').slice(1),
    ...other.split('.').slice(1),
    'log-test',
    'of the log test',
    'Of The Log Test',
    'token=',
  ]) {
    assert.ok(!log.includes(part), part);
  }
});

import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { newServer, WELCOME } from './support/server.ts';
import { closed, connected, newCall } from './support/until.ts';

const expiring = (seconds: number, grace = 30) =>
  ({ event: 'token-expiring', data: { expires_at: '2026-01-01T00:00:00Z', seconds, grace } }) as const;

/** SPEC:P57 SPEC:P58 */
test('a token that expires is followed by what getToken gives, on the same socket', async t => {
  const server = await newServer(t);
  let asked = 0;
  const call = newCall(t, { url: server.url, getToken: async () => `token-${++asked}` });
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  guest.send(expiring(60));
  assert.deepEqual(await guest.next(), { event: 'token', data: { token: 'token-2' } });
  guest.send({ event: 'token-accepted', data: {} });
  guest.send(expiring(60));
  assert.deepEqual(await guest.next(), { event: 'token', data: { token: 'token-3' } });
  assert.equal(call.getSnapshot().connection.name, 'connected');
});

/** SPEC:P58 */
test('a getToken that fails, and a token that is refused, are tried again while there is time', async t => {
  const server = await newServer(t);
  let asked = 0;
  const call = newCall(t, {
    url: server.url,
    getToken: async () => {
      asked += 1;
      if (asked === 2) throw new Error('the backend is away');
      return `token-${asked}`;
    },
  });
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  guest.send(expiring(0, 3));
  assert.deepEqual(await guest.next(), { event: 'token', data: { token: 'token-3' } });
  const error = JSON.stringify({ code: 'token-refused', message: 'It has expired.', event: 'token' });
  guest.send({ event: 'error', data: error });
  assert.deepEqual(await guest.next(), { event: 'token', data: { token: 'token-4' } });
});

/** SPEC:P58 */
test('a token alone is followed up by the server, or wherever it says, and used to come back with', async t => {
  const server = await newServer(t);
  const follower = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end(JSON.stringify({ token: `${JSON.parse(body).token}+` }));
  });
  t.after(() => follower.close());
  await once(follower.listen(0, '127.0.0.1'), 'listening');
  const address = follower.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const call = newCall(t, { url: server.url, token: 'first', refreshUrl: `http://127.0.0.1:${port}/` });
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  guest.send(expiring(60));
  assert.deepEqual(await guest.next(), { event: 'token', data: { token: 'first+' } });
  guest.socket.terminate();
  assert.equal((await server.guest()).token, 'first+');
});

/** SPEC:P59 */
test('without another one the call ends, and says why', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x', refreshUrl: false });
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  guest.send(expiring(0, 0));
  guest.socket.close(4006);
  const reason = await closed(call);
  assert.deepEqual([reason.type, 'name' in reason && reason.name], ['ended', 'expired']);
});

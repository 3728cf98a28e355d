import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinRefused } from '../../src/session.ts';
import { newServer, type TestServer } from '../support/new-server.ts';
import { refusalOf } from '../support/refusal-of.ts';

const ORIGIN = 'https://calls.example.com';

for (const path of ['/aq_server/websocket', '/aq_server/ws', '/ws']) {
  test(`a plain GET of ${path} says why an upgrade would be refused, and when it would not (SPEC:P5)`, async t => {
    const server = await newServer(t);
    const refused = await fetch(`${server.origin}${path}?token=nonsense`);
    assert.equal(refused.status, 401);
    assert.equal(((await refused.json()) as { error: string }).error, 'token-malformed');
    const fine = await fetch(`${server.origin}${path}?token=${await server.token()}`);
    assert.equal(fine.status, 426);
    assert.equal(fine.headers.get('upgrade'), 'websocket');
    assert.equal(((await fine.json()) as { error: string }).error, 'upgrade-required');
    assert.equal(server.rooms.members.length, 0);
  });
}

test('a page of any origin may read the reason where every origin may connect (SPEC:P5)', async t => {
  const server = await newServer(t);
  const response = await fetch(`${server.origin}/ws`, { headers: { origin: ORIGIN } });
  assert.equal(response.headers.get('access-control-allow-origin'), ORIGIN);
});

test('where origins are listed, only their pages connect and read the reason', async t => {
  const server = await newServer(t, { allowedOrigins: [ORIGIN] });
  const token = await server.token();
  const other = await fetch(`${server.origin}/ws?token=${token}`, { headers: { origin: 'https://elsewhere.example' } });
  assert.equal(other.status, 403);
  assert.equal(other.headers.get('access-control-allow-origin'), null);
  const { status, body } = await refusalOf(`${server.webSocketUrl}?token=${token}`, {
    headers: { origin: 'https://elsewhere.example' },
  });
  assert.deepEqual([status, body.error], [403, 'origin-not-allowed']);
  const listed = await fetch(`${server.origin}/ws?token=${token}`, { headers: { origin: ORIGIN } });
  assert.equal(listed.status, 426);
  const program = await fetch(`${server.origin}/ws?token=${token}`);
  assert.equal(program.status, 426);
});

test('the plain GET knows that the room or the server is full, and joins nobody (SPEC:P5, SPEC:P22)', async t => {
  const server = await newServer(t);
  const url = `${server.origin}/ws?token=${await server.token()}`;
  for (const [code, status] of [
    ['room-full', 403],
    ['server-full', 503],
  ] as const) {
    server.rooms.refuse = new JoinRefused(code, 'No place is left.');
    const response = await fetch(url);
    assert.deepEqual([response.status, await response.json()], [status, { error: code, message: 'No place is left.' }]);
  }
  assert.equal(server.rooms.members.length, 0);
});

test('our own page may always connect; behind a proxy, if the proxy is trusted to say how it was reached', async t => {
  const allowedOrigins = [ORIGIN];
  const status = async (server: TestServer, headers: Record<string, string>) =>
    (await fetch(`${server.origin}/ws?token=${await server.token()}`, { headers })).status;
  const bare = await newServer(t, { allowedOrigins });
  assert.equal(await status(bare, { origin: bare.origin }), 426);
  const forwarded = { origin: 'https://meet.example', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'meet.example' };
  assert.equal(await status(bare, forwarded), 403);
  for (const trustedProxies of [['loopback'], ['127.0.0.0/8'], ['10.0.0.1', '127.0.0.1']]) {
    const server = await newServer(t, { allowedOrigins, trustedProxies });
    assert.equal(await status(server, forwarded), 426);
    assert.equal(await status(server, { ...forwarded, origin: 'http://meet.example' }), 403);
  }
  const elsewhere = await newServer(t, { allowedOrigins, trustedProxies: ['uniquelocal', '203.0.113.0/24'] });
  assert.equal(await status(elsewhere, forwarded), 403);
});

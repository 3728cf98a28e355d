import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { MAX_WAITING_PER_ADDRESS } from '../../../src/http/waiting-room.ts';
import { newClient } from '../../support/new-client.ts';
import { newServer, type TestServer } from '../../support/new-server.ts';
import { refusalOf } from '../../support/refusal-of.ts';

/** Loopback is limited in production only, and stands for a proxy here: so a test comes from any address that it likes. */
const PUBLIC = { environment: 'production', trustedProxies: ['127.0.0.1'] } as const;
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

async function limited(server: TestServer, what: string, by: string): Promise<number> {
  const text = await (await fetch(`${server.origin}/metrics`, from('192.0.2.99'))).text();
  return Number(new RegExp(`^aqlinks_limited_total\\{what="${what}",by="${by}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
}

test('a school of 500 behind one address joins at once with the settings as they are (SPEC:P22)', async t => {
  const server = await newServer(t, PUBLIC);
  const school = from('203.0.113.9');
  for (let pupil = 0; pupil < 500; pupil += 1) {
    const url = `${server.origin}/ws?token=${await server.token({ user_id: `pupil ${pupil}` })}`;
    assert.equal((await fetch(url, school)).status, 426);
  }
  assert.equal(await limited(server, 'joins', 'address'), 0);
});

test('joins beyond the limit of an address are refused with 429 and Retry-After, those of others are not (SPEC:P22)', async t => {
  const server = await newServer(t, { ...PUBLIC, joinsPerAddress: '3/h' });
  const url = `${server.webSocketUrl}?token=bad`;
  for (let join = 0; join < 3; join += 1) assert.equal((await refusalOf(url, from('2001:db8::1'))).status, 401);
  const { status, body, retryAfter = 0 } = await refusalOf(url, from('2001:db8::2')); // of the same /64
  assert.deepEqual([status, body.error], [429, 'rate-limited']);
  assert.ok(retryAfter > 1_190 && retryAfter <= 1_200, `${retryAfter}`);
  const plain = await fetch(url.replace('ws', 'http'), from('2001:db8::3'));
  assert.equal(plain.status, 429);
  assert.ok(Number(plain.headers.get('retry-after')) > 1_000);
  assert.equal(((await plain.json()) as { error: string }).error, 'rate-limited');
  assert.equal((await refusalOf(url, from('2001:db8:0:1::1'))).status, 401);
  assert.equal((await refusalOf(url, from('203.0.113.9'))).status, 401);
  assert.equal(await limited(server, 'joins', 'address'), 2);
});

test('the joins of a project are counted from all addresses together', async t => {
  const server = await newServer(t, { ...PUBLIC, joinsPerProject: '2/h' });
  const join = async (address: string) =>
    (await fetch(`${server.origin}/ws?token=${await server.token()}`, from(address))).status;
  assert.deepEqual([await join('192.0.2.1'), await join('192.0.2.2'), await join('192.0.2.3')], [426, 426, 429]);
  assert.equal(await limited(server, 'joins', 'project'), 1);
});

test('requests beyond the limit of an address are refused, and their connection is closed', async t => {
  const server = await newServer(t, { ...PUBLIC, requestsPerAddress: '2/h' });
  const health = () => fetch(`${server.origin}/health`, from('192.0.2.1'));
  assert.deepEqual([(await health()).status, (await health()).status], [200, 200]);
  const response = await health();
  assert.equal(response.status, 429);
  assert.equal(response.headers.get('connection'), 'close');
  assert.ok(Number(response.headers.get('retry-after')) > 1_000);
  assert.equal(((await response.json()) as { error: string }).error, 'rate-limited');
  assert.equal(await limited(server, 'requests', 'address'), 1);
});

test('messages beyond the limit of an address are dropped with an error, whichever socket they come from', async t => {
  const server = await newServer(t, { environment: 'production', messagesPerAddress: '3/h' });
  const [alice, bob] = [await newClient(t, server, { user: 'alice' }), await newClient(t, server, { user: 'bob' })];
  for (const text of ['1', '2']) alice.send({ event: 'chat', data: text });
  assert.equal((await bob.nextOf('chat')).message, '1');
  assert.equal((await bob.nextOf('chat')).message, '2');
  bob.send({ event: 'chat', data: '3' });
  assert.equal((await alice.nextOf('chat')).message, '3');
  alice.send({ event: 'chat', data: '4' });
  assert.equal((await alice.nextError()).code, 'rate-limited');
});

test('messages of a project are counted from all addresses together', async t => {
  const server = await newServer(t, { environment: 'production', messagesPerAddress: 'off', messagesPerProject: '1/h' });
  const alice = await newClient(t, server);
  alice.send({ event: 'chat', data: '1' });
  alice.send({ event: 'chat', data: '2' });
  assert.equal((await alice.nextError()).code, 'rate-limited');
  assert.equal(server.rooms.members[0]?.calls.length, 1);
});

test('in development this machine is not limited, and `off` lifts a limit', async t => {
  const tight = { joinsPerAddress: '1/h', joinsPerProject: '1/h', requestsPerAddress: '1/h' } as const;
  const off = { joinsPerAddress: 'off', joinsPerProject: 'off', requestsPerAddress: 'off' } as const;
  for (const options of [tight, { environment: 'production', ...off }] as const) {
    const server = await newServer(t, options);
    const url = `${server.origin}/ws?token=${await server.token()}`;
    for (let join = 0; join < 5; join += 1) assert.equal((await fetch(url)).status, 426);
  }
});

test('an address that goes on after it was told is cut off unanswered, and the others are served', async t => {
  const server = await newServer(t, { environment: 'production', joinsPerAddress: '1/h' });
  const attempt = () => refusalOf(`${server.webSocketUrl}?token=bad`, { localAddress: '127.0.0.2' });
  const flood = async () => {
    for (let attempts = 0; attempts < 1_000; attempts += 1) await attempt();
  };
  await assert.rejects(flood, { code: 'ECONNRESET' });
  assert.equal((await fetch(`${server.origin}/health`)).status, 200);
  assert.ok((await limited(server, 'connections', 'address')) >= 1);
});

test('connections of one address that wait leave room for others', async t => {
  const server = await newServer(t, { environment: 'production' });
  const open = () => {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    t.after(() => socket.destroy());
    return socket.on('error', () => {});
  };
  const sockets = Array.from({ length: MAX_WAITING_PER_ADDRESS }, open);
  await Promise.all(sockets.map(socket => once(socket, 'connect')));
  await once(open().resume(), 'close'); // one more is too many
  assert.equal((await fetch(`${server.origin}/health`)).status, 200);
  sockets[0]?.destroy(); // and where one goes, another finds a place again
  await newClient(t, server);
});

test('the REST interface is limited by address and by project, with problems of its own', async t => {
  const apiKeys = `backend:${'s'.repeat(20)}0123456789abcdefgh`;
  const ask = (server: TestServer, address: string) =>
    fetch(`${server.origin}/api/v1/rooms`, {
      headers: { ...from(address).headers, authorization: `Bearer ${apiKeys}` },
    });
  for (const options of [{ requestsPerAddress: '1/h' }, { requestsPerProject: '1/h' }] as const) {
    const server = await newServer(t, { ...PUBLIC, apiKeys, ...options });
    assert.equal((await ask(server, '192.0.2.1')).status, 200);
    const response = await ask(server, '192.0.2.1');
    assert.equal(response.status, 429);
    assert.ok(Number(response.headers.get('retry-after')) > 3_000);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.equal(((await response.json()) as { code: string }).code, 'too-many-requests');
    assert.equal((await ask(server, '192.0.2.2')).status, 'requestsPerAddress' in options ? 200 : 429);
  }
});

test('a proxy that is not trusted is told of once, a stranger who claims to be one is not', async t => {
  const server = await newServer(t, { environment: 'production' });
  const told = () => server.log.filter(line => line.includes('TRUSTED_PROXIES')).length;
  for (let request = 0; request < 3; request += 1) await fetch(`${server.origin}/health`, from('192.0.2.1'));
  assert.equal(told(), 1);
  const trusting = await newServer(t, PUBLIC);
  await fetch(`${trusting.origin}/health`, from('192.0.2.1'));
  assert.ok(!trusting.log.some(line => line.includes('is not in TRUSTED_PROXIES')));
});

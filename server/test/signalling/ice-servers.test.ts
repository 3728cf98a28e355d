import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { loadConfiguration } from '../../src/config/load.ts';
import { newClient } from '../support/new-client.ts';
import { newServer } from '../support/new-server.ts';

const TURN = 'turn:turn.example.com:3478?transport=udp';
const STUN = 'stun:stun.example.com:3478';

interface Server {
  readonly urls: string[];
  readonly username?: string;
  readonly credential?: string;
}

test('clients of aqlinks.v1 get TURN credentials of their own that expire, and new ones for a restart (SPEC:P45)', async t => {
  const server = await newServer(t, { turnUrls: `${STUN},${TURN}`, turnSecret: 'shared-with-coturn', turnLifetime: '2h' });
  const client = await newClient(t, server, { user: 'alice', extended: true });
  const begun = Math.floor(Date.now() / 1_000);
  const welcome = await client.nextOf('welcome');
  const { iceServers } = welcome.data as { iceServers: Server[] };
  assert.deepEqual(iceServers[0], { urls: [STUN] });
  check(iceServers[1], begun);
  client.send({ event: 'restart-ice' });
  const renewed = (await client.nextOf('ice-servers')).data as { iceServers: Server[] };
  check(renewed.iceServers[1], begun);
  assert.ok(!server.log.join('').includes('shared-with-coturn'));
});

function check(turn: Server | undefined, begun: number): void {
  assert.deepEqual(turn?.urls, [TURN]);
  const [expires, user] = turn?.username?.split(':') ?? [];
  assert.equal(user, 'alice');
  assert.ok(Number(expires) >= begun + 7_199 && Number(expires) <= begun + 7_260, expires);
  assert.equal(turn?.credential, createHmac('sha1', 'shared-with-coturn').update(String(turn?.username)).digest('base64'));
}

test('without TURN_URLS nobody hears of such servers, and plain clients never do', async t => {
  const none = await newClient(t, await newServer(t), { extended: true });
  const welcome = await none.nextOf('welcome');
  assert.equal('iceServers' in (welcome.data as object), false);
  const server = await newServer(t, { turnUrls: TURN, turnSecret: 'shared-with-coturn' });
  const plain = await newClient(t, server);
  plain.send({ event: 'restart-ice' });
  plain.send({ event: 'ping' });
  const events = [];
  for (let event: unknown; event !== 'pong'; events.push(event)) event = (await plain.next()).event;
  assert.deepEqual(events, ['offer', 'pong']);
});

test('TURN without its secret, and addresses that are none, stop the start', () => {
  assert.throws(() => loadConfiguration({ turnUrls: TURN }, {}), /TURN_SECRET: is missing/);
  for (const url of ['turn.example.com', 'http://turn.example.com', 'turn:a b', 'turn:h?transport=sctp'])
    assert.throws(() => loadConfiguration({ turnUrls: [url], turnSecret: 'shared-with-coturn' }, {}), /must be such as stun:/);
});

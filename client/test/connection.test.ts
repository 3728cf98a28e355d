import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { CLOSE } from '@aqlinks/protocol';
import { Connection } from '../src/connection/connection.ts';
import { Heartbeat } from '../src/connection/heartbeat.ts';
import type { ConnectionState } from '../src/index.ts';
import { asking } from '../src/token/token-source.ts';
import { newServer, WELCOME } from './support/server.ts';
import { closed, connected, newCall, until } from './support/until.ts';

/** SPEC:P7 SPEC:P29 */
test('a call is connected when it was welcomed, and knows who is there', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'secret' });
  assert.equal(call.getSnapshot().connection.name, 'connecting');
  const guest = await server.guest();
  assert.equal(guest.token, 'secret');
  assert.equal(guest.socket.protocol, 'aqlinks.v1');
  guest.send(WELCOME);
  const { room, self, participants } = await connected(call);
  assert.equal(room, 'red');
  assert.deepEqual(self, { id: 'me', userId: 'ann', name: 'Ann', role: 'host' });
  assert.deepEqual(
    participants.map(({ name }) => name),
    ['Ben'],
  );
});

/** SPEC:P40 */
test('leaving says so, closes, and is final', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  call.leave();
  assert.deepEqual(await guest.next(), { event: 'leave' });
  await guest.gone;
  assert.equal((await closed(call)).type, 'left');
  call.leave();
  assert.equal((await closed(call)).type, 'left');
});

/** SPEC:P5: a browser sees no status of a failed upgrade, a GET of the same address tells it. */
test('a refused join ends with the reason that the server gives', async t => {
  const server = await newServer(t);
  server.refusing = { status: 401, error: 'token-expired', message: 'The token has expired: get a new one.' };
  const reason = await closed(newCall(t, { url: server.url, token: 'old' }));
  assert.deepEqual(reason, { type: 'refused', code: 'token-expired', message: 'The token has expired: get a new one.' });
});

test('a server that is away is said to be, at once on the first join', async t => {
  const server = await newServer(t);
  await server.stop();
  assert.equal((await closed(newCall(t, { url: server.url, token: 'x' }))).type, 'unreachable');
});

/** SPEC:P26 */
test('a lost connection is brought back with the same token; the list of people is whole again', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'same' });
  const states: ConnectionState['name'][] = [];
  const left: string[] = [];
  call.on('connection', ({ name }) => states.push(name));
  call.on('participant-left', ({ participant }) => left.push(participant.name));
  const first = await server.guest();
  first.send(WELCOME);
  await connected(call);
  first.socket.terminate();
  const second = await server.guest();
  assert.equal(second.token, 'same');
  const cat = { id: 'c1', userId: 'cat', name: 'Cat', role: 'guest', tracks: [] };
  second.send({ ...WELCOME, data: { ...WELCOME.data, participants: [cat] } });
  const { participants } = await until(call, ({ participants }) => participants[0]?.id === 'c1');
  await connected(call);
  assert.deepEqual(states, ['connected', 'reconnecting', 'connected']);
  assert.deepEqual(left, ['Ben']);
  assert.equal(participants.length, 1);
});

test('getToken is asked before every try', async t => {
  const server = await newServer(t);
  let count = 0;
  newCall(t, { url: server.url, getToken: async () => `token ${++count}` });
  const first = await server.guest();
  first.send(WELCOME);
  first.socket.close(CLOSE.timeout.code);
  assert.equal((await server.guest()).token, 'token 2');
});

test('a getToken that fails ends the first join in its own words', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, getToken: () => Promise.reject(new Error('Sign in again.')) });
  assert.deepEqual(await closed(call), { type: 'no-token', message: 'Sign in again.' });
});

/** SPEC:P25 SPEC:P26 */
for (const [name, { code, reconnect, reason }] of Object.entries(CLOSE)) {
  test(`close code ${code}, ${name}: ${reconnect ? 'comes again' : 'is the end'}`, async t => {
    const server = await newServer(t);
    const call = newCall(t, { url: server.url, token: 'x' });
    const guest = await server.guest();
    guest.send(WELCOME);
    await connected(call);
    guest.socket.close(code, reason);
    if (reconnect) await server.guest();
    else assert.deepEqual(await closed(call), { type: 'ended', name, message: reason });
  });
}

test('tries come to an end, and say that the server is away', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const attempts: number[] = [];
  call.on('connection', state => state.name === 'reconnecting' && attempts.push(state.attempt));
  (await server.guest()).send(WELCOME);
  await connected(call);
  await server.stop();
  assert.equal((await closed(call)).type, 'unreachable');
  assert.deepEqual(attempts, [1, 2, 3]);
});

test('a token that expired meanwhile ends the tries; one that can be renewed does not', async t => {
  for (const [options, expected] of [
    [{ token: 'x' }, 'closed'],
    [{ getToken: async () => 'x' }, 'reconnecting'],
  ] as const) {
    const server = await newServer(t);
    const call = newCall(t, { url: server.url, ...options });
    const guest = await server.guest();
    guest.send(WELCOME);
    await connected(call);
    server.refusing = { status: 401, error: 'token-expired', message: 'It has expired.' };
    guest.socket.terminate();
    const second = (state: ConnectionState) => state.name === 'closed' || (state.name === 'reconnecting' && state.attempt === 2);
    assert.equal((await until(call, ({ connection }) => second(connection))).connection.name, expected);
  }
});

/** SPEC:P41 */
test('after a shutdown nobody comes earlier than the server said', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  guest.send({ event: 'shutdown', data: { message: 'The server restarts.', reconnectAfter: 5 } });
  guest.socket.close(CLOSE.shuttingDown.code);
  const { connection } = await until(call, ({ connection }) => connection.name === 'reconnecting');
  assert.ok(connection.name === 'reconnecting' && connection.delay > 4_000, JSON.stringify(connection));
});

test('when the network is back, the next try does not wait', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x', reconnect: () => 3_600_000 });
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  guest.socket.terminate();
  await until(call, ({ connection }) => connection.name === 'reconnecting');
  globalThis.dispatchEvent(new Event('online'));
  await server.guest();
});

/** SPEC:P39 */
test('the heartbeat asks twice as often as it must, and is dead when nothing comes back', async t => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  const heartbeat = new Heartbeat(10_000);
  const heard: string[] = [];
  heartbeat.on('ping', () => heard.push('ping'));
  heartbeat.on('dead', () => heard.push('dead'));
  heartbeat.start(30);
  t.mock.timers.tick(15_000);
  assert.deepEqual(heard, ['ping']);
  t.mock.timers.tick(9_999);
  heartbeat.handleReceived();
  t.mock.timers.tick(5_001);
  assert.deepEqual(heard, ['ping', 'ping']);
  t.mock.timers.tick(10_000);
  assert.deepEqual(heard, ['ping', 'ping', 'dead']);
  t.mock.timers.tick(100_000);
  assert.deepEqual(heard, ['ping', 'ping', 'dead']);
});

test('pings go on while they are answered; a server that falls silent is given up and sought anew', async t => {
  const server = await newServer(t);
  const connection = new Connection({
    url: server.url,
    tokens: asking(async () => 'x'),
    policy: () => 1,
    patience: 200,
  });
  t.after(() => connection.leave());
  connection.start();
  const guest = await server.guest();
  guest.send({ ...WELCOME, data: { ...WELCOME.data, keepaliveSeconds: 0.04 } });
  for (let answered = 0; answered < 3; answered++) {
    assert.deepEqual(await guest.next(), { event: 'ping', data: { received: 1 + answered } });
    guest.send({ event: 'pong' });
  }
  await server.guest(); // without an answer to the fourth
});

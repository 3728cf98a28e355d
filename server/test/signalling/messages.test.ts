import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExtendedServerMessage, LIMITS } from '@aqlinks/protocol';
import type { Notice } from '../../src/session.ts';
import { newClient } from '../support/new-client.ts';
import { newServer } from '../support/new-server.ts';

const answer = (sdp: string) => ({ event: 'answer', data: JSON.stringify({ type: 'answer', sdp }) });

test('what a client asks reaches its session, in order (SPEC:P10)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  client.send(answer('v=0\r\n'));
  client.send({
    event: 'candidate',
    data: JSON.stringify({ candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0' }),
  });
  client.send({ event: 'chat', data: 'hello' });
  client.send({ event: 'publish', data: { source: 'screen' } });
  client.send({ event: 'mute', data: { source: 'screen', muted: true } });
  client.send({ event: 'unpublish', data: { source: 'screen' }, unknown: 'ignored' });
  client.send({ event: 'restart-ice' });
  const member = await server.rooms.when(({ calls }) => calls.length === 6);
  assert.deepEqual(member.calls, [
    ['answer', 'v=0\r\n'],
    ['chat', 'hello'],
    ['publish', 'screen'],
    ['mute', 'screen', true],
    ['unpublish', 'screen'],
    ['restart-ice'],
  ]);
});

test('candidates in every shape that browsers give them are taken without a word (SPEC:P18)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server, { extended: true });
  const shapes = [
    { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' },
    { candidate: '', sdpMid: null, sdpMLineIndex: null },
    { candidate: 'candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active', extra: true },
    {},
    null,
  ];
  for (const shape of shapes) client.send({ event: 'candidate', data: JSON.stringify(shape) });
  client.send({ event: 'candidate', data: '' });
  client.send({ event: 'ping' });
  const events = [await client.next(), await client.next(), await client.next()].map(({ event }) => event);
  assert.deepEqual(events, ['welcome', 'offer', 'pong']);
});

const REFUSED: [name: string, code: string, event: string | undefined, message: unknown][] = [
  ['no JSON', 'not-json', undefined, 'hello'],
  ['an empty frame', 'not-json', undefined, ''],
  ['a list', 'not-json', undefined, []],
  ['an event that is a number', 'not-json', undefined, { event: 1 }],
  ['an unknown event', 'unknown-event', undefined, { event: 'delete-room', data: '' }],
  ['an event of the server', 'unknown-event', undefined, { event: 'offer', data: '{}' }],
  ['an answer that is an object', 'invalid-data', 'answer', { event: 'answer', data: { type: 'answer', sdp: '' } }],
  ['an answer of no JSON', 'invalid-data', 'answer', { event: 'answer', data: 'v=0' }],
  ['an offer as an answer', 'invalid-data', 'answer', { event: 'answer', data: JSON.stringify({ type: 'offer', sdp: 'v=0' }) }],
  ['an answer that the room refuses', 'invalid-answer', 'answer', answer('bad')],
  ['an answer that finds a bug of ours', 'internal', 'answer', answer('bug')],
  ['an SDP that is too long', 'message-too-large', 'answer', { event: 'answer', data: 'a'.repeat(LIMITS.sdpLength + 1) }],
  ['a chat that is too long', 'message-too-large', 'chat', { event: 'chat', data: 'a'.repeat(LIMITS.chatLength + 1) }],
  ['an empty chat', 'invalid-data', 'chat', { event: 'chat', data: '' }],
  ['a chat that is an object', 'invalid-data', 'chat', { event: 'chat', data: {} }],
  ['a candidate of no JSON', 'invalid-data', 'candidate', { event: 'candidate', data: '{' }],
  ['a source that does not exist', 'invalid-data', 'publish', { event: 'publish', data: { source: 'brain' } }],
  ['a mute without a state', 'invalid-data', 'mute', { event: 'mute', data: { source: 'camera' } }],
];

for (const [name, code, event, message] of REFUSED) {
  test(`${name} is ${code}, and the call goes on (SPEC:P9)`, async t => {
    const server = await newServer(t);
    const client = await newClient(t, server, { extended: true });
    client.send(message);
    const error = await client.nextError();
    assert.equal(error.code, code);
    if (event !== undefined) assert.equal(error.event, event);
    assert.match(String(error.message), /^[A-Z`].{9,}\.$/);
    client.send({ event: 'ping' });
    await client.nextOf('pong');
  });
}

test('a bug of ours is told as such, without its text, and logged', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  client.send(answer('bug'));
  assert.doesNotMatch(JSON.stringify(await client.nextError()), /secret-in-a-bug/);
  assert.match(server.log.join(''), /A bug of aqlinks/);
});

test('a binary frame is refused, and the call goes on (SPEC:P8)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server, { extended: true });
  client.socket.send(Buffer.from('{"event":"ping"}'));
  assert.equal((await client.nextError()).code, 'not-json');
  client.send({ event: 'ping' });
  await client.nextOf('pong');
});

test('text that is no UTF-8 closes with 1007 (RFC 6455 8.1)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  client.socket.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false });
  assert.equal((await client.closed).code, 1007);
  assert.equal(await server.rooms.left('alice'), 'disconnected');
});

test('a frame above the limit closes with 1009, unread (SPEC:P11)', async t => {
  const server = await newServer(t);
  const bystander = await newClient(t, server, { user: 'bob', extended: true });
  const client = await newClient(t, server);
  client.send('a'.repeat(LIMITS.messageBytes + 1));
  assert.equal((await client.closed).code, 1009);
  assert.equal(await server.rooms.left('alice'), 'disconnected');
  bystander.send({ event: 'ping' });
  await bystander.nextOf('pong');
});

test('a message of many small fragments is not collected without end', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  for (let count = 0; count < 2_000; count += 1) client.socket.send('a', { fin: false });
  assert.ok([1008, 1009].includes((await client.closed).code));
});

test('chat goes to the others in flat form with a time, and to nobody else (SPEC:P20)', async t => {
  const server = await newServer(t);
  const alice = await newClient(t, server, { user: 'alice' });
  const bob = await newClient(t, server, { user: 'bob' });
  const carol = await newClient(t, server, { user: 'carol', extended: true });
  const elsewhere = await newClient(t, server, { user: 'dave', room: 'elsewhere', extended: true });
  alice.send({ event: 'chat', data: 'hello' });
  assert.deepEqual(await bob.nextOf('chat'), { event: 'chat', message: 'hello', from: 'alice', time: '09:41:07' });
  const extended = { event: 'chat', message: 'hello', from: 'alice', time: '09:41:07', participant: 'p1' };
  assert.deepEqual(await carol.nextOf('chat'), extended); // SPEC:P38
  elsewhere.send({ event: 'ping' });
  const events = [await elsewhere.next(), await elsewhere.next(), await elsewhere.next()].map(({ event }) => event);
  assert.deepEqual(events, ['welcome', 'offer', 'pong']);
  bob.send({ event: 'chat', data: 'back' });
  assert.equal((await alice.nextOf('chat')).from, 'bob'); // the first chat that alice sees: her own did not come back
});

const participant = { id: 'p9', userId: 'zoe', name: 'Zoe', role: 'guest', tracks: [] };
const track = { id: 't1', source: 'camera', kind: 'video', muted: false } as const;
const NOTICES: Notice[] = [
  { type: 'participant-joined', participant },
  { type: 'track-published', participant: 'p9', track },
  { type: 'track-muted', participant: 'p9', track: 't1', muted: true },
  { type: 'track-paused', participant: 'p9', track: 't1', paused: true, reason: 'network' },
  { type: 'track-unpublished', participant: 'p9', track: 't1' },
  { type: 'publishing', source: 'screen', mid: '3' },
  { type: 'subscribed', participant: 'p9', track: 't1', mid: '4' },
  { type: 'unsubscribed', track: 't1', mid: '4' },
  { type: 'participant-left', participant: 'p9', reason: 'left' },
  { type: 'rights', role: 'host', rights: ['chat'], changing: false },
  { type: 'role-changed', participant: 'p9', role: 'host' },
  { type: 'lobby-joined', participant: { id: 'p8', userId: 'wanda', name: 'Wanda', role: 'guest' } },
  { type: 'lobby-left', participant: 'p8' },
  { type: 'room-changed', locked: true, lobby: false },
  { type: 'muted-by', source: 'camera', by: 'Zoe' },
  { type: 'ask-unmute', source: 'microphone', by: 'Zoe' },
  { type: 'moved', room: 'other' },
  { type: 'shutdown', reconnectAfter: 2 },
];

test('a client of aqlinks.v1 is told everything, in the shapes of the protocol (SPEC:P28, SPEC:P29)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server, { extended: true });
  const welcome = ExtendedServerMessage.parse(await client.next());
  assert.equal(welcome.event, 'welcome');
  assert.equal((await client.next()).event, 'offer');
  for (const notice of NOTICES) server.rooms.members[0]?.outlet.notify(notice);
  for (const notice of NOTICES) {
    const message = ExtendedServerMessage.parse(await client.next());
    const { type, ...data } = notice;
    assert.equal(message.event, type);
    if (type !== 'shutdown') assert.deepEqual('data' in message && message.data, data);
  }
});

test('a plain client is told nothing that it does not know, and data is always a string (SPEC:P7, SPEC:P8)', async t => {
  const server = await newServer(t);
  const client = await newClient(t, server);
  assert.equal((await client.next()).event, 'offer');
  const outlet = server.rooms.members[0]?.outlet;
  for (const notice of NOTICES) outlet?.notify(notice);
  outlet?.notify({ type: 'offer', sdp: 'v=0\r\ns=2\r\n' });
  const message = await client.next();
  assert.equal(message.event, 'offer');
  assert.equal(typeof message.data, 'string');
});

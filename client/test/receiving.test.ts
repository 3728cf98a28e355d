import { strict as assert } from 'node:assert';
import { type TestContext, test } from 'node:test';
import type { Track } from '@aqlinks/protocol';
import { Speaking } from '../src/speaking/speaking.ts';
import { FakeConnection, offer } from './support/fake-connection.ts';
import { newServer, WELCOME } from './support/server.ts';
import { connected, newCall, until } from './support/until.ts';

const CAMERA: Track = { id: 't1', source: 'camera', kind: 'video', muted: false };

async function newStory(t: TestContext) {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  return { call, guest, server };
}

/** SPEC:P37: the ids of received tracks say nothing; the section does. */
test('a track is found by its section, and told once', async t => {
  const { call, guest } = await newStory(t);
  const told: string[] = [];
  call.on('track', ({ participant, track, media }) => told.push(`${participant.name} ${track.source} ${media.id}`));
  guest.send({ event: 'track-published', data: { participant: 'b1', track: CAMERA } });
  guest.send({ event: 'subscribed', data: { participant: 'b1', track: 't1', mid: '2' } });
  guest.send({ event: 'offer', data: offer({ 0: 'recvonly', 1: 'recvonly', 2: 'sendonly' }) });
  const { participants } = await until(call, ({ participants }) => participants[0]?.tracks[0]?.media !== undefined);
  assert.equal(participants[0]?.tracks[0]?.media, FakeConnection.newest().transceiver('2').receiver.track);
  await guest.next();
  guest.send({ event: 'offer', data: offer({ 0: 'recvonly', 1: 'recvonly', 2: 'sendonly', 3: 'sendonly' }) });
  await guest.next();
  assert.deepEqual(told, ['Ben camera received 2']);

  guest.send({ event: 'unsubscribed', data: { track: 't1', mid: '2' } });
  await until(call, ({ participants }) => participants[0]?.tracks[0]?.media === undefined);
});

/** SPEC:P14 */
test('offers are answered in order, however fast they come', async t => {
  const { guest } = await newStory(t);
  const sections = [
    { 0: 'recvonly' },
    { 0: 'recvonly', 1: 'recvonly' },
    { 0: 'recvonly', 1: 'recvonly', 2: 'sendonly' },
  ] as const;
  for (const each of sections) guest.send({ event: 'offer', data: offer(each) });
  for (const each of sections) {
    const message = await guest.next();
    assert.ok(message.event === 'answer');
    assert.deepEqual(Object.keys(JSON.parse(JSON.parse(message.data).sdp)), Object.keys(each));
  }
});

test('an offer that cannot be taken, and media that fail, lead to a new connection', async t => {
  const { guest, server, call } = await newStory(t);
  guest.send({ event: 'offer', data: 'no JSON' });
  const second = await server.guest();
  second.send(WELCOME);
  await until(call, ({ connection }) => connection.name === 'connected');
  FakeConnection.newest().become('failed');
  await server.guest();
});

test('media that never come about end the call after all tries, in words', async t => {
  const { guest, server, call } = await newStory(t);
  FakeConnection.newest().become('failed');
  await guest.gone;
  for (let tries = 0; tries < 3; tries++) {
    (await server.guest()).send(WELCOME);
    await until(call, ({ connection }) => connection.name === 'connected');
    FakeConnection.newest().become('failed');
  }
  const { connection } = call.getSnapshot();
  assert.ok(connection.name === 'closed' && connection.reason.type === 'media-unreachable', JSON.stringify(connection));
});

/** SPEC:P30 SPEC:P31 */
test('people come, publish, mute and go', async t => {
  const { call, guest } = await newStory(t);
  const told: string[] = [];
  call.on('participant-joined', ({ name }) => told.push(`${name} joined`));
  call.on('participant-left', ({ participant, reason }) => told.push(`${participant.name} left: ${reason}`));
  guest.send({
    event: 'participant-joined',
    data: { participant: { id: 'c1', userId: 'cat', name: 'Cat', role: 'viewer', tracks: [] } },
  });
  guest.send({ event: 'track-published', data: { participant: 'c1', track: CAMERA } });
  guest.send({ event: 'track-muted', data: { participant: 'c1', track: 't1', muted: true } });
  const { participants } = await until(call, ({ participants }) => participants[1]?.tracks[0]?.muted === true);
  assert.deepEqual(
    participants.map(({ id }) => id),
    ['b1', 'c1'],
  );
  // SPEC:P64
  for (const paused of [true, false]) {
    guest.send({ event: 'track-paused', data: { participant: 'c1', track: 't1', paused, reason: 'network' } });
    await until(call, ({ participants }) => participants[1]?.tracks[0]?.paused === paused);
  }
  guest.send({ event: 'track-unpublished', data: { participant: 'c1', track: 't1' } });
  await until(call, ({ participants }) => participants[1]?.tracks.length === 0);
  guest.send({ event: 'participant-left', data: { participant: 'c1', reason: 'timeout' } });
  await until(call, ({ participants }) => participants.length === 1);
  assert.deepEqual(told, ['Cat joined', 'Cat left: timeout']);
});

test('a change makes new objects of what changed and leaves the others', async t => {
  const { call, guest } = await newStory(t);
  const before = call.getSnapshot();
  assert.equal(before, call.getSnapshot());
  guest.send({ event: 'chat', message: 'hi', from: 'Ben', time: '09:41:07', participant: 'b1' });
  const after = await until(call, ({ messages }) => messages.length === 1);
  assert.equal(after.participants, before.participants);
  assert.notEqual(after.messages, before.messages);
});

/** SPEC:P20 SPEC:P38 */
test('chat shows what others say and what we said, which the server does not send back', async t => {
  const { call, guest } = await newStory(t);
  call.sendChat('  hello  ');
  call.sendChat('   ');
  assert.deepEqual(await guest.next(), { event: 'chat', data: 'hello' });
  guest.send({ event: 'chat', message: 'hi', from: 'Ben', time: '09:41:07', participant: 'b1' });
  const { messages } = await until(call, ({ messages }) => messages.length === 2);
  assert.deepEqual(
    messages.map(({ from, text }) => ({ from, text })),
    [
      { from: 'me', text: 'hello' },
      { from: { participant: 'b1', name: 'Ben' }, text: 'hi' },
    ],
  );
});

test('who is loud speaks, through the gaps between words, until they were quiet for a while', () => {
  const speaking = new Speaking();
  const heard: string[][] = [];
  speaking.on('speaking', ids => heard.push([...ids]));
  speaking.handleLevels(new Map([['ben', 0.001]]), 0);
  speaking.handleLevels(new Map([['ben', 0.3]]), 200);
  speaking.handleLevels(new Map([['ben', 0]]), 400);
  speaking.handleLevels(new Map([['ben', 0.2]]), 600);
  speaking.handleLevels(new Map(), 1_200);
  assert.deepEqual(heard, [['ben']]);
  speaking.handleLevels(new Map(), 1_400);
  assert.deepEqual(heard, [['ben'], []]);
});

test('a listener that throws disturbs neither the others nor the call', async t => {
  const { call, guest } = await newStory(t);
  const reported: unknown[] = [];
  const report = (error: unknown) => reported.push(error);
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.once('uncaughtException', report);
  t.after(() => {
    for (const listener of before) process.on('uncaughtException', listener);
  });
  const heard: string[] = [];
  call.on('chat', () => {
    throw new Error('of the application');
  });
  call.on('chat', ({ text }) => heard.push(text));
  guest.send({ event: 'chat', message: 'hi', time: '09:41:07' });
  await until(call, ({ messages }) => messages.length === 1);
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(heard, ['hi']);
  assert.match(String(reported[0]), /of the application/);
});

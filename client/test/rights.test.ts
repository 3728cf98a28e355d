import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { RIGHTS, type Right } from '@aqlinks/protocol';
import { fakeStream, withMediaDevices } from './support/devices.ts';
import { FakeConnection, fakeTrack, offer } from './support/fake-connection.ts';
import { newServer, WELCOME } from './support/server.ts';
import { connected, newCall, until } from './support/until.ts';

const welcome = (rights: Right[], more: object = {}) => ({ ...WELCOME, data: { ...WELCOME.data, rights, ...more } });

function withDevices(t: Parameters<typeof withMediaDevices>[0]) {
  const [camera, microphone] = [fakeTrack('cam', 'video'), fakeTrack('mic', 'audio')];
  withMediaDevices(t, { getUserMedia: async (asked: { video?: object }) => fakeStream(asked.video ? camera : microphone) });
  return { camera, microphone };
}

/** SPEC:P46 SPEC:P47 */
test('what we may is in the snapshot, and what may not be published is not even asked of the person', async t => {
  const server = await newServer(t);
  withMediaDevices(t, { getUserMedia: () => assert.fail('the person was asked') });
  const call = newCall(t, { url: server.url, token: 'x' });
  (await server.guest()).send(welcome(['receive', 'chat']));
  assert.deepEqual((await connected(call)).rights, ['receive', 'chat']);
  assert.equal(call.may('chat'), true);
  assert.equal(call.may('end'), false);
  await assert.rejects(call.publish('camera'), { name: 'MediaError', code: 'not-permitted' });
  await assert.rejects(call.publishScreen(), { name: 'MediaError', code: 'not-permitted' });
});

/** SPEC:P50 */
test('a right that is taken ends what we publish, and we are told before and after', async t => {
  const server = await newServer(t);
  const { camera, microphone } = withDevices(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const heard: boolean[] = [];
  call.on('rights', ({ changing }) => heard.push(changing));
  await call.publish('camera');
  await call.publish('microphone');
  const guest = await server.guest();
  guest.send(welcome([...RIGHTS]));
  guest.send({ event: 'offer', data: offer({ 0: 'recvonly', 1: 'recvonly' }) });
  assert.equal((await guest.next()).event, 'answer');
  const rights: Right[] = ['publish-microphone', 'receive'];
  guest.send({ event: 'rights', data: { role: 'listener', rights, changing: true } });
  guest.send({ event: 'rights', data: { role: 'listener', rights, changing: false } });
  assert.deepEqual(await guest.next(), { event: 'unpublish', data: { source: 'camera' } });
  const { self, local } = await until(call, ({ self }) => self?.role === 'listener');
  assert.deepEqual([self?.role, local.camera.state, local.microphone.state], ['listener', 'off', 'on']);
  assert.deepEqual([camera.stopped, microphone.stopped], [true, false]);
  assert.deepEqual(heard, [true, false]);
});

/** SPEC:P52 */
test('who is muted by somebody else is muted here too, and whose video is stopped has it off', async t => {
  const server = await newServer(t);
  withDevices(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const by: (string | undefined)[] = [];
  call.on('muted-by', event => by.push(event.by));
  await call.publish('camera');
  await call.publish('microphone');
  const guest = await server.guest();
  guest.send(WELCOME);
  guest.send({ event: 'offer', data: offer({ 0: 'recvonly', 1: 'recvonly' }) });
  await guest.next();
  guest.send({ event: 'muted-by', data: { source: 'microphone', by: 'Ben' } });
  assert.deepEqual(await guest.next(), { event: 'mute', data: { source: 'microphone', muted: true } });
  guest.send({ event: 'muted-by', data: { source: 'camera' } });
  assert.deepEqual(await guest.next(), { event: 'unpublish', data: { source: 'camera' } });
  assert.deepEqual(by, ['Ben', undefined]);
  assert.equal(call.getSnapshot().local.camera.state, 'off');
  await call.publish('camera');
  assert.deepEqual(await guest.next(), { event: 'publish', data: { source: 'camera' } });
});

/** SPEC:P51 */
test('moderating is a message each', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  const { moderation } = call;
  moderation.mute('b1');
  moderation.stopVideo('b1', 'screen');
  moderation.askUnmute('b1');
  moderation.setRole('b1', 'viewer');
  moderation.admit('w1');
  moderation.remove('b1', { ban: true });
  moderation.lock(true);
  moderation.setLobby(false);
  moderation.end();
  const acts = [
    { action: 'mute', participant: 'b1', source: 'microphone' },
    { action: 'stop-video', participant: 'b1', source: 'screen' },
    { action: 'ask-unmute', participant: 'b1', source: 'microphone' },
    { action: 'set-role', participant: 'b1', role: 'viewer' },
    { action: 'admit', participant: 'w1' },
    { action: 'remove', participant: 'b1', ban: true },
    { action: 'lock', locked: true },
    { action: 'lobby', lobby: false },
    { action: 'end' },
  ];
  for (const data of acts) assert.deepEqual(await guest.next(), { event: 'moderate', data });
});

/** SPEC:P54 SPEC:P55 SPEC:P50 */
test('locks, the lobby and others’ roles are in the snapshot', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const guest = await server.guest();
  const wanda = { id: 'w1', userId: 'wanda', name: 'Wanda', role: 'guest' };
  guest.send(welcome([...RIGHTS], { lobby: true, waiting: [wanda] }));
  const first = await connected(call);
  assert.deepEqual([first.locked, first.lobby, first.waiting], [false, true, [wanda]]);
  guest.send({ event: 'room-changed', data: { locked: true, lobby: true } });
  guest.send({ event: 'lobby-joined', data: { participant: { ...wanda, id: 'w2' } } });
  guest.send({ event: 'lobby-left', data: { participant: 'w1' } });
  guest.send({ event: 'role-changed', data: { participant: 'b1', role: 'viewer' } });
  const { locked, waiting, participants } = await until(call, ({ participants }) => participants[0]?.role === 'viewer');
  assert.deepEqual([locked, waiting.map(({ id }) => id), participants[0]?.role], [true, ['w2'], 'viewer']);
});

/** SPEC:P55 */
test('who waits in the lobby is neither in nor lost, and has no media connection', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x' });
  const guest = await server.guest();
  const before = FakeConnection.made.length;
  guest.send({ event: 'waiting', data: { room: 'red', serverVersion: '0.1.0', keepaliveSeconds: 30 } });
  await until(call, ({ connection }) => connection.name === 'waiting');
  assert.equal(FakeConnection.made.length, before);
  guest.send(WELCOME);
  await connected(call);
  assert.equal(FakeConnection.made.length, before + 1);
});

/** SPEC:P56 */
test('who is moved comes again at once', async t => {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'same', reconnect: () => assert.fail('waited') });
  const moved: string[] = [];
  call.on('moved', ({ room }) => moved.push(room));
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  guest.send({ event: 'moved', data: { room: 'blue' } });
  guest.socket.close(4008);
  const again = await server.guest();
  again.send({ ...WELCOME, data: { ...WELCOME.data, room: 'blue' } });
  await until(call, ({ room, connection }) => room === 'blue' && connection.name === 'connected');
  assert.deepEqual([again.token, moved], ['same', ['blue']]);
});

import { strict as assert } from 'node:assert';
import { type TestContext, test } from 'node:test';
import type { ClientMessage } from '@aqlinks/protocol';
import { type Call, LocalMedia } from '../src/index.ts';
import { fakeStream, withMediaDevices } from './support/devices.ts';
import { FakeConnection, fakeTrack, offer, type Sections } from './support/fake-connection.ts';
import { type Guest, newServer, WELCOME } from './support/server.ts';
import { closed, connected, newCall, until } from './support/until.ts';

const FIRST: Sections = { 0: 'recvonly', 1: 'recvonly' };

interface Story {
  readonly call: Call;
  readonly guest: Guest;
  /** Sends an offer and gives the directions of its answer. */
  negotiate(sections: Sections): Promise<Record<string, string>>;
}

/** In the call, before its first offer. */
async function newStory(t: TestContext, media = new LocalMedia()): Promise<Story> {
  const server = await newServer(t);
  const call = newCall(t, { url: server.url, token: 'x', media });
  const guest = await server.guest();
  guest.send(WELCOME);
  await connected(call);
  return { call, guest, negotiate: sections => negotiate(guest, sections) };
}

async function negotiate(guest: Guest, sections: Sections): Promise<Record<string, string>> {
  guest.send({ event: 'offer', data: offer(sections) });
  const message = await guest.next();
  assert.equal(message.event, 'answer');
  return answered(message);
}

function answered(message: ClientMessage): Record<string, string> {
  assert.ok(message.event === 'answer');
  return JSON.parse(JSON.parse(message.data).sdp);
}

/** SPEC:P13 SPEC:P33 */
test('what is on when the first offer comes is published by its answer, unasked', async t => {
  const { call, negotiate } = await newStory(t);
  const [camera, microphone] = [fakeTrack('camera'), fakeTrack('microphone', 'audio')];
  await call.publish('camera', { track: camera });
  await call.publish('microphone', { track: microphone });
  assert.deepEqual(await negotiate(FIRST), { 0: 'sendonly', 1: 'sendonly' });
  assert.equal(FakeConnection.newest().transceiver('0').sender.track, camera);
  assert.equal(FakeConnection.newest().transceiver('1').sender.track, microphone);
});

test('who only watches answers inactive', async t => {
  const { negotiate } = await newStory(t);
  assert.deepEqual(await negotiate(FIRST), { 0: 'inactive', 1: 'inactive' });
});

/** SPEC:P32 */
test('what comes on later is asked for, and sent in the section that the server names', async t => {
  const { call, guest, negotiate } = await newStory(t);
  await negotiate(FIRST);
  await call.publish('camera', { track: fakeTrack('camera') });
  assert.deepEqual(await guest.next(), { event: 'publish', data: { source: 'camera' } });
  assert.deepEqual(await negotiate({ ...FIRST, 2: 'sendonly' }), { 0: 'inactive', 1: 'inactive', 2: 'recvonly' }, 'not yet');
  guest.send({ event: 'publishing', data: { source: 'camera', mid: '0' } });
  assert.deepEqual(await negotiate({ ...FIRST, 2: 'sendonly' }), { 0: 'sendonly', 1: 'inactive', 2: 'recvonly' });
});

/** SPEC:P36: the server hears of it after the answer that publishes. */
test('joining muted publishes, and says that it is muted', async t => {
  const { call, guest, negotiate } = await newStory(t);
  const microphone = fakeTrack('microphone', 'audio');
  await call.publish('microphone', { track: microphone, muted: true });
  await call.publish('camera', { muted: true });
  assert.equal(microphone.enabled, false);
  assert.deepEqual(await negotiate(FIRST), { 0: 'sendonly', 1: 'sendonly' });
  assert.equal(FakeConnection.newest().transceiver('0').sender.track, null, 'a camera that is off is not opened');
  const muted = [await guest.next(), await guest.next()].map(message => message.event === 'mute' && message.data);
  assert.deepEqual(
    new Set(muted.map(data => JSON.stringify(data))),
    new Set(['{"source":"microphone","muted":true}', '{"source":"camera","muted":true}']),
  );
});

test('a camera that is muted is released; a microphone is kept and silent; each mute is told once', async t => {
  const { call, guest, negotiate } = await newStory(t);
  const [camera, microphone] = [fakeTrack('camera'), fakeTrack('microphone', 'audio')];
  await call.publish('camera', { track: camera });
  await call.publish('microphone', { track: microphone });
  await negotiate(FIRST);
  call.mute('camera');
  call.mute('camera');
  assert.deepEqual(await guest.next(), { event: 'mute', data: { source: 'camera', muted: true } });
  assert.equal(camera.stopped, true);
  assert.equal(FakeConnection.newest().transceiver('0').sender.track, null);
  call.mute('microphone');
  assert.deepEqual(await guest.next(), { event: 'mute', data: { source: 'microphone', muted: true } });
  assert.deepEqual([microphone.stopped, microphone.enabled], [false, false]);
  await call.unmute('microphone');
  assert.deepEqual(await guest.next(), { event: 'mute', data: { source: 'microphone', muted: false } });
  assert.equal(microphone.enabled, true);
});

/** SPEC:P35 */
test('unpublishing tells the server, stops the device, and the next answer says inactive', async t => {
  const { call, guest, negotiate } = await newStory(t);
  const camera = fakeTrack('camera');
  await call.publish('camera', { track: camera });
  await negotiate(FIRST);
  call.unpublish('camera');
  assert.deepEqual(await guest.next(), { event: 'unpublish', data: { source: 'camera' } });
  assert.equal(camera.stopped, true);
  assert.deepEqual(await negotiate(FIRST), { 0: 'inactive', 1: 'inactive' });
  call.unpublish('camera');
  await call.publish('camera', { track: fakeTrack('another') });
  assert.deepEqual(await guest.next(), { event: 'publish', data: { source: 'camera' } }, 'the second unpublish said nothing');
});

test('another device takes the place of the first without a word to the server', async t => {
  const { call, guest, negotiate } = await newStory(t);
  await call.publish('camera', { track: fakeTrack('first') });
  await negotiate(FIRST);
  const second = fakeTrack('second');
  await call.publish('camera', { track: second });
  assert.equal(FakeConnection.newest().transceiver('0').sender.track, second);
  call.sendChat('marker');
  assert.equal((await guest.next()).event, 'chat');
});

/** SPEC:P34 */
test('a publish that is refused turns the source off again', async t => {
  const { call, guest, negotiate } = await newStory(t);
  await negotiate(FIRST);
  const camera = fakeTrack('camera');
  await call.publish('camera', { track: camera });
  await guest.next();
  const error = { code: 'too-many-tracks', message: 'Unpublish something first.', event: 'publish' };
  guest.send({ event: 'error', data: JSON.stringify(error) });
  await until(call, ({ local }) => local.camera.state === 'off');
  assert.equal(camera.stopped, true);
});

test('after a reconnection everything is published again, screens too', async t => {
  const server = await newServer(t);
  const media = new LocalMedia();
  const screen = fakeTrack('screen');
  const call = newCall(t, { url: server.url, token: 'x', media });
  const first = await server.guest();
  first.send(WELCOME);
  await connected(call);
  await call.publish('camera', { track: fakeTrack('camera') });
  await negotiate(first, FIRST);
  withMediaDevices(t, { getDisplayMedia: async () => fakeStream(screen) });
  await call.publishScreen();
  assert.deepEqual(await first.next(), { event: 'publish', data: { source: 'screen' } });
  const before = FakeConnection.newest();
  first.socket.terminate();

  const second = await server.guest();
  assert.equal(before.closed, true);
  second.send(WELCOME);
  await connected(call);
  assert.deepEqual(await negotiate(second, FIRST), { 0: 'sendonly', 1: 'inactive' });
  assert.deepEqual(await second.next(), { event: 'publish', data: { source: 'screen' } });
  second.send({ event: 'publishing', data: { source: 'screen', mid: '2' } });
  assert.deepEqual(await negotiate(second, { ...FIRST, 2: 'recvonly' }), { 0: 'sendonly', 1: 'inactive', 2: 'sendonly' });
  assert.equal(FakeConnection.newest().transceiver('2').sender.track, screen);
});

test('a join that fails leaves a preview as it was', async t => {
  const server = await newServer(t);
  server.refusing = { status: 403, error: 'room-full', message: 'The room is full.' };
  const media = new LocalMedia();
  const camera = fakeTrack('camera');
  await media.start('camera', { track: camera });
  assert.equal((await closed(newCall(t, { url: server.url, token: 'x', media }))).type, 'refused');
  assert.deepEqual([camera.stopped, media.sources.camera.state], [false, 'on']);
});

test('leaving releases every device', async t => {
  const { call } = await newStory(t);
  const camera = fakeTrack('camera');
  await call.publish('camera', { track: camera });
  call.leave();
  assert.equal(camera.stopped, true);
  assert.equal(call.getSnapshot().local.camera.state, 'off');
});

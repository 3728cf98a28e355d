import { strict as assert } from 'node:assert';
import { type TestContext, test } from 'node:test';
import { LocalMedia, MediaError } from '../src/index.ts';
import { fakeStream, withMediaDevices } from './support/devices.ts';
import { fakeTrack } from './support/fake-connection.ts';

type Ask = (constraints: MediaStreamConstraints) => Promise<MediaStreamTrack[]>;

/** `navigator.mediaDevices` as a browser gives it, answering as the test wants. */
function withDevices(t: TestContext, ask: Ask) {
  withMediaDevices(t, { getUserMedia: async (constraints: MediaStreamConstraints) => fakeStream(...(await ask(constraints))) });
}

const named = (name: string) => Object.assign(new Error(name), { name });
const refuse = (name: string) => () => Promise.reject(named(name));

test('both are asked for in one question', async t => {
  const asked: string[][] = [];
  withDevices(t, async constraints => {
    asked.push(Object.keys(constraints));
    return [fakeTrack('camera'), fakeTrack('microphone', 'audio')];
  });
  const media = new LocalMedia();
  assert.deepEqual(await media.startBoth(), {});
  assert.deepEqual([media.sources.camera.state, media.sources.microphone.state], ['on', 'on']);
  assert.deepEqual(asked, [['video', 'audio']]);
});

test('without a camera there is the microphone, and a word about the camera', async t => {
  withDevices(t, async ({ video }) => {
    if (video !== undefined) throw named('NotFoundError');
    return [fakeTrack('microphone', 'audio')];
  });
  const media = new LocalMedia();
  const { camera, microphone } = await media.startBoth();
  assert.equal(camera?.message, 'No camera was found. Connect one, then try again.');
  assert.equal(microphone, undefined);
  assert.deepEqual([media.sources.camera.state, media.sources.microphone.state], ['off', 'on']);
});

test('a refused permission is not asked for twice', async t => {
  let asked = 0;
  withDevices(t, () => {
    asked++;
    return Promise.reject(named('NotAllowedError'));
  });
  const { camera, microphone } = await new LocalMedia().startBoth();
  assert.deepEqual([camera?.code, microphone?.code, asked], ['refused', 'refused', 1]);
});

test('errors of the browser become words that say what to do', async t => {
  for (const [name, code, words] of [
    ['NotAllowedError', 'refused', /Allow it/],
    ['NotFoundError', 'not-found', /Connect one/],
    ['NotReadableError', 'in-use', /Another program/],
    ['SomethingNewError', 'failed', /could not be started/],
  ] as const) {
    withDevices(t, refuse(name));
    await assert.rejects(new LocalMedia().start('camera'), (error: unknown) => {
      assert.ok(error instanceof MediaError);
      assert.equal(error.code, code);
      assert.match(error.message, words);
      return true;
    });
  }
});

test('without HTTPS there are no devices, and that is what is said', async t => {
  withMediaDevices(t, undefined);
  Object.assign(globalThis, { isSecureContext: false });
  t.after(() => Reflect.deleteProperty(globalThis, 'isSecureContext'));
  await assert.rejects(new LocalMedia().start('microphone'), { code: 'insecure-context' });
});

test('a device that is gone is replaced by the browser’s choice', async t => {
  const asked: unknown[] = [];
  withDevices(t, async ({ video }) => {
    const { deviceId } = video as MediaTrackConstraints;
    asked.push(deviceId);
    if (deviceId !== undefined) throw named('OverconstrainedError');
    return [fakeTrack('another')];
  });
  const media = new LocalMedia();
  await media.start('camera', { deviceId: 'gone' });
  assert.deepEqual(asked, [{ exact: 'gone' }, undefined]);
  assert.equal(media.sources.camera.state, 'on');
});

test('a capture that is granted after it was given up is released again', async t => {
  const camera = fakeTrack('camera');
  const { promise, resolve } = Promise.withResolvers<MediaStreamTrack[]>();
  withDevices(t, () => promise);
  const media = new LocalMedia();
  const started = media.start('camera');
  assert.equal(media.sources.camera.state, 'starting');
  media.stop('camera');
  resolve([camera]);
  await started;
  assert.equal(camera.stopped, true);
  assert.equal(media.sources.camera.state, 'off');
});

test('a camera that cannot be had again stays muted', async t => {
  const camera = fakeTrack('camera');
  withDevices(t, async () => [camera]);
  const media = new LocalMedia();
  await media.start('camera');
  media.mute('camera');
  assert.equal(camera.stopped, true);
  withDevices(t, refuse('NotReadableError'));
  await assert.rejects(media.unmute('camera'), { code: 'in-use' });
  assert.equal(media.sources.camera.state, 'muted');
});

test('a device that is unplugged is off, and that is told', async t => {
  const camera = fakeTrack('camera');
  withDevices(t, async () => [camera]);
  const media = new LocalMedia();
  const told: string[] = [];
  media.on('interrupted', source => told.push(source));
  await media.start('camera');
  camera.onended?.(new Event('ended'));
  assert.deepEqual(told, ['camera']);
  assert.equal(media.sources.camera.state, 'off');
});

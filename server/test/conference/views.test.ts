import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newConference, settle, TestClient } from './new-conference.ts';

function call() {
  const conference = newConference();
  const [alice, bob] = [new TestClient(conference.rooms, 'alice'), new TestClient(conference.rooms, 'bob')];
  settle(alice, bob);
  const camera = [...conference.plane.tracks.values()].find(
    ({ transport, kind }) => transport === [...conference.plane.transports.keys()][0] && kind === 'video',
  );
  const name = bob.offered()[0]?.split(' ')[1] ?? '';
  const limits = () => [...conference.plane.subscriptions.values()].find(({ track }) => track === camera?.track)?.limits;
  return { ...conference, alice, bob, camera, name, limits };
}

describe('the size in which a video is shown', () => {
  it('limits what the viewer is sent; without one it is sent all (SPEC:P62)', () => {
    const { bob, name, limits } = call();
    assert.deepEqual(limits(), { priority: 1 });
    bob.session.view(name, { width: 320, height: 180 });
    assert.deepEqual(limits(), { priority: 1, paused: false, maxWidth: 320, maxHeight: 180 });
    bob.session.view(name, { width: 0, height: 0 });
    assert.equal(limits()?.paused, true);
  });

  it('may be told before the video is received, and of one that has ended', () => {
    const { rooms, plane, name } = call();
    const carol = new TestClient(rooms, 'carol');
    const before = plane.subscriptions.size;
    carol.session.view(name, { width: 640, height: 360 });
    carol.session.view('no-track-of-this-room', { width: 640, height: 360 });
    settle(carol);
    const own = [...plane.subscriptions.values()].slice(before).map(({ limits }) => limits?.maxWidth);
    assert.deepEqual(
      own.filter(width => width !== undefined),
      [640],
    );
  });

  it('is not that of sound', () => {
    const { bob, plane } = call();
    const microphone = bob.offered()[1]?.split(' ')[1] ?? '';
    bob.session.view(microphone, { width: 0, height: 0 });
    assert.ok([...plane.subscriptions.values()].every(({ limits }) => limits?.paused !== true));
  });
});

describe('layers that nobody watches', () => {
  it('are told to their publisher alone (SPEC:P63)', async () => {
    const { plane, alice, bob, camera } = call();
    alice.take();
    bob.take();
    plane.emit({ type: 'layers-wanted', worker: 0, track: camera?.track ?? 0, layers: [true, false, false] });
    plane.emit({ type: 'layers-wanted', worker: 0, track: 999, layers: [true] }); // it has ended meanwhile
    await Promise.resolve();
    assert.deepEqual(alice.take(), [{ type: 'layers', source: 'camera', active: [true, false, false] }]);
    assert.deepEqual(bob.take(), []);
  });
});

describe('a video that the viewer has no room for', () => {
  const paused = { type: 'paused' } as const;
  const lowest = { type: 'layer', spatial: 0, temporal: 0 } as const;

  it('is told to its viewer alone, and that it goes on (SPEC:P64)', async () => {
    const { plane, alice, bob, camera, name } = call();
    const [subscription = 0] = [...plane.subscriptions].find(([, { track }]) => track === camera?.track) ?? [];
    alice.take();
    bob.take();
    for (const current of [lowest, paused, paused, lowest]) {
      plane.emit({ type: 'subscription-changed', worker: 0, subscription, current });
    }
    plane.emit({ type: 'subscription-changed', worker: 0, subscription: 999, current: paused }); // it has ended meanwhile
    await Promise.resolve();
    const told = { type: 'track-paused', participant: alice.session.participant, track: name, reason: 'network' };
    assert.deepEqual(bob.take(), [
      { ...told, paused: true },
      { ...told, paused: false },
    ]);
    assert.deepEqual(alice.take(), []);
  });

  it('is not told where the viewer does not show it', async () => {
    const { plane, bob, camera, name } = call();
    const [subscription = 0] = [...plane.subscriptions].find(([, { track }]) => track === camera?.track) ?? [];
    bob.session.view(name, { width: 0, height: 0 });
    bob.take();
    plane.emit({ type: 'subscription-changed', worker: 0, subscription, current: paused });
    await Promise.resolve();
    assert.deepEqual(bob.take(), []);
  });
});

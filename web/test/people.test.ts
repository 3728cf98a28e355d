import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { CallSnapshot, RemoteTrack } from '@aqlinks/client';
import { peopleOf, screensOf, soundsOf } from '../src/page/call/people.ts';
import { hue, initials } from '../src/page/parts/initials.ts';

const media = (id: string) => ({ id }) as unknown as MediaStreamTrack;
const track = (source: RemoteTrack['source'], muted = false): RemoteTrack => ({
  id: source,
  source,
  kind: source === 'camera' || source === 'screen' ? 'video' : 'audio',
  muted,
  media: media(source),
  paused: false,
});

const SNAPSHOT: CallSnapshot = {
  connection: { name: 'connected' },
  room: 'red',
  rights: [],
  locked: false,
  lobby: false,
  waiting: [],
  self: { id: 'me', userId: 'ann', name: 'Ann', role: 'host' },
  participants: [
    {
      id: 'b1',
      userId: 'ben',
      name: 'Ben',
      role: 'guest',
      tracks: [track('camera', true), track('microphone'), track('screen'), track('screen-audio')],
    },
    { id: 'c1', userId: 'cat', name: 'Cat', role: 'viewer', tracks: [] },
  ],
  local: {
    camera: { state: 'on', media: media('mine') },
    microphone: { state: 'muted', media: media('silent') },
    screen: { state: 'off' },
    'screen-audio': { state: 'off' },
  },
  messages: [],
  speaking: new Set(['b1']),
};

test('tiles show who is there, ourselves first, and what of them is off', () => {
  const shown = peopleOf(SNAPSHOT).map(({ name, me, camera, muted, speaking }) => ({
    name,
    me,
    camera: camera?.id,
    muted,
    speaking,
  }));
  assert.deepEqual(shown, [
    { name: 'Ann', me: true, camera: 'mine', muted: true, speaking: false },
    { name: 'Ben', me: false, camera: undefined, muted: false, speaking: true },
    { name: 'Cat', me: false, camera: undefined, muted: true, speaking: false },
  ]);
});

test('screens of others come first, our own last', () => {
  const local = { ...SNAPSHOT.local, screen: { state: 'on', media: media('shared') } } as const;
  const snapshot = { ...SNAPSHOT, local };
  assert.deepEqual(
    screensOf(snapshot, peopleOf(snapshot)).map(({ person, media }) => `${person.name}: ${media.id}`),
    ['Ben: screen', 'Ann: shared'],
  );
});

test('microphones and the sound of screens are heard, our own never', () => {
  assert.deepEqual(
    soundsOf(SNAPSHOT).map(({ id }) => id),
    ['microphone', 'screen-audio'],
  );
});

test('initials are of the first and last word, of whole characters', () => {
  assert.deepEqual(['Ann', 'Ann Mary Archer', ' zoë  quinn ', '🦊 fox', ''].map(initials), ['A', 'AA', 'ZQ', '🦊F', '']);
  assert.equal(hue('Ann'), hue('Ann'));
  assert.ok(hue('x'.repeat(1_000)) < 360);
});

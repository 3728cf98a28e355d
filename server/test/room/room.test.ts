import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Room, type RoomEffect } from '../../src/room/room.ts';
import { grantOf } from '../support/grant-of.ts';

const NOW = 1_000;

const grant = (userId: string, role = 'guest') => grantOf(userId, { name: userId.toUpperCase(), role });

function newRoom(...people: string[]): Room {
  const room = new Room('standup', 5);
  for (const id of people) room.handle(NOW, { type: 'join', participant: id, grant: grant(id) });
  return room;
}

const join = (room: Room, id: string, user = id) => room.handle(NOW, { type: 'join', participant: id, grant: grant(user) });
const publish = (room: Room, participant: string, source: 'camera' | 'microphone' = 'camera') =>
  room.handle(NOW, {
    type: 'publish',
    participant,
    track: { id: `${participant}-${source}`, source, kind: source === 'camera' ? 'video' : 'audio' },
  });

/** Effects in short: who is told what. */
const brief = (effects: readonly RoomEffect[]) =>
  effects.map(effect => {
    if (effect.type === 'notify') return `${effect.to}: ${effect.notice.type}`;
    if (effect.type === 'forward') return `${effect.track.id} -> ${effect.to}`;
    if (effect.type === 'stop-forwarding') return `${effect.track} -/> ${effect.to}`;
    if (effect.type === 'end-track') return `end ${effect.track}`;
    return `dismiss ${effect.participant} ${effect.close ?? ''}`.trim();
  });

describe('a room', () => {
  it('tells whoever joins who is there with which tracks, and the others of them (SPEC:P29, SPEC:P30)', () => {
    const room = newRoom('alice');
    publish(room, 'alice');
    const effects = join(room, 'bob');
    assert.deepEqual(brief(effects), ['bob: joined', 'alice: participant-joined', 'alice-camera -> bob']);
    const joined = effects[0]?.type === 'notify' && effects[0].notice.type === 'joined' ? effects[0].notice : assert.fail();
    assert.deepEqual(joined.self, { id: 'bob', userId: 'bob', name: 'BOB', role: 'guest', tracks: [] });
    assert.deepEqual(joined.others[0]?.tracks, [{ id: 'alice-camera', source: 'camera', kind: 'video', muted: false }]);
  });

  it('forwards a track to everyone but its publisher (SPEC:P31)', () => {
    assert.deepEqual(brief(publish(newRoom('a', 'b', 'c'), 'b')), [
      'a: track-published',
      'c: track-published',
      'b-camera -> a',
      'b-camera -> c',
    ]);
  });

  it('stops forwarding what is unpublished, and what is not published needs no word', () => {
    const room = newRoom('a', 'b');
    publish(room, 'a');
    const unpublish = { type: 'unpublish', participant: 'a', source: 'camera' } as const;
    assert.deepEqual(brief(room.handle(NOW, unpublish)), ['b: track-unpublished', 'end a-camera', 'a-camera -/> b']);
    assert.deepEqual(room.handle(NOW, unpublish), []);
  });

  it('says who left and ends their tracks (SPEC:P30)', () => {
    const room = newRoom('a', 'b', 'c');
    publish(room, 'a');
    const effects = room.handle(NOW, { type: 'leave', participant: 'a', reason: 'timeout', close: 'timeout' });
    assert.deepEqual(brief(effects), [
      'dismiss a timeout',
      'b: participant-left',
      'c: participant-left',
      'end a-camera',
      'a-camera -/> b',
      'a-camera -/> c',
    ]);
    assert.equal(room.size, 2);
    assert.deepEqual(publish(room, 'a'), []); // whoever left can do nothing
  });

  it('lets the same user in again in place of their older connection (SPEC:P6)', () => {
    const room = newRoom('a1', 'b');
    const again = join(room, 'a2', 'a1');
    assert.deepEqual(brief(again), ['dismiss a1 replaced', 'b: participant-left', 'a2: joined', 'b: participant-joined']);
    assert.deepEqual(again[1]?.type === 'notify' && again[1].notice, {
      type: 'participant-left',
      participant: 'a1',
      reason: 'replaced',
    });
    assert.equal(room.size, 2);
    assert.ok(room.hasUser('a1'));
  });

  it('refuses one too many, but not who takes their own place (SPEC:P22)', () => {
    const room = newRoom('a', 'b', 'c', 'd', 'e');
    assert.throws(() => join(room, 'f'), { name: 'JoinRefused', code: 'room-full' });
    assert.equal(room.size, 5);
    join(room, 'e2', 'e');
    assert.equal(room.size, 5);
  });

  it('passes mute states on, and shows them to later joiners (SPEC:P36)', () => {
    const room = newRoom('a', 'b');
    const mute = { type: 'mute', participant: 'a', source: 'microphone', muted: true } as const;
    assert.throws(() => room.handle(NOW, mute), { name: 'RequestError', code: 'invalid-data' });
    publish(room, 'a', 'microphone');
    assert.deepEqual(brief(room.handle(NOW, mute)), ['b: track-muted']);
    assert.deepEqual(room.handle(NOW, mute), []); // nothing new
    const joined = join(room, 'c')[0];
    const seen = joined?.type === 'notify' && joined.notice.type === 'joined' ? joined.notice.others[0]?.tracks : assert.fail();
    assert.equal(seen?.[0]?.muted, true);
  });

  it('passes chat to the others only, with the name and the time (SPEC:P20)', () => {
    const effects = newRoom('a', 'b', 'c').handle(NOW, { type: 'chat', participant: 'a', text: 'hello' });
    assert.deepEqual(
      effects.map(effect => effect.type === 'notify' && [effect.to, effect.notice]),
      ['b', 'c'].map(to => [to, { type: 'chat', participant: 'a', name: 'A', text: 'hello', at: NOW }]),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brief, events, NOW, noticeTo, TestRoom } from './new-room.ts';

describe('a room', () => {
  it('tells whoever joins who is there with which tracks, and the others of them (SPEC:P29, SPEC:P30)', () => {
    const room = new TestRoom(['alice']);
    room.publish('alice');
    const effects = room.join('bob');
    assert.deepEqual(brief(effects), ['open bob', 'bob: joined', 'alice: participant-joined', 'alice-camera -> bob']);
    const joined = noticeTo(effects, 'bob', 'joined');
    assert.deepEqual(joined.self, { id: 'bob', userId: 'bob', name: 'BOB', role: 'guest', tracks: [] });
    assert.deepEqual(joined.others[0]?.tracks, [{ id: 'alice-camera', source: 'camera', kind: 'video', muted: false }]);
  });

  it('forwards a track to everyone but its publisher (SPEC:P31)', () => {
    assert.deepEqual(brief(new TestRoom(['a', 'b', 'c']).publish('b')), [
      'take b-camera',
      'a: track-published',
      'c: track-published',
      'b-camera -> a',
      'b-camera -> c',
    ]);
  });

  it('stops forwarding what is unpublished, and what is not published needs no word', () => {
    const room = new TestRoom(['a', 'b']);
    room.publish('a');
    const unpublish = { type: 'unpublish', participant: 'a', source: 'camera' } as const;
    assert.deepEqual(brief(room.handle(unpublish)), ['b: track-unpublished', 'end a-camera', 'a-camera -/> b']);
    assert.deepEqual(room.handle(unpublish), []);
  });

  it('says who left and ends their tracks (SPEC:P30)', () => {
    const room = new TestRoom(['a', 'b', 'c']);
    room.publish('a');
    const effects = room.handle({ type: 'leave', participant: 'a', reason: 'timeout', close: 'timeout' });
    assert.deepEqual(brief(effects), [
      'dismiss a timeout',
      'b: participant-left',
      'c: participant-left',
      'end a-camera',
      'a-camera -/> b',
      'a-camera -/> c',
    ]);
    assert.equal(room.room.size, 2);
    assert.deepEqual(room.publish('a'), []); // whoever left can do nothing
  });

  it('lets the same user in again in place of their older connection (SPEC:P6)', () => {
    const room = new TestRoom(['a1', 'b']);
    const again = room.join('a2', { userId: 'a1' });
    assert.deepEqual(brief(again), [
      'dismiss a1 replaced',
      'b: participant-left',
      'open a2',
      'a2: joined',
      'b: participant-joined',
    ]);
    const left = noticeTo(again, 'b', 'participant-left');
    assert.deepEqual(left, { type: 'participant-left', participant: 'a1', reason: 'replaced' });
    assert.equal(room.room.size, 2);
    assert.ok(room.room.hasUser('a1'));
  });

  it('refuses one too many, but not who takes their own place (SPEC:P22)', () => {
    const room = new TestRoom(['a', 'b', 'c', 'd', 'e']);
    assert.throws(() => room.join('f'), { name: 'JoinRefused', code: 'room-full' });
    assert.equal(room.room.size, 5);
    room.join('e2', { userId: 'e' });
    assert.equal(room.room.size, 5);
  });

  it('passes mute states on, and shows them to later joiners (SPEC:P36)', () => {
    const room = new TestRoom(['a', 'b']);
    const mute = { type: 'mute', participant: 'a', source: 'microphone', muted: true } as const;
    assert.throws(() => room.handle(mute), { name: 'RequestError', code: 'invalid-data' });
    room.publish('a', 'microphone');
    assert.deepEqual(brief(room.handle(mute)), ['b: track-muted']);
    assert.deepEqual(room.handle(mute), []); // nothing new
    assert.equal(noticeTo(room.join('c'), 'c', 'joined').others[0]?.tracks[0]?.muted, true);
  });

  it('passes chat to the others only, with the name and the time (SPEC:P20)', () => {
    const effects = new TestRoom(['a', 'b', 'c']).handle({ type: 'chat', participant: 'a', text: 'hello' });
    assert.deepEqual(
      effects.map(effect => effect.type === 'notify' && [effect.to, effect.notice]),
      ['b', 'c'].map(to => [to, { type: 'chat', participant: 'a', name: 'A', text: 'hello', at: NOW }]),
    );
  });

  it('tells those who keep a log what happened, from its first participant to its last', () => {
    const room = new TestRoom();
    assert.deepEqual(events(room.join('a')), ['room-started', 'participant-joined']);
    assert.deepEqual(events(room.publish('a')), ['track-published']);
    const replaced = ['participant-left', 'participant-joined']; // and the room goes on
    assert.deepEqual(events(room.join('a2', { userId: 'a' })), replaced);
    const [left] = room.handle({ type: 'leave', participant: 'a2', reason: 'left', close: undefined }).slice(-2);
    assert.deepEqual(left?.type === 'event' && left.event, {
      type: 'participant-left',
      reason: 'left',
      at: NOW,
      project: 'default',
      room: 'standup',
      session: 's1',
      participant: 'a2',
      userId: 'a',
      name: 'A2',
      role: 'guest',
    });
  });

  it('ends for all without telling each of every other', () => {
    const room = new TestRoom(['a', 'b', 'c']);
    room.publish('a');
    const effects = room.handle({ type: 'close', reason: 'server-shutdown', close: 'shuttingDown', notice: undefined });
    assert.deepEqual(brief(effects), ['dismiss a shuttingDown', 'dismiss b shuttingDown', 'dismiss c shuttingDown']);
    assert.deepEqual(events(effects), ['participant-left', 'participant-left', 'participant-left', 'room-ended']);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brief, events, noticeTo, TestRoom } from './new-room.ts';

const lobby = { settings: { lobby: true } };

describe('a lobby', () => {
  it('keeps whoever comes from media and list until admitted (SPEC:P55)', () => {
    const room = new TestRoom(['host'], lobby);
    const waiting = room.join('a');
    assert.deepEqual(brief(waiting), ['a: waiting', 'host: lobby-joined']);
    assert.deepEqual(events(waiting), ['participant-waiting']);
    assert.deepEqual(brief(room.publish('host')), ['take host-camera']); // a hears of nothing
    for (const input of [
      { type: 'chat', participant: 'a', text: 'hello' },
      { type: 'mute', participant: 'a', source: 'camera', muted: true },
      { type: 'moderate', participant: 'a', act: { action: 'end' } },
    ] as const)
      assert.throws(() => room.handle(input), { code: 'not-allowed' });
    assert.throws(() => room.room.checkPublish('a', 'camera'), { code: 'not-allowed' });
    const admitted = room.moderate('host', { action: 'admit', participant: 'a' });
    assert.deepEqual(brief(admitted), [
      'host: lobby-left',
      'open a',
      'a: joined',
      'host: participant-joined',
      'host-camera -> a',
    ]);
  });

  it('is passed by those who may admit, and by those who were in (SPEC:P55)', () => {
    const room = new TestRoom(['host', 'host2'], lobby);
    assert.equal([...room.room.people].length, 2);
    room.join('a');
    room.moderate('host', { action: 'admit', participant: 'a' });
    room.handle({ type: 'leave', participant: 'a', reason: 'disconnected', close: undefined });
    assert.equal(brief(room.join('a2', { userId: 'a' }))[0], 'open a2');
  });

  it('is shown to whoever may admit, and to nobody else (SPEC:P55)', () => {
    const room = new TestRoom(['host', 'a'], { settings: { lobby: false } });
    room.moderate('host', { action: 'lobby', lobby: true });
    room.join('b');
    assert.deepEqual(
      noticeTo(room.join('host2'), 'host2', 'joined').waiting.map(({ id }) => id),
      ['b'],
    );
    const promoted = brief(room.moderate('host', { action: 'set-role', participant: 'a', role: 'host' }));
    assert.ok(promoted.includes('a: lobby-joined'));
    assert.ok(brief(room.moderate('host', { action: 'set-role', participant: 'a', role: 'guest' })).includes('a: lobby-left'));
  });

  it('sends away whom nobody wants, and lets all in when it is switched off', () => {
    const room = new TestRoom(['host'], { ...lobby, maxParticipants: 3 });
    for (const id of ['a', 'b', 'c']) room.join(id);
    assert.throws(() => room.join('d'), { code: 'room-full' }); // the lobby is no larger than the room
    assert.deepEqual(brief(room.moderate('host', { action: 'remove', participant: 'a', ban: false })), [
      'dismiss a removed',
      'host: lobby-left',
    ]);
    room.join('d');
    const off = brief(room.moderate('host', { action: 'lobby', lobby: false }));
    assert.deepEqual(
      off.filter(effect => effect.startsWith('open')),
      ['open b', 'open c'],
    ); // three in all
    assert.deepEqual(
      [...room.room.lobby].map(({ id }) => id),
      ['d'],
    );
    assert.throws(() => room.moderate('host', { action: 'admit', participant: 'd' }), { code: 'room-full' });
  });
});

describe('a lock', () => {
  it('keeps out whoever was not in, and is told to all (SPEC:P54)', () => {
    const room = new TestRoom(['host', 'a']);
    assert.deepEqual(brief(room.moderate('host', { action: 'lock', locked: true })), ['host: room-changed', 'a: room-changed']);
    assert.deepEqual(room.moderate('host', { action: 'lock', locked: true }), []);
    assert.throws(() => room.join('b'), { name: 'JoinRefused', code: 'room-locked' });
    room.handle({ type: 'leave', participant: 'a', reason: 'disconnected', close: undefined });
    room.join('a'); // was in
    room.moderate('host', { action: 'remove', participant: 'a', ban: false });
    assert.throws(() => room.join('a'), { code: 'room-locked' });
    room.join('host2'); // may unlock
    room.moderate('host2', { action: 'lock', locked: false });
    room.join('b');
  });

  it('of the settings and one made in the call do not undo each other (SPEC:P54)', () => {
    const room = new TestRoom(['host']);
    room.moderate('host', { action: 'lock', locked: true });
    room.handle({ type: 'configure', settings: { max_participants: 3 }, roles: undefined });
    assert.throws(() => room.join('a'), { code: 'room-locked' });
    room.handle({ type: 'configure', settings: { locked: true }, roles: undefined });
    assert.deepEqual(brief(room.handle({ type: 'configure', settings: { locked: false }, roles: undefined })), [
      'host: room-changed',
    ]);
    room.join('a');
  });
});

describe('places', () => {
  it('are as many as the settings say, but never more than the server’s (SPEC:P22)', () => {
    const room = new TestRoom(['a', 'b'], { settings: { max_participants: 2 } });
    assert.throws(() => room.join('c'), { code: 'room-full' });
    room.handle({ type: 'configure', settings: { max_participants: 100 }, roles: undefined });
    for (const id of ['c', 'd', 'e']) room.join(id);
    assert.throws(() => room.join('f'), { code: 'room-full' });
  });
});

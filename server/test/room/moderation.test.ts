import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_ROLES, type Moderation, RIGHTS, type Right } from '@aqlinks/protocol';
import { brief, events, noticeTo, TestRoom } from './new-room.ts';

const ACTS: readonly [Right, Moderation][] = [
  ['mute-others', { action: 'mute', participant: 'a', source: 'microphone' }],
  ['mute-others', { action: 'stop-video', participant: 'a', source: 'camera' }],
  ['mute-others', { action: 'ask-unmute', participant: 'a', source: 'microphone' }],
  ['change-roles', { action: 'set-role', participant: 'a', role: 'viewer' }],
  ['admit', { action: 'admit', participant: 'waiting' }],
  ['admit', { action: 'remove', participant: 'waiting', ban: false }],
  ['remove', { action: 'remove', participant: 'a', ban: false }],
  ['lock', { action: 'lock', locked: true }],
  ['lock', { action: 'lobby', lobby: false }],
  ['end', { action: 'end' }],
];

describe('each act upon others', () => {
  for (const [right, act] of ACTS) {
    it(`${act.action} takes the right ${right} and no other (SPEC:P51)`, () => {
      const attend = DEFAULT_ROLES.guest;
      const cases: readonly [Right[], boolean][] = [
        [[...attend, right], true],
        [RIGHTS.filter(each => each !== right), false],
      ];
      for (const [rights, allowed] of cases) {
        const room = new TestRoom(['moderator', 'a'], { roles: { moderator: rights } });
        room.handle({ type: 'configure', settings: { lobby: true, roles: { moderator: rights } }, roles: undefined });
        const moderator = room.join('moderator2', { userId: 'moderator', role: 'moderator' });
        assert.equal(noticeTo(moderator, 'moderator2', 'joined').self.role, 'moderator');
        room.publish('a');
        room.publish('a', 'microphone');
        room.join('waiting');
        const does = () => room.moderate('moderator2', act);
        if (allowed) assert.notDeepEqual(does(), []);
        else assert.throws(does, { name: 'RequestError', code: 'not-allowed' });
      }
    });
  }
});

describe('a moderator', () => {
  it('mutes: nothing is forwarded until the publisher unmutes (SPEC:P52)', () => {
    const room = new TestRoom(['host', 'a', 'b']);
    room.publish('a', 'microphone');
    const muted = room.moderate('host', { action: 'mute', participant: 'a', source: 'microphone' });
    assert.deepEqual(brief(muted), ['a: muted-by', 'hold a-microphone', 'host: track-muted', 'b: track-muted']);
    assert.deepEqual(noticeTo(muted, 'a', 'muted-by'), { type: 'muted-by', source: 'microphone', by: 'HOST' });
    const mute = (on: boolean) => brief(room.handle({ type: 'mute', participant: 'a', source: 'microphone', muted: on }));
    assert.deepEqual(mute(true), []); // the client follows
    assert.deepEqual(mute(false), ['release a-microphone', 'host: track-muted', 'b: track-muted']);
    mute(true);
    const held = brief(room.moderate('host', { action: 'mute', participant: 'a', source: 'microphone' }));
    assert.deepEqual(held, ['a: muted-by', 'hold a-microphone']); // also one that says it is muted
  });

  it('stops a video, which may be published again (SPEC:P52)', () => {
    const room = new TestRoom(['host', 'a']);
    room.publish('a');
    const stopped = brief(room.moderate('host', { action: 'stop-video', participant: 'a', source: 'camera' }));
    assert.deepEqual(stopped, ['a: muted-by', 'shut a camera', 'host: track-unpublished', 'end a-camera', 'a-camera -/> host']);
    room.room.checkPublish('a', 'camera');
    const none = () => room.moderate('host', { action: 'stop-video', participant: 'a', source: 'camera' });
    assert.throws(none, { code: 'not-found' });
  });

  it('asks to unmute only who may speak (SPEC:P52)', () => {
    const room = new TestRoom(['host', 'a', 'viewer']);
    const ask = (participant: string) => room.moderate('host', { action: 'ask-unmute', participant, source: 'microphone' });
    assert.deepEqual(brief(ask('a')), ['a: ask-unmute']);
    assert.throws(() => ask('viewer'), { code: 'not-allowed' });
  });

  it('removes, and bans (SPEC:P53)', () => {
    const room = new TestRoom(['host', 'a', 'b']);
    const removed = room.moderate('host', { action: 'remove', participant: 'a', ban: false });
    assert.deepEqual(brief(removed), ['dismiss a removed', 'host: participant-left', 'b: participant-left']);
    assert.equal(noticeTo(removed, 'b', 'participant-left').reason, 'removed');
    const banned = room.moderate('host', { action: 'remove', participant: 'b', ban: true });
    assert.deepEqual(brief(banned), ['ban b', 'dismiss b removed', 'host: participant-left']);
    assert.throws(() => room.moderate('host', { action: 'remove', participant: 'b', ban: true }), { code: 'not-found' });
  });

  it('neither removes nor changes who may more, nor gives what they do not have (SPEC:P51)', () => {
    const roles = { moderator: [...DEFAULT_ROLES.guest, 'change-roles', 'remove'] as const };
    const room = new TestRoom(['host', 'a'], { roles });
    room.join('m', { role: 'moderator' });
    for (const act of [
      { action: 'remove', participant: 'host', ban: false },
      { action: 'set-role', participant: 'host', role: 'guest' },
      { action: 'set-role', participant: 'm', role: 'host' },
      { action: 'set-role', participant: 'a', role: 'host' },
    ] as const)
      assert.throws(() => room.moderate('m', act), { code: 'not-allowed' });
    room.moderate('m', { action: 'set-role', participant: 'a', role: 'moderator' });
  });

  it('ends the room for all; only who may end it begins it anew (SPEC:P54)', () => {
    const room = new TestRoom(['host', 'a']);
    const ended = room.moderate('host', { action: 'end' });
    assert.deepEqual(brief(ended), ['dismiss host ended', 'dismiss a ended']);
    assert.deepEqual(events(ended), ['moderated', 'participant-left', 'participant-left', 'room-ended']);
    const next = new TestRoom([], { memory: room.room.memory });
    assert.throws(() => next.join('a'), { name: 'JoinRefused', code: 'room-locked' });
    next.join('host');
    next.join('a');
  });
});

describe('from outside', () => {
  it('everything may be done, and messages sent to the room or to one (SPEC:P56)', () => {
    const room = new TestRoom(['a', 'b']);
    const send = (to: string | undefined) =>
      room.handle({ type: 'command', act: { action: 'send', message: 'hi', to }, by: undefined });
    assert.deepEqual(brief(send(undefined)), ['a: room-message', 'b: room-message']);
    assert.deepEqual(brief(send('b')), ['b: room-message']);
    assert.throws(() => send('c'), { code: 'not-found' });
    const moved = room.handle({ type: 'command', act: { action: 'move', participant: 'a', room: 'other' }, by: undefined });
    assert.deepEqual(brief(moved), ['a: moved', 'dismiss a moved', 'b: participant-left']);
  });
});

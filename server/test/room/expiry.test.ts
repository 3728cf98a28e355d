import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grantOf } from '../support/grant-of.ts';
import { brief, NOW, noticeTo, TestRoom } from './new-room.ts';

const expiresAt = NOW + 100_000;

describe('a token that expires in the call', () => {
  it('is told a notice before, and its holder removed a grace after (SPEC:P57, SPEC:P59)', () => {
    const room = new TestRoom(['b']);
    room.join('a', { expiresAt });
    const tick = (at: number) => {
      room.now = at;
      return room.handle({ type: 'tick' });
    };
    assert.deepEqual(tick(expiresAt - 60_001), []);
    const told = noticeTo(tick(expiresAt - 60_000), 'a', 'token-expiring');
    assert.deepEqual(told, { type: 'token-expiring', expiresAt, seconds: 60, grace: 30 });
    assert.deepEqual(tick(expiresAt + 29_999), []); // once
    const removed = tick(expiresAt + 30_000);
    assert.deepEqual(brief(removed), ['dismiss a expired', 'b: participant-left']);
    assert.equal(noticeTo(removed, 'b', 'participant-left').reason, 'expired');
    assert.deepEqual(tick(expiresAt * 2), []); // b's has no end
  });

  it('is followed by another on the same socket, and who they are stays (SPEC:P58)', () => {
    const room = new TestRoom(['b']);
    room.join('a', { expiresAt });
    room.publish('a');
    const refresh = room.handle({
      type: 'refresh',
      participant: 'a',
      grant: grantOf('a', { expiresAt: expiresAt * 2, name: 'other' }),
    });
    assert.deepEqual(brief(refresh), ['a: token-accepted']);
    room.now = expiresAt + 30_000;
    assert.deepEqual(room.handle({ type: 'tick' }), []);
    assert.equal(noticeTo(room.join('c'), 'c', 'joined').others[1]?.name, 'A');
  });

  it('is not followed by one of somebody else (SPEC:P58)', () => {
    const room = new TestRoom();
    room.join('a', { expiresAt });
    for (const given of [{ userId: 'b' }, { room: 'other' }, { project: 'other' }])
      assert.throws(() => room.handle({ type: 'refresh', participant: 'a', grant: grantOf('a', given) }), {
        code: 'token-refused',
      });
    room.now = expiresAt + 30_000;
    assert.deepEqual(brief(room.handle({ type: 'tick' })), ['dismiss a expired']);
  });

  it('may be followed by one with other rights, which hold at once; a role given in the call stays (SPEC:P58)', () => {
    const room = new TestRoom(['host']);
    room.join('a', { expiresAt });
    const refresh = (given: object) => room.handle({ type: 'refresh', participant: 'a', grant: grantOf('a', given) });
    assert.deepEqual(noticeTo(refresh({ permissions: ['receive'] }), 'a', 'rights').rights, ['receive']);
    assert.deepEqual(noticeTo(refresh({ role: 'viewer' }), 'a', 'rights').role, 'viewer');
    room.moderate('host', { action: 'set-role', participant: 'a', role: 'presenter' });
    assert.deepEqual(brief(refresh({ role: 'viewer' })), ['a: token-accepted']);
  });

  it('counts in the lobby too', () => {
    const room = new TestRoom(['host'], { settings: { lobby: true } });
    room.join('a', { expiresAt });
    room.now = expiresAt + 30_000;
    assert.deepEqual(brief(room.handle({ type: 'tick' })), ['dismiss a expired', 'host: lobby-left']);
  });
});

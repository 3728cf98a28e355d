import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RoleTable, RoomSettings } from '@aqlinks/protocol';
import type { RoomEvent, RoomsDirectory } from '../../src/session.ts';
import { newConference, settle, TestClient } from './new-conference.ts';

/** What is kept, held by a test. */
class TestDirectory implements RoomsDirectory {
  readonly bans = new Set<string>();
  table: RoleTable | undefined;
  room: RoomSettings = {};

  roles() {
    return this.table;
  }

  settings() {
    return this.room;
  }

  isBanned(...who: [project: string, room: string, userId: string]) {
    return this.bans.has(who.join(' '));
  }

  ban(...[project, room, userId]: [project: string, room: string, userId: string]) {
    this.bans.add(`${project} ${room} ${userId}`);
  }
}

const join = (rooms: ReturnType<typeof newConference>['rooms'], userId: string, role = 'guest', room = 'standup') =>
  new TestClient(rooms, userId, room, { role });

describe('what may not be published', () => {
  it('has its section inactive, and the media plane never hears of it (SPEC:P47)', () => {
    const { rooms, plane } = newConference();
    const viewer = join(rooms, 'vera', 'viewer');
    assert.deepEqual(viewer.directions(), ['inactive', 'inactive']);
    settle(viewer); // it answers sendonly wherever it may
    assert.equal(plane.tracks.size, 0);
    assert.throws(() => viewer.session.publish('screen'), { code: 'not-allowed' });
    assert.throws(() => viewer.session.publish('camera'), { code: 'not-allowed' });
  });

  it('is not published by an answer to an offer from before (SPEC:P47)', () => {
    const { rooms, plane } = newConference();
    const guest = join(rooms, 'gus');
    rooms.control('default', 'standup')?.setRole(guest.id, 'viewer'); // its first offer still waits for an answer
    guest.answer();
    assert.equal(plane.tracks.size, 0);
    settle(guest);
    assert.deepEqual(guest.directions(), ['inactive', 'inactive']);
  });

  it('ends at once and comes back when it may, to a client that still sends (SPEC:P50)', () => {
    const { rooms, plane } = newConference();
    const [guest, host] = [join(rooms, 'gus'), join(rooms, 'hanna', 'host')];
    settle(guest, host);
    assert.equal(plane.tracks.size, 4);
    guest.take();
    host.session.moderate({ action: 'set-role', participant: guest.id, role: 'viewer' });
    assert.equal(plane.tracks.size, 2); // before any answer
    assert.deepEqual(guest.takeTypes(), ['rights', 'rights', 'offer']);
    settle(guest, host);
    assert.deepEqual(guest.directions().slice(0, 2), ['inactive', 'inactive']);
    host.session.moderate({ action: 'set-role', participant: guest.id, role: 'guest' });
    settle(guest, host);
    assert.equal(plane.tracks.size, 4);
    assert.equal(plane.subscriptions.size, 4);
  });
});

describe('what may not be received', () => {
  it('is not offered, and its subscription ends while the track goes on (SPEC:P48)', () => {
    const directory = new TestDirectory();
    directory.table = { deaf: ['see-list'] };
    const { rooms, plane } = newConference({ directory });
    const [guest, host] = [join(rooms, 'gus'), join(rooms, 'hanna', 'host')];
    settle(guest, host);
    host.session.moderate({ action: 'set-role', participant: guest.id, role: 'deaf' });
    assert.deepEqual([plane.tracks.size, plane.subscriptions.size], [2, 0]);
    settle(guest, host);
    assert.deepEqual(guest.offered(), []);
    directory.table = { deaf: ['see-list', 'receive'] };
    rooms.rolesChanged('default');
    settle(guest, host);
    assert.equal(plane.subscriptions.size, 2);
  });
});

describe('a moderator’s mute', () => {
  it('holds the track in the media plane until its publisher unmutes (SPEC:P52)', () => {
    const { rooms, plane } = newConference();
    const [guest, host] = [join(rooms, 'gus'), join(rooms, 'hanna', 'host')];
    settle(guest, host);
    host.session.moderate({ action: 'mute', participant: guest.id, source: 'microphone' });
    assert.equal(plane.held.size, 1);
    guest.session.mute('microphone', true);
    assert.equal(plane.held.size, 1);
    guest.session.mute('microphone', false);
    assert.equal(plane.held.size, 0);
  });
});

describe('a lobby', () => {
  it('has no transport and no offer for those who wait (SPEC:P55)', () => {
    const directory = new TestDirectory();
    directory.room = { lobby: true };
    const { rooms, plane } = newConference({ directory });
    const host = join(rooms, 'hanna', 'host');
    const guest = join(rooms, 'gus');
    assert.deepEqual(guest.takeTypes(), ['waiting']);
    assert.equal(plane.transports.size, 1);
    assert.throws(() => guest.session.answer('v=0'), { code: 'unexpected-answer' });
    assert.deepEqual(
      rooms.participants('default', 'standup')?.map(({ userId, lobby }) => [userId, lobby]),
      [
        ['hanna', false],
        ['gus', true],
      ],
    );
    host.session.moderate({ action: 'admit', participant: guest.id });
    settle(host, guest);
    assert.equal(plane.subscriptions.size, 4);
    const waiting = join(rooms, 'wanda');
    waiting.session.leave('left');
    assert.equal(plane.transports.size, 2);
  });
});

describe('a backend’s hand in a room', () => {
  it('removes and bans, for this room and for good (SPEC:P53)', () => {
    const directory = new TestDirectory();
    const { rooms } = newConference({ directory });
    const guest = join(rooms, 'gus');
    rooms.control('default', 'standup')?.remove(guest.id, { ban: true });
    assert.deepEqual(guest.closed, ['removed']);
    assert.deepEqual([...directory.bans], ['default standup gus']);
    assert.throws(() => join(rooms, 'gus'), { name: 'JoinRefused', code: 'banned' });
    join(rooms, 'gus', 'guest', 'elsewhere');
  });

  it('without a directory a ban lasts as long as the process, or until its time', () => {
    const { rooms, clock } = newConference();
    join(rooms, 'bob');
    rooms.control('default', 'standup')?.remove(join(rooms, 'gus').id, { ban: clock.now + 1_000 });
    assert.throws(() => join(rooms, 'gus'), { code: 'banned' });
    clock.now += 1_000;
    join(rooms, 'gus');
  });

  it('moves people: the same token leads there, until that room is over (SPEC:P56)', () => {
    const { rooms, clock } = newConference();
    const [alice, bob] = [join(rooms, 'alice'), join(rooms, 'bob')];
    assert.throws(() => rooms.control('default', 'standup')?.move(alice.id, 'standup'), { code: 'invalid-data' });
    rooms.control('default', 'standup')?.move(alice.id, 'breakout');
    assert.equal(alice.takeTypes().at(-1), 'moved');
    assert.deepEqual(alice.closed, ['moved']);
    const again = join(rooms, 'alice');
    assert.deepEqual(
      rooms.participants('default', 'breakout')?.map(({ id }) => id),
      [again.id],
    );
    again.session.leave('disconnected');
    clock.now += 59_000;
    const third = join(rooms, 'alice');
    assert.equal(rooms.participants('default', 'breakout')?.length, 1);
    rooms.control('default', 'breakout')?.move(third.id, 'standup'); // back
    join(rooms, 'alice');
    assert.deepEqual(
      rooms.participants('default', 'standup')?.map(({ userId }) => userId),
      ['bob', 'alice'],
    );
    assert.equal(bob.closed.length, 0);
  });

  it('moves past a lock and a lobby, but not into a full room (SPEC:P56)', () => {
    const { rooms } = newConference({ maxParticipantsPerRoom: 2 });
    const [alice, host] = [join(rooms, 'alice'), join(rooms, 'hanna', 'host', 'other')];
    rooms.control('default', 'other')?.lock(true);
    rooms.control('default', 'standup')?.move(alice.id, 'other');
    join(rooms, 'alice');
    const bob = join(rooms, 'bob');
    assert.throws(() => rooms.control('default', 'standup')?.move(bob.id, 'other'), { code: 'room-full' });
    assert.deepEqual([bob.closed, host.closed], [[], []]);
  });

  it('ends a room; its end and its lock last for the empty room’s time (SPEC:P54)', () => {
    const directory = new TestDirectory();
    directory.room = { empty_timeout: 10 };
    const { rooms, clock } = newConference({ directory });
    const guest = join(rooms, 'gus');
    rooms.control('default', 'standup')?.end();
    assert.deepEqual(guest.closed, ['ended']);
    assert.equal(rooms.control('default', 'standup'), undefined);
    assert.throws(() => join(rooms, 'gus'), { code: 'room-locked' });
    clock.now += 10_000;
    rooms.tick();
    const host = join(rooms, 'hanna', 'host');
    host.session.moderate({ action: 'lock', locked: true });
    host.session.leave('left');
    assert.throws(() => join(rooms, 'gus'), { code: 'room-locked' });
    rooms.applySettings('default', 'standup', { ...directory.room, locked: false }); // says so now, and did not before
    join(rooms, 'gus');
  });

  it('sets places for a running room (SPEC:P22)', () => {
    const { rooms } = newConference();
    join(rooms, 'alice');
    rooms.applySettings('default', 'standup', { max_participants: 1 });
    assert.throws(() => join(rooms, 'bob'), { code: 'room-full' });
  });

  it('mutes sound and stops video, and not the other way round', () => {
    const { rooms } = newConference();
    const guest = join(rooms, 'gus');
    const control = rooms.control('default', 'standup');
    assert.throws(() => control?.mute(guest.id, 'camera'), { code: 'invalid-data' });
    assert.throws(() => control?.stopVideo(guest.id, 'microphone'), { code: 'invalid-data' });
    assert.throws(() => control?.mute('nobody', 'microphone'), { code: 'not-found' });
  });

  it('takes admissions back, by all that is named, and by nothing nobody (SPEC:P60)', () => {
    const { rooms } = newConference();
    const who = (userId: string, given: object) => new TestClient(rooms, userId, 'standup', given);
    const a = who('a', { jti: 't1', issuedAt: 500 });
    const b = who('b', { jti: 't2', key: 'k1', issuedAt: 500 });
    const c = who('c', { jti: 't3', key: 'k1', issuedAt: 700 });
    const d = who('d', { project: 'other', jti: 't1' });
    assert.equal(rooms.revoke({}, 'nothing named'), 0);
    assert.equal(rooms.revoke({ project: 'default', jti: 't1' }, 'stolen'), 1);
    assert.deepEqual([a.closed, d.closed], [['revoked'], []]);
    assert.equal(rooms.revoke({ project: 'default', key: 'k1', issuedBefore: 600 }, 'rotated'), 1);
    assert.deepEqual([b.closed, c.closed], [['revoked'], []]);
    assert.equal(rooms.revoke({ project: 'default', room: 'standup' }, 'over'), 1);
    assert.equal(rooms.revoke({ userId: 'd' }, 'gone'), 1);
  });
});

describe('rooms of two projects', () => {
  it('do not meet, even with the same name and user', () => {
    const { rooms, plane } = newConference();
    const [here, there] = [join(rooms, 'alice'), new TestClient(rooms, 'alice', 'standup', { project: 'other' })];
    settle(here, there);
    assert.deepEqual([here.closed, there.closed, here.offered()], [[], [], []]);
    assert.equal(plane.subscriptions.size, 0);
    assert.deepEqual(rooms.list('other'), [{ project: 'other', room: 'standup', participants: 1 }]);
    assert.equal(rooms.control('third', 'standup'), undefined);
  });
});

describe('places of a room', () => {
  it('are never more than there are: of 200 who join a room of 50 exactly 50 get in (SPEC:P22)', () => {
    const { rooms } = newConference();
    rooms.applySettings('default', 'standup', {});
    let [inside, refused] = [0, 0];
    for (let user = 0; user < 200; user += 1) {
      try {
        join(rooms, `u${user}`);
        inside += 1;
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'room-full');
        refused += 1;
      }
    }
    assert.deepEqual([inside, refused], [50, 150]);
  });
});

describe('tokens', () => {
  it('that expire remove their holders when time passes (SPEC:P59)', () => {
    const { rooms, plane, clock } = newConference();
    const alice = new TestClient(rooms, 'alice', 'standup', { expiresAt: clock.now + 100_000 });
    clock.now += 50_000;
    rooms.tick();
    assert.ok(alice.takeTypes().includes('token-expiring'));
    clock.now += 80_000;
    rooms.tick();
    assert.deepEqual(alice.closed, ['expired']);
    assert.equal(plane.transports.size, 0);
  });
});

describe('whoever keeps a log', () => {
  it('is told in order, and cannot break a room by throwing', () => {
    const events: RoomEvent[] = [];
    const { rooms, errors } = newConference({
      onRoomEvent(event) {
        events.push(event);
        throw new Error('a broken listener');
      },
    });
    const alice = join(rooms, 'alice');
    settle(alice);
    alice.session.leave('left');
    assert.deepEqual(
      events.map(({ type }) => type),
      ['room-started', 'participant-joined', 'track-published', 'track-published', 'participant-left', 'room-ended'],
    );
    assert.equal(new Set(events.map(({ session }) => session)).size, 1);
    assert.equal(errors.length, 6);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newConference, settle, TestClient } from './new-conference.ts';

describe('three people in a room', () => {
  it('get each other’s tracks and nobody their own', () => {
    const { rooms, plane } = newConference();
    const people = ['alice', 'bob', 'carol'].map(name => new TestClient(rooms, name));
    settle(...people);
    assert.equal(plane.tracks.size, 6);
    assert.equal(plane.subscriptions.size, 12);
    for (const person of people) {
      const streams = person.offered().map(track => track.split(' ')[0]);
      const others = people.filter(other => other !== person).flatMap(({ id }) => [id, id]);
      assert.deepEqual(streams.sort(), others.sort());
    }
    assert.deepEqual(rooms.list(), [{ project: 'default', room: 'standup', participants: 3 }]);
  });

  it('are told in order: joined, then what the first offer brings, then the offer (SPEC:P29, SPEC:P37)', () => {
    const { rooms } = newConference();
    settle(new TestClient(rooms, 'alice'));
    assert.deepEqual(new TestClient(rooms, 'bob').takeTypes(), ['joined', 'subscribed', 'subscribed', 'offer']);
  });

  it('are forwarded to only what their answer accepted', () => {
    const { rooms, plane } = newConference();
    const alice = new TestClient(rooms, 'alice');
    settle(alice);
    const bob = new TestClient(rooms, 'bob');
    assert.equal(plane.subscriptions.size, 0);
    bob.answer({ receives: mid => mid === '2' });
    assert.equal(plane.subscriptions.size, 1);
  });

  it('see a person who leaves disappear with every trace (SPEC:P30)', () => {
    const { rooms, plane } = newConference();
    const [alice, bob, carol] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'bob'), new TestClient(rooms, 'carol')];
    settle(alice, bob, carol);
    bob.take();
    alice.session.leave('left');
    assert.deepEqual(bob.takeTypes(), ['participant-left', 'unsubscribed', 'unsubscribed', 'offer']);
    assert.equal(plane.transports.size, 2);
    assert.equal(plane.subscriptions.size, 4);
    assert.deepEqual(alice.closed, []); // it said so itself
    settle(bob, carol);
    assert.deepEqual(
      bob.offered().map(track => track.split(' ')[0]),
      [carol.id, carol.id],
    );
    alice.session.chat('anyone?');
    assert.deepEqual(bob.take(), []);
  });

  it('chat, not back to who wrote (SPEC:P20)', () => {
    const { rooms } = newConference();
    const [alice, bob] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'bob')];
    settle(alice, bob);
    alice.take();
    bob.take();
    alice.session.chat('hello');
    assert.deepEqual(bob.take(), [{ type: 'chat', participant: alice.id, name: 'alice', text: 'hello', at: 1_000 }]);
    assert.deepEqual(alice.take(), []);
  });

  it('reach nobody in another room (SPEC:P21)', () => {
    const { rooms, plane } = newConference();
    const [alice, mallory] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'mallory', 'elsewhere')];
    settle(alice, mallory);
    alice.take();
    mallory.session.chat('hello');
    mallory.session.mute('camera', true);
    mallory.session.leave('left');
    assert.deepEqual(alice.take(), []);
    assert.deepEqual(alice.offered(), []);
    assert.equal(plane.transports.size, 1);
    assert.deepEqual(rooms.list(), [{ project: 'default', room: 'standup', participants: 1 }]);
  });
});

describe('joining again', () => {
  it('replaces the older connection (SPEC:P6)', () => {
    const { rooms, plane } = newConference();
    const [first, bob] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'bob')];
    settle(first, bob);
    bob.take();
    const second = new TestClient(rooms, 'alice');
    assert.deepEqual(first.closed, ['replaced']);
    settle(second, bob);
    const seen = bob.take();
    assert.deepEqual(
      seen.map(({ type }) => type).filter(type => type.startsWith('participant')),
      ['participant-left', 'participant-joined'],
    );
    assert.equal(plane.transports.size, 2);
    assert.equal(plane.subscriptions.size, 4);
    assert.deepEqual(
      bob.offered().map(track => track.split(' ')[0]),
      [second.id, second.id],
    );
    first.session.leave('disconnected'); // its socket closes after all: nothing more happens
    assert.equal(plane.transports.size, 2);
    assert.deepEqual(rooms.list(), [{ project: 'default', room: 'standup', participants: 2 }]);
  });

  it('works alone in a room', () => {
    const { rooms, plane } = newConference();
    const first = new TestClient(rooms, 'alice');
    new TestClient(rooms, 'alice');
    assert.deepEqual(first.closed, ['replaced']);
    assert.deepEqual(rooms.list(), [{ project: 'default', room: 'standup', participants: 1 }]);
    assert.equal(plane.transports.size, 1);
  });
});

describe('offers', () => {
  it('are few when fifty join at once: one in flight, the rest in the next', () => {
    const { rooms, plane } = newConference({ maxParticipantsPerRoom: 50 });
    const people = Array.from({ length: 50 }, (_, index) => new TestClient(rooms, `p${index}`));
    for (const person of people) assert.equal(person.offers.length, 1);
    for (const person of people) person.answer();
    for (const person of people) assert.ok(person.offers.length <= 2, `${person.offers.length} offers`);
    for (const person of people) person.answer();
    for (const person of people) person.answer();
    assert.equal(plane.subscriptions.size, 50 * 49 * 2);
    for (const person of people) assert.ok(person.offers.length <= 3);
  });
});

describe('publishing', () => {
  it('a screen is announced, sent, ended and sent again (SPEC:P32, SPEC:P35)', () => {
    const { rooms, plane } = newConference();
    const [alice, bob] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'bob')];
    settle(alice, bob);
    alice.take();
    bob.take();
    alice.session.publish('screen');
    const publishing = alice.notices[0];
    assert.deepEqual(alice.takeTypes(), ['publishing', 'offer']);
    alice.sends.add(publishing?.type === 'publishing' ? publishing.mid : '');
    settle(alice, bob);
    assert.deepEqual(bob.takeTypes(), ['track-published', 'subscribed', 'offer']);
    assert.equal(plane.tracks.size, 5);
    alice.session.unpublish('screen');
    assert.equal(plane.tracks.size, 4); // at once, not with the answer
    assert.deepEqual(bob.takeTypes(), ['track-unpublished', 'unsubscribed', 'offer']);
    settle(alice, bob);
    alice.session.publish('screen');
    settle(alice, bob);
    assert.equal(plane.tracks.size, 5);
    assert.equal(plane.subscriptions.size, 5);
    assert.throws(() => alice.session.publish('screen'), { code: 'source-in-use' });
  });

  it('follows each answer: a client that sends later, and stops (SPEC:P15)', () => {
    const { rooms, plane } = newConference();
    const alice = new TestClient(rooms, 'alice');
    alice.sends.clear();
    settle(alice);
    assert.equal(plane.tracks.size, 0);
    alice.sends.add('0');
    const bob = new TestClient(rooms, 'bob');
    settle(alice, bob);
    assert.equal([...plane.tracks.values()].length, 3);
    alice.sends.clear();
    bob.session.leave('left');
    settle(alice);
    assert.equal(plane.tracks.size, 0);
  });

  it('mute states reach the others (SPEC:P36)', () => {
    const { rooms } = newConference();
    const [alice, bob] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'bob')];
    settle(alice, bob);
    bob.take();
    alice.session.mute('microphone', true);
    assert.deepEqual(bob.takeTypes(), ['track-muted']);
  });

  it('a refused answer disturbs nobody (SPEC:P9, SPEC:P19)', () => {
    const { rooms, plane } = newConference();
    const [alice, bob] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'bob')];
    settle(alice);
    alice.take();
    assert.throws(() => bob.session.answer('v=0'), { code: 'invalid-answer' });
    assert.deepEqual(alice.take(), []);
    settle(bob, alice);
    assert.equal(plane.subscriptions.size, 4);
    assert.throws(() => bob.session.answer('v=0'), { code: 'unexpected-answer' });
  });
});

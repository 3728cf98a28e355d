import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Notice } from '../../src/session.ts';
import { grantOf } from '../support/grant-of.ts';
import { newConference, settle, TestClient } from './new-conference.ts';

const eventsDelivered = () => new Promise<void>(resolve => setImmediate(resolve));

describe('media that ends', () => {
  for (const [reason, left] of [
    ['peer-closed', 'disconnected'],
    ['timeout', 'timeout'],
    ['dtls-failed', 'disconnected'],
    ['panic', 'disconnected'],
  ] as const)
    it(`takes its participant along: ${reason} (SPEC:P24)`, async () => {
      const { rooms, plane } = newConference();
      const [alice, bob] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'bob')];
      settle(alice, bob);
      bob.take();
      const [transport = 0] = plane.transports.keys();
      plane.loseTransport(transport, reason);
      await eventsDelivered();
      assert.deepEqual(alice.closed, ['mediaFailed']);
      assert.deepEqual(bob.take()[0], { type: 'participant-left', participant: alice.id, reason: left });
      assert.deepEqual(rooms.list(), [{ project: 'default', room: 'standup', participants: 1 }]);
    });

  it('in the midst of a bug is logged, and the others go on', async () => {
    const { rooms, plane, errors } = newConference();
    const [alice, bob] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'bob')];
    settle(alice, bob);
    bob.take();
    const [transport = 0] = plane.transports.keys();
    const send = plane.send.bind(plane);
    plane.send = () => {
      plane.send = send;
      throw new Error('told to fail');
    };
    plane.loseTransport(transport, 'timeout');
    await eventsDelivered();
    assert.equal(errors.length, 1);
    bob.session.chat('anybody here?');
    assert.equal(bob.take()[0]?.type, 'participant-left');
    assert.deepEqual(rooms.list(), [{ project: 'default', room: 'standup', participants: 1 }]);
  });

  it('with a whole worker disconnects everyone on it and nobody else, and the next rooms go elsewhere', async () => {
    const { rooms, plane } = newConference({ workers: 2 });
    const first = [new TestClient(rooms, 'alice', 'one'), new TestClient(rooms, 'bob', 'one')];
    const second = new TestClient(rooms, 'carol', 'two');
    const [{ worker } = { worker: 0 }] = plane.transports.values();
    plane.failWorker(worker);
    await eventsDelivered();
    for (const client of first) assert.deepEqual(client.closed, ['mediaFailed']);
    assert.deepEqual(second.closed, []);
    assert.deepEqual(rooms.list(), [{ project: 'default', room: 'two', participants: 1 }]);
    new TestClient(rooms, 'alice', 'one');
    assert.deepEqual([...new Set([...plane.transports.values()].map(transport => transport.worker))], [1 - worker]);
    plane.failWorker(1 - worker);
    await eventsDelivered();
    assert.throws(() => new TestClient(rooms, 'dave'), { name: 'JoinRefused', code: 'server-full' });
  });
});

describe('rooms', () => {
  it('spread over the workers by load, each whole on one while there is headroom', () => {
    const { rooms, plane } = newConference({ workers: 2 });
    settle(...['a', 'b', 'c'].map(name => new TestClient(rooms, name, 'big')));
    for (const room of ['small-1', 'small-2', 'small-3']) new TestClient(rooms, 'x', room);
    const workers = [...plane.transports.values()].map(({ worker }) => worker);
    assert.deepEqual(workers, [0, 0, 0, 1, 1, 1]);
  });

  it('that outgrow their worker go on on another, and lose only those on a worker that fails', async () => {
    const { rooms, plane } = newConference({ workers: 2, maxParticipantsPerRoom: 200 });
    const host = new TestClient(rooms, 'host', 'webinar');
    const viewers = Array.from({ length: 150 }, (_, index) => {
      const viewer = new TestClient(rooms, `viewer-${index}`, 'webinar');
      viewer.sends.clear();
      return viewer;
    });
    for (let round = 0; round < 3; round += 1) settle(host, ...viewers);
    const on = (worker: number) => [...plane.transports.values()].filter(transport => transport.worker === worker).length;
    assert.ok(on(0) > 40 && on(1) > 40, `${on(0)} and ${on(1)}`);
    const [publisher] = plane.transports.values();
    assert.deepEqual([plane.tracks.size, plane.subscriptions.size], [2, 300]);
    const elsewhere = 1 - (publisher?.worker ?? 0);
    assert.deepEqual([...(plane.copies.get(elsewhere)?.keys() ?? [])], [...plane.tracks.keys()]);
    const left = on(1 - elsewhere);
    plane.failWorker(elsewhere);
    await eventsDelivered();
    assert.deepEqual(host.closed, []);
    assert.equal(viewers.filter(({ closed }) => closed.length === 0).length, left - 1);
    assert.deepEqual(rooms.list(), [{ project: 'default', room: 'webinar', participants: left }]);
    assert.deepEqual(
      [...plane.relays.values()].map(({ size }) => size),
      [0, 0],
    );
  });

  it('are left by a busy worker for one with headroom (measured)', async () => {
    const { rooms, plane, clock } = newConference({ workers: 2 });
    const [alice, bob] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'bob')];
    settle(alice, bob);
    for (const used of [0, 1.5]) {
      clock.now += 2_000;
      plane.cpuSeconds.set(0, used);
      rooms.tick();
      await eventsDelivered();
    }
    const carol = new TestClient(rooms, 'carol');
    settle(alice, bob, carol);
    assert.deepEqual(
      [...plane.transports.values()].map(({ worker }) => worker),
      [0, 0, 1],
    );
    assert.equal(plane.subscriptions.size, 12);
    carol.session.leave('left');
    assert.deepEqual(plane.copies.get(1)?.size, 0);
  });

  it('refuse joins beyond the server’s bound, but not who takes their own place (SPEC:P22)', () => {
    const { rooms } = newConference({ maxParticipants: 2 });
    new TestClient(rooms, 'alice');
    new TestClient(rooms, 'bob');
    assert.throws(() => new TestClient(rooms, 'carol', 'elsewhere'), { name: 'JoinRefused', code: 'server-full' });
    const who = (userId: string) => grantOf(userId, { room: 'elsewhere' });
    assert.throws(() => rooms.check(who('carol')), { name: 'JoinRefused', code: 'server-full' });
    rooms.check({ ...who('bob'), room: 'standup' });
    new TestClient(rooms, 'bob');
    assert.deepEqual(rooms.list(), [{ project: 'default', room: 'standup', participants: 2 }]);
  });

  it('close for everybody at once (SPEC:P41)', () => {
    const { rooms, plane } = newConference();
    const clients = [
      new TestClient(rooms, 'alice', 'one'),
      new TestClient(rooms, 'bob', 'one'),
      new TestClient(rooms, 'carol', 'two'),
    ];
    for (const client of clients) client.take();
    rooms.close(3);
    rooms.close(3);
    for (const client of clients) {
      assert.deepEqual(client.take(), [{ type: 'shutdown', reconnectAfter: 3 }]);
      assert.deepEqual(client.closed, ['shuttingDown']);
    }
    assert.equal(plane.transports.size, 0);
    assert.deepEqual(rooms.list(), []);
    assert.throws(() => new TestClient(rooms, 'dave'), { name: 'JoinRefused', code: 'shutting-down' });
  });

  it('collect the stats of the workers that live', async () => {
    const { rooms, plane } = newConference({ workers: 2 });
    new TestClient(rooms, 'alice');
    const [once, twice] = await Promise.all([rooms.collectStats(), rooms.collectStats()]);
    assert.equal(once, twice);
    assert.deepEqual([...once.keys()].sort(), [0, 1]);
    assert.equal(once.get(0)?.transports.length, 1);
    plane.failWorker(1);
    assert.deepEqual([...(await rooms.collectStats()).keys()], [0]);
  });

  it('stay whole when a client leaves from within a notice, or throws', () => {
    const { rooms, plane, errors } = newConference();
    const [alice, bob, carol] = [new TestClient(rooms, 'alice'), new TestClient(rooms, 'bob'), new TestClient(rooms, 'carol')];
    settle(alice, bob, carol);
    bob.notify = (notice: Notice) => {
      if (notice.type === 'chat') bob.session.leave('disconnected');
    };
    carol.take();
    alice.session.chat('hello');
    assert.deepEqual(carol.takeTypes(), ['chat', 'participant-left', 'unsubscribed', 'unsubscribed', 'offer']);
    carol.notify = () => {
      throw new Error('a broken outlet');
    };
    alice.take();
    carol.session.chat('hello');
    assert.deepEqual(alice.takeTypes(), ['chat']);
    alice.session.chat('hello');
    assert.equal(errors.length, 1);
    assert.equal(plane.transports.size, 2);
  });
});

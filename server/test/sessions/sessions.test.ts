import assert from 'node:assert/strict';
import type { RoomEvent } from '../../src/session.ts';
import { createSessions } from '../../src/sessions/create-sessions.ts';
import { Recorder } from '../../src/sessions/recorder.ts';
import type { Store } from '../../src/store/store.ts';
import { overBothDatabases } from '../support/both-databases.ts';
import { newReceiver } from '../webhooks/new-receiver.ts';
import { newTeller } from '../webhooks/new-teller.ts';

const place = { project: 'default', room: 'blue', session: 's1' };
const person = (user: string) => ({ participant: `p-${user}`, userId: user, name: user.toUpperCase(), role: 'guest' });
const started = (at: number, session = 's1', room = 'blue'): RoomEvent => ({ ...place, session, room, type: 'room-started', at });
const joined = (at: number, user: string, session = 's1', room = 'blue'): RoomEvent => ({
  ...{ ...place, session, room, ...person(user) },
  ...{ type: 'participant-joined', at },
});
const left = (at: number, user: string): RoomEvent => ({
  ...place,
  ...person(user),
  type: 'participant-left',
  at,
  reason: 'timeout',
});
const ended = (at: number): RoomEvent => ({ ...place, type: 'room-ended', at });

function recorderOf(store: Store, server: string, pace: { beat: number; patience: number }, wake = () => {}) {
  const handlers = new Map<string, unknown>();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  return new Recorder({
    ...{ server, database: store.database, history: store.history, outbox: store.outbox, maxWaiting: 100, now: Date.now, log },
    journal: { append() {}, handle: (kind, write) => void handlers.set(kind, write) },
    ...{ wake, dropped() {}, pace },
  });
}

overBothDatabases('the past of rooms', {
  async 'has every life of a room and every stay in it'(t, { open }) {
    const store = await open();
    const teller = await newTeller(t, store);
    const sessions = createSessions(store.history);
    const renamed = { ...person('ann'), role: 'host', before: 'guest' };
    await teller.tell(started(100), joined(100, 'ann'), joined(150, 'bob'), left(180, 'bob'), joined(190, 'cleo'));
    await teller.tell({ ...place, ...renamed, type: 'role-changed', at: 195 }, left(200, 'ann'));
    assert.partialDeepStrictEqual(await sessions.get('default', 's1'), { endedAt: undefined, participants: 3, peak: 2 });
    await teller.tell(left(250, 'cleo'), ended(250));
    const { items } = await sessions.list({ project: 'default', limit: 5 });
    assert.deepEqual(items, [
      {
        ...{ id: 's1', project: 'default', room: 'blue', startedAt: 100, endedAt: 250, duration: 150 },
        ...{ participants: 3, peak: 2 },
      },
    ]);
    const stays = await sessions.stays({ project: 'default', session: 's1', limit: 5 });
    assert.deepEqual(
      stays.items.map(({ user, joinedAt, leftAt, duration, reason, role }) => [user, joinedAt, leftAt, duration, reason, role]),
      [
        ['ann', 100, 200, 100, 'timeout', 'host'],
        ['bob', 150, 180, 30, 'timeout', 'guest'],
        ['cleo', 190, 250, 60, 'timeout', 'guest'],
      ],
    );
  },

  async 'is listed page by page, by room, user and time, and of one project'(t, { open }) {
    const store = await open();
    const teller = await newTeller(t, store);
    const sessions = createSessions(store.history);
    for (let n = 0; n < 7; n++) {
      const room = n % 2 === 0 ? 'blue' : 'red';
      await teller.tell(started(100 + n, `s${n}`, room), joined(100 + n, n === 3 ? 'bob' : 'ann', `s${n}`, room));
    }
    await teller.tell({ ...started(500, 'other'), project: 'other' });
    const all: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await sessions.list({ project: 'default', limit: 3, cursor });
      all.push(...page.items.map(({ id }) => id));
      cursor = page.next;
      if (cursor === undefined) break;
    }
    assert.deepEqual(all, ['s6', 's5', 's4', 's3', 's2', 's1', 's0']);
    const ids = async (query: object) =>
      (await sessions.list({ project: 'default', limit: 9, ...query })).items.map(({ id }) => id);
    assert.deepEqual(await ids({ room: 'red' }), ['s5', 's3', 's1']);
    assert.deepEqual(await ids({ user: 'bob' }), ['s3']);
    assert.deepEqual(await ids({ from: 102, to: 104 }), ['s3', 's2']);
    assert.deepEqual(await ids({ project: 'other' }), ['other']);
    assert.equal(await sessions.get('default', 'other'), undefined);
    assert.deepEqual((await sessions.stays({ project: 'default', user: 'ann', limit: 2 })).items.length, 2);
    assert.equal((await ids({ cursor: 'nonsense' })).length, 7);
    await store.history.forget(1_000_000);
    assert.equal((await ids({})).length, 7); // what has not ended is not forgotten
  },

  async 'is ended for a server that died, once, and whoever is told hears of it'(t, { open }) {
    const store = await open();
    const teller = await newTeller(t, store);
    const receiver = await newReceiver(t);
    await teller.webhooks.create('default', { url: receiver.url, events: ['participant.left', 'room.ended'] });
    await teller.tell(started(100), joined(100, 'ann'), joined(120, 'bob'));
    await store.history.beat('one'); // and never again
    const pace = { beat: 20, patience: 100 };
    const living = ['two', 'three'].map(name => recorderOf(store, name, pace, () => teller.dispatcher.wake()));
    for (const recorder of living) recorder.start();
    t.after(() => Promise.all(living.map(recorder => recorder.close())));
    const received = await receiver.count(3);
    assert.deepEqual(
      received.map(({ type, body }) => [type, JSON.parse(body).data.reason, JSON.parse(body).data.participant?.user_id]),
      [
        ['participant.left', 'server-lost', 'ann'],
        ['participant.left', 'server-lost', 'bob'],
        ['room.ended', undefined, undefined],
      ],
    );
    const sessions = createSessions(store.history);
    assert.notEqual((await sessions.get('default', 's1'))?.endedAt, undefined);
    assert.deepEqual(
      (await sessions.stays({ project: 'default', limit: 5 })).items.map(({ reason }) => reason),
      ['server-lost', 'server-lost'],
    );
    await teller.tell(left(9_000, 'ann')); // it lived all the same, and says so when it can
    assert.partialDeepStrictEqual((await sessions.stays({ project: 'default', limit: 1 })).items[0], {
      reason: 'timeout',
      leftAt: 9_000,
    });
    assert.deepEqual([...(await store.history.beat('two')).keys()].sort(), ['three', 'two']);
  },
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { createRooms } from '../../../src/conference/rooms.ts';
import { everyPage, newApi } from '../../support/new-api.ts';
import { TestClient } from '../../support/new-client.ts';

test('a call explains itself while it runs and after it, page by page, to its own project alone', async t => {
  const { backend, newProject } = await newApi(t, {}, { createRooms, sampleEvery: 10 });
  const { caller: stranger } = await newProject('stranger');
  const clients: TestClient[] = [];
  for (const user_id of ['alice', 'bob', 'carol']) {
    const { body } = await backend.ask('issueToken', { body: { user_id, room: 'r' } });
    const client = new TestClient(new WebSocket(body.ws_url));
    await client.next();
    clients.push(client);
  }
  const listed = async () => (await backend.ask('listSessions', { query: { room: 'r' } })).body.items;
  while ((await listed()).length === 0) await delay(10); // it is written off the join path
  const params = { session: String((await listed())[0].id) };
  const all = () =>
    everyPage(backend, 'getSessionTimeline', { params, limit: 2 }) as Promise<{ user_id: string; samples: object[] }[]>;
  while ((await all()).some(({ samples }) => samples.length < 2)) await delay(10); // time passes for the samples alone
  const people = await all();
  assert.deepEqual(people.map(({ user_id }) => user_id).sort(), ['alice', 'bob', 'carol']);
  const [first] = (await backend.ask('getSessionTimeline', { params })).body.items;
  const one = (await backend.ask('getSessionTimeline', { params, query: { participant: first.participant } })).body;
  assert.deepEqual([one.items.length, one.room, one.ended_at, one.interval], [1, 'r', null, 10]);
  assert.ok(one.events.every((event: { participant: string | null }) => [null, first.participant].includes(event.participant)));
  assert.equal((await stranger.ask('getSessionTimeline', { params })).status, 404);
  assert.equal((await backend.ask('getSessionTimeline', { params: { session: 'never-was' } })).status, 404);

  for (const client of clients) client.socket.close();
  const ended = async () => (await backend.ask('getSessionTimeline', { params })).body;
  while ((await ended()).ended_at === null) await delay(10);
  const { events } = await ended();
  const told = events.map(({ type }: { type: string }) => type);
  for (const type of ['room-started', 'participant-joined', 'participant-left', 'room-ended'])
    assert.ok(told.includes(type), type);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { OperationName } from '@aqlinks/protocol';
import { WebSocket } from 'ws';
import { createRooms } from '../../../src/conference/rooms.ts';
import type { RoomControl } from '../../../src/session.ts';
import { type Caller, newApi } from '../../support/new-api.ts';
import { TestClient } from '../../support/new-client.ts';

const newCall = (t: TestContext, options: object = {}) => newApi(t, options, { createRooms });

/** In a room by a token of the REST interface; its id there, and its end of the connection. */
async function join(t: TestContext, caller: Caller, identity: object): Promise<{ id: string; client: TestClient; jti: string }> {
  const { body } = await caller.ask('issueToken', { body: identity });
  const socket = new WebSocket(body.ws_url, ['aqlinks.v1']);
  t.after(() => socket.terminate());
  const client = new TestClient(socket);
  await once(socket, 'open');
  const { data } = (await client.nextOf('welcome')) as { data: { participant: { id: string } } };
  return { id: data.participant.id, client, jti: body.jti };
}

test('who is in a room is listed, page by page, with what they may', async t => {
  const { backend } = await newCall(t);
  assert.equal((await backend.ask('listParticipants', { params: { room: 'r' } })).status, 404);
  const alice = await join(t, backend, { user_id: 'alice', room: 'r', user_type: 'host', email: 'a@b.c' });
  await join(t, backend, { user_id: 'bob', room: 'r', name: 'Bob', user_type: 'viewer' });
  const first = await backend.ask('listParticipants', { params: { room: 'r' }, query: { limit: '1' } });
  const [seen] = first.body.items;
  assert.deepEqual([seen.id, seen.user_id, seen.email, seen.role, seen.jti], [alice.id, 'alice', 'a@b.c', 'host', alice.jti]);
  assert.ok(seen.rights.includes('end') && Date.parse(seen.expires_at) > Date.now());
  const second = await backend.ask('listParticipants', {
    params: { room: 'r' },
    query: { limit: '1', cursor: first.body.next_cursor },
  });
  assert.deepEqual(
    [second.body.items[0].name, second.body.items[0].rights, second.body.next_cursor],
    ['Bob', ['receive', 'chat', 'see-list'], null],
  );
  const room = await backend.ask('getRoom', { params: { room: 'r' } });
  assert.deepEqual(room.body.live, { participants: 2, waiting: 0 });
  assert.deepEqual((await backend.ask('listRooms')).body.items, [room.body]);
});

test('a participant is asked, told something, promoted, moved and removed', async t => {
  const { backend } = await newCall(t);
  const { id, client } = await join(t, backend, { user_id: 'alice', room: 'r', user_type: 'guest' });
  const params = { room: 'r', participant: id };
  assert.equal((await backend.ask('muteParticipant', { params })).status, 404, 'they publish nothing');
  assert.equal((await backend.ask('muteParticipant', { params, body: { source: 'camera' } })).status, 400);
  assert.equal((await backend.ask('askUnmute', { params, body: {} })).status, 204);
  assert.deepEqual((await client.nextOf('ask-unmute')).data, { source: 'microphone' });
  assert.equal((await backend.ask('sendMessage', { params: { room: 'r' }, body: { text: 'Welcome.' } })).status, 204);
  assert.equal(((await client.nextOf('room-message')) as { data: { message: string } }).data.message, 'Welcome.');
  const promoted = await backend.ask('changeRole', { params, body: { role: 'host' } });
  assert.equal(promoted.body.role, 'host');
  assert.ok(promoted.body.rights.includes('end'));
  const [coming, there] = [await client.nextOf('rights'), await client.nextOf('rights')] as {
    data: { changing: boolean; role: string };
  }[];
  assert.deepEqual([coming?.data.changing, there?.data.changing, there?.data.role], [true, false, 'host']);
  assert.equal((await backend.ask('moveParticipant', { params, body: { room: 'other' } })).status, 204);
  assert.deepEqual((await client.nextOf('moved')).data, { room: 'other' });
  await client.closed;
  const again = await join(t, backend, { user_id: 'alice', room: 'r' }); // with a token for the room that they were moved out of
  const removed = await backend.ask('removeParticipant', {
    params: { room: 'other', participant: again.id },
    body: { reason: 'noise' },
  });
  assert.equal(removed.status, 204, removed.text);
  assert.equal((await again.client.closed).code, 4002);
  assert.equal((await backend.ask('getRoom', { params: { room: 'other' } })).status, 404);
});

test('each act reaches the room with what was asked', async t => {
  const { backend, server } = await newApi(t);
  const acts: unknown[][] = [];
  const recorder = new Proxy({} as RoomControl, {
    get:
      (_, act) =>
      (...given: unknown[]) =>
        void acts.push([act, ...given]),
  });
  const person = {
    id: 'p',
    userId: 'u',
    name: 'n',
    role: 'guest',
    tracks: [],
    email: undefined,
    rights: [],
    lobby: false,
    joinedAt: 0,
  };
  server.rooms.control = () => recorder;
  server.rooms.participants = () => [
    { ...person, expiresAt: undefined, key: undefined, jti: undefined, connection: 'connected' },
  ];
  const asked: [OperationName, object, unknown[]][] = [
    ['muteParticipant', {}, ['mute', 'p', 'microphone']],
    ['muteParticipant', { source: 'screen-audio' }, ['mute', 'p', 'screen-audio']],
    ['stopVideo', { source: 'screen' }, ['stopVideo', 'p', 'screen']],
    ['askUnmute', { source: 'camera' }, ['askUnmute', 'p', 'camera']],
    ['changeRole', { role: 'host' }, ['setRole', 'p', 'host']],
    ['moveParticipant', { room: 'x' }, ['move', 'p', 'x']],
    ['removeParticipant', { reason: 'noise' }, ['remove', 'p', { reason: 'noise' }]],
    ['admitParticipant', {}, ['admit', 'p']],
    ['sendMessage', { text: 'hello', to: 'p' }, ['send', 'hello', 'p']],
    ['lockRoom', { locked: true }, ['lock', true]],
    ['endRoom', { reason: 'late' }, ['end', 'late']],
  ];
  for (const [name, body, act] of asked) {
    const { status } = await backend.ask(name, { params: { room: 'r', participant: 'p' }, body });
    assert.ok(status < 300, `${name}: ${status}`);
    assert.deepEqual(acts.pop(), act, name);
  }
});

test('who is banned does not come in again, until the time is over or the ban is lifted', async t => {
  const { backend } = await newCall(t);
  const enter = async () => {
    const { body } = await backend.ask('issueToken', { body: { user_id: 'alice', room: 'r' } });
    return (await fetch(body.ws_url.replace(/^ws/, 'http'))).status;
  };
  const { id, client } = await join(t, backend, { user_id: 'alice', room: 'r' });
  await backend.ask('removeParticipant', { params: { room: 'r', participant: id }, body: { ban: '1h', reason: 'noise' } });
  assert.equal((await client.closed).code, 4002);
  assert.equal(await enter(), 403);
  const [ban] = (await backend.ask('listBans', { params: { room: 'r' } })).body.items;
  assert.deepEqual([ban.user_id, ban.reason], ['alice', 'noise']);
  assert.ok(Math.abs(Date.parse(ban.until) - Date.now() - 3_600_000) < 10_000);
  assert.equal((await backend.ask('liftBan', { params: { room: 'r', user_id: 'alice' } })).status, 204);
  assert.equal(await enter(), 426);
  assert.equal((await backend.ask('liftBan', { params: { room: 'r', user_id: 'alice' } })).status, 404);
});

test('a room ends for all, or is locked, or lets people in from its lobby', async t => {
  const { backend } = await newCall(t);
  await backend.ask('createRoom', { body: { room: 'r', lobby: true, empty_timeout: 0 } });
  const { client } = await join(t, backend, { user_id: 'alice', room: 'r', user_type: 'host' });
  const { body } = await backend.ask('issueToken', { body: { user_id: 'bob', room: 'r' } });
  const bob = new TestClient(new WebSocket(body.ws_url, ['aqlinks.v1']));
  await bob.nextOf('waiting');
  assert.deepEqual((await backend.ask('getRoom', { params: { room: 'r' } })).body.live, { participants: 1, waiting: 1 });
  const waiting = (await backend.ask('listParticipants', { params: { room: 'r' } })).body.items.find(
    (each: { waiting: boolean }) => each.waiting,
  );
  assert.equal((await backend.ask('admitParticipant', { params: { room: 'r', participant: waiting.id } })).status, 204);
  await bob.nextOf('welcome');
  assert.equal((await backend.ask('lockRoom', { params: { room: 'r' }, body: { locked: true } })).status, 204);
  await client.nextOf('room-changed');
  assert.equal((await backend.ask('endRoom', { params: { room: 'r' } })).status, 204);
  await Promise.all([client.closed, bob.closed]);
  for (const name of ['endRoom', 'lockRoom', 'sendMessage'] as const) {
    const given = { lockRoom: { locked: true }, sendMessage: { text: 'x' }, endRoom: {} }[name];
    assert.equal((await backend.ask(name, { params: { room: 'r' }, body: given })).status, 404, name);
  }
});

test('settings and roles that change act on the running call', async t => {
  const { backend } = await newCall(t);
  const { id, client } = await join(t, backend, { user_id: 'alice', room: 'r', user_type: 'speaker' });
  await backend.ask('putRoles', { body: { roles: { speaker: ['receive'] } } });
  assert.deepEqual((await backend.ask('getRoles')).body, { roles: { speaker: ['receive'] } });
  assert.deepEqual((await backend.ask('getParticipant', { params: { room: 'r', participant: id } })).body.rights, ['receive']);
  const put = await backend.ask('putRoom', {
    params: { room: 'r' },
    body: { roles: { speaker: ['chat'] }, max_participants: 1, metadata: [1] },
  });
  assert.deepEqual(put.body.settings, { roles: { speaker: ['chat'] }, max_participants: 1, metadata: [1] });
  assert.deepEqual((await backend.ask('getParticipant', { params: { room: 'r', participant: id } })).body.rights, ['chat']);
  const { body } = await backend.ask('issueToken', { body: { user_id: 'bob', room: 'r' } });
  const full = await fetch(body.ws_url.replace(/^ws/, 'http'));
  assert.deepEqual([full.status, ((await full.json()) as { error: string }).error], [403, 'room-full']);
  assert.equal((await backend.ask('deleteRoom', { params: { room: 'r' } })).status, 204);
  await client.closed;
  assert.equal((await backend.ask('deleteRoom', { params: { room: 'r' } })).status, 404);
});

for (const by of ['jti', 'user_id', 'room', 'key'] as const) {
  test(`a running call ends within a second when its token is taken back by ${by}`, async t => {
    const { newProject, operator } = await newCall(t);
    const { caller, key } = await newProject('school');
    const { client, jti } = await join(t, caller, { user_id: 'alice', room: 'r' });
    const begun = performance.now();
    if (by === 'key') {
      assert.equal((await operator.ask('revokeKey', { params: { key }, query: { project: 'school' } })).status, 204);
    } else {
      const { body } = await caller.ask('revokeTokens', { body: { [by]: { jti, user_id: 'alice', room: 'r' }[by] } });
      assert.equal(body.removed, 1);
    }
    assert.ok((await client.closed).code >= 4000);
    assert.ok(performance.now() - begun < 1_000);
  });
}

test('one project sees, hears and ends nothing of another, whose rooms have the same names', async t => {
  const { backend, newProject } = await newCall(t);
  const { caller: stranger } = await newProject('stranger');
  const { id, client } = await join(t, backend, { user_id: 'alice', room: 'r' });
  await backend.ask('createRoom', { body: { room: 'kept' } });
  const params = { room: 'r', participant: id, user_id: 'alice' };
  const bodies: Record<string, object> = {
    changeRole: { role: 'host' },
    moveParticipant: { room: 'x' },
    lockRoom: { locked: true },
    sendMessage: { text: 'x' },
  };
  for (const name of [
    ...([
      'listParticipants',
      'getParticipant',
      'muteParticipant',
      'stopVideo',
      'askUnmute',
      'changeRole',
      'moveParticipant',
    ] as const),
    ...([
      'removeParticipant',
      'admitParticipant',
      'endRoom',
      'lockRoom',
      'sendMessage',
      'deleteRoom',
      'getRoom',
      'liftBan',
    ] as const),
  ]) {
    const isGet = name.startsWith('get') || name.startsWith('list');
    const { status, text } = await stranger.ask(name, { params, body: isGet ? undefined : (bodies[name] ?? {}) });
    assert.equal(status, 404, name);
    assert.ok(!text.includes('alice'), name);
  }
  assert.deepEqual((await stranger.ask('listRooms')).body.items, []);
  assert.equal((await stranger.ask('revokeTokens', { body: { room: 'r' } })).body.removed, 0);
  assert.equal((await stranger.ask('putRoom', { params: { room: 'r' }, body: { max_participants: 1 } })).status, 200);
  assert.equal((await stranger.ask('deleteRoom', { params: { room: 'r' } })).status, 204);
  const own = await join(t, stranger, { user_id: 'alice', room: 'r' });
  assert.equal((await backend.ask('listParticipants', { params })).body.items.length, 1);
  assert.equal((await stranger.ask('getParticipant', { params })).status, 404, 'of the other room');
  assert.equal((await stranger.ask('endRoom', { params })).status, 204);
  await own.client.closed;
  client.send({ event: 'ping' });
  await client.nextOf('pong');
});

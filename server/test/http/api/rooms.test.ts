import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyPage, newApi } from '../../support/new-api.ts';

test('a room is created, read, set, listed and deleted', async t => {
  const { backend } = await newApi(t);
  const settings = {
    max_participants: 50,
    empty_timeout: 60,
    lobby: true,
    locked: false,
    metadata: { a: [1, null] },
    roles: { x: ['chat'] },
  };
  const created = await backend.ask('createRoom', { body: { room: 'r', ...settings } });
  assert.equal(created.status, 201);
  assert.deepEqual(created.body.settings, settings);
  assert.equal(created.body.live, null);
  assert.deepEqual((await backend.ask('getRoom', { params: { room: 'r' } })).body, created.body);
  assert.equal((await backend.ask('createRoom', { body: { room: 'r' } })).body.code, 'already-exists');
  const put = await backend.ask('putRoom', { params: { room: 'r' }, body: { locked: true } });
  assert.deepEqual([put.body.settings, put.body.created_at], [{ locked: true }, created.body.created_at]);
  assert.ok(put.body.updated_at >= created.body.updated_at);
  assert.equal((await backend.ask('putRoom', { params: { room: 'new' }, body: {} })).status, 200, 'made where there was none');
  assert.equal((await backend.ask('deleteRoom', { params: { room: 'r' } })).status, 204);
  assert.equal((await backend.ask('getRoom', { params: { room: 'r' } })).status, 404);
  assert.deepEqual(
    (await backend.ask('listRooms')).body.items.map(({ room }: { room: string }) => room),
    ['new'],
  );
});

test('names of rooms are what people type: any script, any length up to 128, slashes and percents', async t => {
  const { backend } = await newApi(t);
  for (const room of [
    'Größe 🦊',
    'a/b',
    'a%2Fb',
    '?x#y',
    '...',
    '🦊'.repeat(64),
    'غرفة',
    'a b+c&d=e',
    '__proto__',
    'constructor',
  ]) {
    assert.equal((await backend.ask('createRoom', { body: { room, metadata: room } })).status, 201, room);
    const { body } = await backend.ask('getRoom', { params: { room } });
    assert.deepEqual([body.room, body.settings.metadata], [room, room]);
  }
  for (const room of ['', 'a\nb', 'x'.repeat(129)])
    assert.equal((await backend.ask('createRoom', { body: { room } })).status, 400, room);
  assert.equal((await backend.ask('getRoom', { params: { room: 'x'.repeat(129) } })).status, 400);
});

test('settings are bounded', async t => {
  const { backend } = await newApi(t);
  const wrong: [object, string][] = [
    [{ max_participants: 0 }, '#/max_participants'],
    [{ max_participants: 1.5 }, '#/max_participants'],
    [{ empty_timeout: 86_401 }, '#/empty_timeout'],
    [{ lobby: 'yes' }, '#/lobby'],
    [{ metadata: { a: 'x'.repeat(5_000) } }, '#/metadata'],
    [{ roles: { host: ['fly'] } }, '#/roles/host/0'],
    [{ roles: { '': [] } }, '#/roles/'],
    [{ roles: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`r${index}`, []])) }, '#/roles'],
    [{ unknown: 1 }, '#/unknown'],
  ];
  for (const [settings, pointer] of wrong) {
    const { status, body } = await backend.ask('putRoom', { params: { room: 'r' }, body: settings });
    assert.deepEqual([status, body.errors[0].pointer], [400, pointer]);
  }
});

test('pages of a list neither repeat nor skip while rooms come and go', async t => {
  const { backend } = await newApi(t);
  const names = Array.from({ length: 25 }, (_, index) => `room-${String(index).padStart(2, '0')}`);
  for (const room of names) await backend.ask('createRoom', { body: { room } });
  const seen: string[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; cursor !== null; page++) {
    const query: Record<string, string> = { limit: '4', ...(cursor === undefined ? {} : { cursor }) };
    const { body } = await backend.ask('listRooms', { query });
    seen.push(...body.items.map(({ room }: { room: string }) => room));
    cursor = body.next_cursor;
    await backend.ask('createRoom', { body: { room: `a-new-one-${page}` } }); // before the cursor
    await backend.ask('createRoom', { body: { room: `room-${seen.at(-1)?.slice(5)}-x${page}` } }); // behind it
    await backend.ask('deleteRoom', { params: { room: seen[0] ?? '' } });
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(
    seen.filter(name => names.includes(name)),
    names,
  );
  assert.ok(
    seen.some(name => name.includes('-x')),
    'what came behind the cursor was seen',
  );
});

test('a cursor of another list, or of somebody who wrote it, is refused', async t => {
  const { backend } = await newApi(t);
  for (const room of ['a', 'b']) await backend.ask('createRoom', { body: { room } });
  const { body } = await backend.ask('listRooms', { query: { limit: '1' } });
  assert.equal((await backend.ask('listKeys', { query: { cursor: body.next_cursor } })).body.code, 'invalid-cursor');
  const written = [
    'x',
    'W10',
    'WzFd',
    Buffer.from('["rooms",1]').toString('base64url'),
    Buffer.from('["rooms","a","b"]').toString('base64url'),
  ];
  for (const cursor of written)
    assert.equal((await backend.ask('listRooms', { query: { cursor } })).body.code, 'invalid-cursor', cursor);
  for (const query of [{ limit: '0' }, { limit: '1001' }, { limit: 'x' }, { cursor: '' }, { cursor: '%' }, { offset: '1' }]) {
    assert.equal((await backend.ask('listRooms', { query: query as never })).body.code, 'invalid-request', JSON.stringify(query));
  }
});

test('keys and projects are listed page by page, without any secret', async t => {
  const { operator, newProject, backend } = await newApi(t);
  const { caller, secret } = await newProject('school');
  for (const name of ['one', 'two', 'three']) await caller.ask('createKey', { body: { name } });
  const keys = (await everyPage(caller, 'listKeys', { limit: 2 })) as { name: string }[];
  assert.deepEqual(
    keys.map(({ name }) => name),
    ['', 'one', 'two', 'three'],
  );
  assert.ok(!JSON.stringify(keys).includes(secret));
  assert.deepEqual(
    ((await everyPage(backend, 'listKeys', { limit: 1 })) as { id: string }[]).map(({ id }) => id),
    ['backend'],
  );
  const projects = (await everyPage(operator, 'listProjects', { limit: 1 })) as { project: string }[];
  assert.deepEqual(
    projects.map(({ project }) => project),
    ['default', 'school'],
  );
  assert.equal((await operator.ask('createProject', { body: { project: 'school' } })).body.code, 'already-exists');
  assert.equal((await operator.ask('getProject', { params: { project: 'school' } })).status, 200);
  assert.equal((await operator.ask('getProject', { params: { project: 'nowhere' } })).status, 404);
  for (const project of ['', 'A', '-a', 'a-', 'ä', 'x'.repeat(64)]) {
    assert.equal((await operator.ask('createProject', { body: { project } })).status, 400, project);
  }
});

test('a key from the environment is neither rotated nor revoked here, and one of another project is not there', async t => {
  const { backend, newProject } = await newApi(t);
  const { caller, key } = await newProject('school');
  for (const name of ['rotateKey', 'revokeKey'] as const) {
    const body = name === 'rotateKey' ? {} : undefined;
    assert.equal((await backend.ask(name, { params: { key: 'backend' }, body })).body.code, 'conflict');
    assert.equal((await backend.ask(name, { params: { key }, body })).status, 404);
    assert.equal((await caller.ask(name, { params: { key: 'backend' }, body })).status, 404);
  }
  assert.equal((await backend.ask('getKey', { params: { key } })).status, 404);
  assert.equal((await caller.ask('getKey', { params: { key: 'backend' } })).status, 404);
  assert.equal((await backend.ask('getKey', { params: { key: 'backend' } })).body.created_at, null);
});

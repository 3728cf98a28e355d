import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPERATIONS, type OperationName } from '@aqlinks/protocol';
import { signAdminToken, signToken } from '../../../src/auth/sign-token.ts';
import { KEY, KEY_SECRET, newApi } from '../../support/new-api.ts';
import { SECRET } from '../../support/new-server.ts';

const secret = new TextEncoder().encode(SECRET);
const options = { secret, lifetime: 60_000, now: Date.now() };
const PARAMS = {
  ...{ room: 'r', participant: 'p', user_id: 'u', session: 's', webhook: 'w', delivery: 'd', key: 'k', project: 'p' },
};

test('nothing is done for nobody: every operation but the follow-up of a token asks for credentials', async t => {
  const { nobody } = await newApi(t);
  for (const name of Object.keys(OPERATIONS) as OperationName[]) {
    const asked = { params: PARAMS, body: OPERATIONS[name].at.startsWith('GET') ? undefined : {} };
    const { status, body, headers } = await nobody.ask(name, asked);
    if (name === 'refreshToken') {
      assert.equal(status, 400, name);
      continue;
    }
    assert.deepEqual([status, body.code], [401, 'unauthorized'], name);
    assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
  }
});

test('credentials that are wrong are refused, and the refusal quotes nothing of them', async t => {
  const wrong: [string, string, string][] = [
    ['an unknown key', `nobody:${KEY_SECRET}`, 'unauthorized'],
    ['a wrong secret', `${KEY}:wrong`, 'unauthorized'],
    ['a secret that only begins right', `${KEY}:${KEY_SECRET.slice(0, -1)}`, 'unauthorized'],
    ['a secret with something behind it', `${KEY}:${KEY_SECRET}:x`, 'unauthorized'],
    ['no secret', `${KEY}:`, 'unauthorized'],
    ['only a colon', ':', 'unauthorized'],
    ['the name of what every object has', '__proto__:x', 'unauthorized'],
    ['a text', 'hello', 'token-refused'],
    ['more than anybody needs', `${KEY}:${'x'.repeat(12_000)}`, 'unauthorized'],
  ];
  const { callerWith } = await newApi(t);
  for (const [what, credentials, code] of wrong) {
    const { status, body, text } = await callerWith(credentials).ask('listRooms');
    assert.deepEqual([status, body.code], [401, code], what);
    assert.ok(!text.includes(KEY_SECRET.slice(0, 20)), what);
  }
});

test('a token that is none of an administrator administers nothing', async t => {
  const refused: [string, () => Promise<string>][] = [
    ['one for a room', async () => (await signToken({ user_id: 'a', room: 'r' }, options)).token],
    ['one for any room', async () => (await signToken({ user_id: 'a', user_type: 'host' }, options)).token],
    [
      'one with a flag that some backend gives its own administrators',
      async () => (await signToken({ user_id: 'a', admin: true } as never, options)).token,
    ],
    [
      'one for administrators that names a room',
      async () => (await signToken({ user_id: 'a', aud: 'aqlinks-admin', room: 'r' }, options)).token,
    ],
    [
      'one that has expired',
      async () => (await signAdminToken({ user: 'a' }, { ...options, now: Date.now() - 3_600_000 })).token,
    ],
    [
      'one that is signed with another secret',
      async () => (await signAdminToken({ user: 'a' }, { ...options, secret: secret.slice(1) })).token,
    ],
    ['one that names a key which did not sign it', async () => (await signAdminToken({ user: 'a', key: KEY }, options)).token],
  ];
  const { callerWith } = await newApi(t);
  for (const [what, make] of refused) {
    const token = await make();
    const { status, body, text } = await callerWith(token).ask('listRooms');
    assert.deepEqual([status, body.code], [401, 'token-refused'], what);
    assert.ok(!text.includes(token), what);
  }
});

test('an admin token of a key acts in its project, as the key does; that of the server in any', async t => {
  const { operator, callerWith, newProject } = await newApi(t);
  const { key, secret: ofKey } = await newProject('school');
  await newProject('office');
  const { token } = await signAdminToken({ user: 'a', key }, { ...options, secret: new TextEncoder().encode(ofKey) });
  const administrator = callerWith(token);
  assert.equal((await administrator.ask('createRoom', { body: { room: 'r' } })).status, 201);
  assert.equal((await administrator.ask('getRoom', { params: { room: 'r' }, query: { project: 'school' } })).status, 200);
  assert.equal((await administrator.ask('getRoom', { params: { room: 'r' }, query: { project: 'office' } })).status, 404);
  assert.equal((await administrator.ask('listProjects')).status, 403);
  assert.equal((await operator.ask('getRoom', { params: { room: 'r' }, query: { project: 'school' } })).status, 200);
  assert.equal((await operator.ask('getRoom', { params: { room: 'r' } })).status, 404);
  assert.equal((await operator.ask('getRoom', { params: { room: 'r' }, query: { project: 'nowhere' } })).status, 404);
});

test('an admin token opens no room (SPEC:P2)', async t => {
  const { server } = await newApi(t);
  const { token } = await signAdminToken({ user: 'a' }, options);
  const response = await fetch(`${server.origin}/ws?token=${token}`);
  assert.equal(response.status, 401);
  assert.equal(((await response.json()) as { error: string }).error, 'token-claims');
});

test('a key that is rotated is taken with both secrets for a while, and one that is revoked with none', async t => {
  const { newProject, callerWith, operator } = await newApi(t);
  const { caller, key } = await newProject('school');
  const rotated = await caller.ask('rotateKey', { params: { key }, body: { overlap: '1h' } });
  assert.equal(rotated.status, 201);
  assert.ok(Date.parse(rotated.body.previous_until) > Date.now() + 3_500_000);
  const renewed = callerWith(`${key}:${rotated.body.secret}`);
  assert.equal((await caller.ask('listRooms')).status, 200);
  assert.equal((await renewed.ask('listRooms')).status, 200);
  await renewed.ask('rotateKey', { params: { key }, body: { overlap: 0 } });
  assert.equal((await caller.ask('listRooms')).status, 401);
  assert.equal((await renewed.ask('listRooms')).status, 401);
  assert.equal((await operator.ask('revokeKey', { params: { key }, query: { project: 'school' } })).status, 204);
  const { body } = await operator.ask('getKey', { params: { key }, query: { project: 'school' } });
  assert.ok(Date.parse(body.revoked_at) <= Date.now());
  assert.equal((await operator.ask('revokeKey', { params: { key }, query: { project: 'school' } })).status, 404);
});

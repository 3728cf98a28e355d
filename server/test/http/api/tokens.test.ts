import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt } from 'jose';
import { WebSocket } from 'ws';
import { signToken } from '../../../src/auth/sign-token.ts';
import { newApi } from '../../support/new-api.ts';
import { SECRET } from '../../support/new-server.ts';

const secret = new TextEncoder().encode(SECRET);

test('a token is issued with its id, its end, and the address that opens the call', async t => {
  const { backend, server } = await newApi(t);
  const before = Date.now();
  const { status, body } = await backend.ask('issueToken', {
    body: { user_id: 'alice', room: 'r', email: 'a@b.c', user_type: 'host', ttl: '1h', permissions: ['receive', 'chat'] },
  });
  assert.equal(status, 201);
  const claims = decodeJwt(body.token);
  assert.deepEqual(
    [claims.user_id, claims.room, claims.email, claims.user_type, claims.iss, claims.jti, claims.permissions],
    ['alice', 'r', 'a@b.c', 'host', 'backend', body.jti, ['receive', 'chat']],
  );
  assert.equal(Date.parse(body.expires_at), Number(claims.exp) * 1_000);
  assert.equal(Number(claims.exp) - Number(claims.iat), 3_600);
  assert.ok(Math.abs(Date.parse(body.expires_at) - before - 3_600_000) < 5_000);
  assert.equal(body.ws_url, `${server.webSocketUrl}?token=${body.token}`);
  const socket = new WebSocket(body.ws_url);
  t.after(() => socket.terminate());
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
});

test('the older names mean the same, and one of each pair is enough', async t => {
  const { backend } = await newApi(t);
  const older = await backend.ask('issueToken', { body: { user_id: 'a', room_id: 'r', user_name: 'Alice', duration: '2h' } });
  const { room, name, exp, iat } = decodeJwt(older.body.token);
  assert.deepEqual([older.status, room, name, Number(exp) - Number(iat)], [201, 'r', 'Alice', 7_200]);
  const oldest = await backend.ask('issueToken', { body: { room_id: 'r', user_name: 'Bob', duration: 60 } });
  const { user_id, name: called } = decodeJwt(oldest.body.token);
  assert.deepEqual([oldest.status, user_id, called], [201, 'Bob', 'Bob'], 'who knows no ids is known by the name');
  for (const body of [
    { room: 'r' },
    { user_name: '' },
    { user_id: 'a', room: 'r', room_id: 'other' },
    { user_id: 'a', name: 'A', user_name: 'B' },
    { user_id: 'a', ttl: 60, duration: 61 },
  ]) {
    assert.equal((await backend.ask('issueToken', { body })).status, 400);
  }
  assert.equal((await backend.ask('issueToken', { body: { user_id: 'a', room: 'r', room_id: 'r' } })).status, 201);
});

test('what is asked for wrongly is refused with the place that is wrong', async t => {
  const { backend } = await newApi(t);
  const wrong: [unknown, string][] = [
    [{}, '#/user_id'],
    [{ user_id: '' }, '#/user_id'],
    [{ user_id: 'a\n' }, '#/user_id'],
    [{ user_id: 'a', ttl: 9 }, '#/ttl'],
    [{ user_id: 'a', ttl: '31d' }, '#/ttl'],
    [{ user_id: 'a', ttl: 'soon' }, '#/ttl'],
    [{ user_id: 'a', permissions: ['everything'] }, '#/permissions/0'],
    [{ user_id: 'a', is_admin: true }, '#/is_admin'],
    [{ user_id: 'a', project: 'other' }, '#/project'],
    [[], '#'],
    ['null', '#'],
  ];
  for (const [body, pointer] of wrong) {
    const { status, body: problem } = await backend.ask('issueToken', { body });
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(problem.errors[0].pointer, pointer, JSON.stringify(body));
  }
  assert.equal((await backend.ask('issueToken', { body: '{"user_id":' })).body.code, 'not-json');
  assert.equal((await backend.ask('issueToken', { body: '{"user_id":"a","__proto__":{"room":"r"}}' })).body.code, 'not-json');
});

test('a key signs for its own project only; the operator signs for another with a key of it', async t => {
  const { newProject, operator } = await newApi(t);
  const school = await newProject('school');
  await operator.ask('createProject', { body: { project: 'empty' } });
  const own = await school.caller.ask('issueToken', { body: { user_id: 'a' } });
  assert.equal(decodeJwt(own.body.token).iss, school.key);
  assert.equal((await school.caller.ask('issueToken', { query: { project: 'default' }, body: { user_id: 'a' } })).status, 404);
  const byOperator = await operator.ask('issueToken', { query: { project: 'school' }, body: { user_id: 'a' } });
  assert.equal(decodeJwt(byOperator.body.token).iss, school.key);
  assert.equal(decodeJwt((await operator.ask('issueToken', { body: { user_id: 'a' } })).body.token).iss, undefined);
  assert.equal((await operator.ask('issueToken', { query: { project: 'empty' }, body: { user_id: 'a' } })).body.code, 'conflict');
});

test('a valid token is followed up by one that says the same, by its holder alone', async t => {
  const { backend, nobody, server } = await newApi(t);
  const first = await backend.ask('issueToken', {
    body: { user_id: 'alice', room: 'r', user_type: 'viewer', ttl: '1h', permissions: ['receive'] },
  });
  const { status, body } = await nobody.ask('refreshToken', { body: { token: first.body.token } });
  assert.equal(status, 201);
  const [before, after] = [decodeJwt(first.body.token), decodeJwt(body.token)];
  for (const claim of ['user_id', 'room', 'user_type', 'permissions', 'iss', 'jti'])
    assert.deepEqual(after[claim], before[claim], claim);
  assert.equal(Number(after.exp) - Number(after.iat), 3_600);
  assert.equal((await fetch(`${server.origin}/ws?token=${body.token}`)).status, 426);
  const longer = await nobody.ask('refreshToken', { body: { token: body.token, ttl: '2h' } });
  assert.equal(lifetimeOf(longer.body.token), 3_600, 'no longer than it was');
  assert.equal(lifetimeOf((await backend.ask('refreshToken', { body: { token: body.token, ttl: '2h' } })).body.token), 7_200);
});

const lifetimeOf = (token: string) => {
  const { exp, iat } = decodeJwt(token);
  return Number(exp) - Number(iat);
};

test('nothing follows a token that has expired, was revoked, was changed, or is of another project', async t => {
  const { backend, nobody, newProject } = await newApi(t);
  const { caller } = await newProject('school');
  const refused = async (by: typeof nobody, token: string) => (await by.ask('refreshToken', { body: { token } })).body.code;
  const old = await signToken({ user_id: 'a' }, { secret, lifetime: 60_000, now: Date.now() - 3_600_000 });
  assert.equal(await refused(nobody, old.token), 'token-refused');
  const { body } = await backend.ask('issueToken', { body: { user_id: 'alice', room: 'r' } });
  assert.equal(await refused(caller, body.token), 'token-refused');
  assert.equal(await refused(nobody, `${body.token.slice(0, -4)}AAAA`), 'token-refused');
  await backend.ask('revokeTokens', { body: { jti: body.jti } });
  assert.equal(await refused(nobody, body.token), 'token-refused');
  assert.equal(await refused(backend, body.token), 'token-refused');
});

test('a holder goes on for 30 days at most; the backend as long as it wants', async t => {
  const { backend, nobody } = await newApi(t);
  const seconds = Math.floor(Date.now() / 1_000);
  const identity = { user_id: 'a', jti: 'j', auth_time: seconds - 30 * 86_400 + 60 };
  const { token } = await signToken(identity, { secret, lifetime: 3_600_000, now: Date.now() });
  assert.equal((await nobody.ask('refreshToken', { body: { token } })).status, 403);
  assert.equal((await backend.ask('refreshToken', { body: { token } })).status, 201);
});

test('who takes back the first token takes back all that followed it', async t => {
  const { backend, nobody, server } = await newApi(t);
  const first = await backend.ask('issueToken', { body: { user_id: 'alice', room: 'r' } });
  const second = await nobody.ask('refreshToken', { body: { token: first.body.token } });
  const { status, body } = await backend.ask('revokeTokens', { body: { jti: first.body.jti, reason: 'lost phone' } });
  assert.equal(status, 200);
  assert.ok(body.until === null || Date.parse(body.until) > Date.now());
  for (const token of [first.body.token, second.body.token]) {
    const response = await fetch(`${server.origin}/ws?token=${token}`);
    assert.deepEqual([response.status, ((await response.json()) as { error: string }).error], [401, 'token-revoked']);
  }
});

test('all tokens of a user or a room are taken back until now, or until a time', async t => {
  const { backend, server } = await newApi(t);
  const issue = async (body: object) => (await backend.ask('issueToken', { body })).body?.token as string;
  const opens = async (token: string) => (await fetch(`${server.origin}/ws?token=${token}`)).status === 426;
  const [alice, bob, inRoom] = [
    await issue({ user_id: 'alice', room: 'r' }),
    await issue({ user_id: 'bob', room: 'r' }),
    await issue({ user_id: 'bob', room: 'other' }),
  ];
  await backend.ask('revokeTokens', { body: { user_id: 'alice' } });
  assert.deepEqual([await opens(alice), await opens(bob)], [false, true]);
  const again = await issue({ user_id: 'alice', room: 'r' });
  assert.ok(await opens(again), 'a new one, within the same second');
  await backend.ask('revokeTokens', { body: { user_id: 'alice' } });
  assert.ok(!(await opens(again)), 'taken back as well, within the same second');
  assert.ok(await opens(await issue({ user_id: 'alice', room: 'r' })));
  const until = new Date(Date.now() + 3_600_000).toISOString();
  assert.equal((await backend.ask('revokeTokens', { body: { room: 'other', until } })).body.until, until);
  assert.deepEqual([await opens(bob), await opens(inRoom)], [true, false]);
  assert.equal((await backend.ask('issueToken', { body: { user_id: 'carol', room: 'other' } })).body.code, 'conflict');
  const past = new Date(Date.now() - 1).toISOString();
  assert.equal((await backend.ask('revokeTokens', { body: { user_id: 'alice', until: past } })).status, 400);
});

test('a token itself is named to take it back, expired or not, and nobody takes back those of another project', async t => {
  const { backend, newProject, server } = await newApi(t);
  const { caller } = await newProject('school');
  const { body } = await backend.ask('issueToken', { body: { user_id: 'alice', room: 'r' } });
  assert.equal((await caller.ask('revokeTokens', { body: { token: body.token } })).status, 404);
  await caller.ask('revokeTokens', { body: { jti: body.jti } });
  await caller.ask('revokeTokens', { body: { user_id: 'alice' } });
  assert.equal((await fetch(`${server.origin}/ws?token=${body.token}`)).status, 426, 'others with its name are meant');
  assert.equal((await backend.ask('revokeTokens', { body: { token: body.token } })).status, 200);
  assert.equal((await fetch(`${server.origin}/ws?token=${body.token}`)).status, 401);
  const own = await signToken({ user_id: 'bob', room: 'r' }, { secret, lifetime: 60_000, now: Date.now() });
  assert.equal((await backend.ask('revokeTokens', { body: { token: own.token } })).status, 200, 'without an id');
  assert.equal((await fetch(`${server.origin}/ws?token=${own.token}`)).status, 401);
  assert.equal((await backend.ask('revokeTokens', { body: { token: 'a.b.c' } })).status, 400);
});

test('ws_url is the address that was set, or that of the request; what strangers forward is not believed', async t => {
  const issue = async (options: object, headers: Record<string, string>) => {
    const { backend } = await newApi(t, options);
    return (await backend.ask('issueToken', { body: { user_id: 'a' }, headers })).body.ws_url as string;
  };
  const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'calls.example.com' };
  assert.match(await issue({}, forwarded), /^ws:\/\/127\.0\.0\.1:\d+\//);
  assert.match(
    await issue({ trustedProxies: 'loopback' }, forwarded),
    /^wss:\/\/calls\.example\.com\/aq_server\/websocket\?token=eyJ/,
  );
  assert.match(await issue({ publicUrl: 'https://public.example' }, forwarded), /^wss:\/\/public\.example\/aq_server\//);
  const odd = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example/x?' };
  assert.match(await issue({ trustedProxies: 'loopback' }, odd), /^ws:\/\/127\.0\.0\.1:\d+\//);
});

test('a page of another origin may ask for a follow-up, and for nothing else', async t => {
  const { server, backend } = await newApi(t, { allowedOrigins: 'https://app.example' });
  const preflight = (path: string, origin: string) =>
    fetch(`${server.origin}/api/v1${path}`, { method: 'OPTIONS', headers: { origin } });
  const allowed = await preflight('/tokens/refresh', 'https://app.example');
  assert.deepEqual([allowed.status, allowed.headers.get('access-control-allow-origin')], [204, 'https://app.example']);
  assert.equal((await preflight('/tokens/refresh', 'https://evil.example')).headers.get('access-control-allow-origin'), null);
  const other = await preflight('/tokens', 'https://app.example');
  assert.deepEqual([other.status, other.headers.get('access-control-allow-origin')], [405, null]);
  const { body } = await backend.ask('issueToken', { body: { user_id: 'a' } });
  const refreshed = await backend.ask('refreshToken', {
    body: { token: body.token },
    headers: { origin: 'https://app.example' },
  });
  assert.equal(refreshed.headers.get('access-control-allow-origin'), 'https://app.example');
});

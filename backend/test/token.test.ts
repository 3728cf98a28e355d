import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseApiKey, signToken, socketUrl, TokenInvalid, verifyToken } from '../src/index.ts';

const KEY = { id: 'backend', secret: 'the-secret-of-the-backend-0123456789-abcdef' };
const SECRET = 'kJ8s0Xv2Qm9ZtR4wB7nY1cL5fH3gD6pA';
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

test('a token signed with an API key names it, has an id and ends', async () => {
  const { token, jti, expiresAt } = await signToken({ user_id: 'alice', room: 'r', user_type: 'host' }, KEY, 60);
  const { iat, exp, ...claims } = claimsOf(token);
  assert.deepEqual(claims, { user_id: 'alice', room: 'r', user_type: 'host', iss: 'backend', jti });
  assert.equal(exp - iat, 60);
  assert.equal(expiresAt.getTime(), exp * 1_000);
  assert.equal((await verifyToken(token, KEY)).user_id, 'alice');
});

test('a token signed with JWT_SECRET names no key', async () => {
  const { token } = await signToken({ user_id: 'alice' }, SECRET, 60);
  assert.equal('iss' in claimsOf(token), false);
  assert.equal((await verifyToken(token, SECRET)).user_id, 'alice');
});

test('what a server would refuse is not signed', async () => {
  await assert.rejects(signToken({ user_id: '' }, KEY, 60));
  await assert.rejects(signToken({ user_id: 'a'.repeat(300) }, KEY, 60));
});

test('a token of another secret, another key, past its end, or of an administrator is not valid', async () => {
  const other = { id: 'other', secret: KEY.secret };
  const wrong = [
    (await signToken({ user_id: 'a' }, SECRET, 60)).token,
    (await signToken({ user_id: 'a' }, other, 60)).token,
    (await signToken({ user_id: 'a' }, KEY, -1)).token,
    (await signToken({ user_id: 'a', aud: 'aqlinks-admin' }, KEY, 60)).token,
    'nonsense',
  ];
  for (const token of wrong) await assert.rejects(verifyToken(token, KEY), TokenInvalid, token);
  await assert.rejects(verifyToken((await signToken({ user_id: 'a' }, KEY, -1)).token, KEY), /has expired/);
});

test('the address of the WebSocket follows that of the server', () => {
  assert.equal(socketUrl('https://calls.example.com', 'a.b.c'), 'wss://calls.example.com/aq_server/websocket?token=a.b.c');
  assert.equal(socketUrl('http://localhost:8080/', 'a.b.c'), 'ws://localhost:8080/aq_server/websocket?token=a.b.c');
});

test('an API key is read as API_KEYS has it', () => {
  assert.deepEqual(parseApiKey('backend:with:colons'), { id: 'backend', secret: 'with:colons' });
  for (const text of ['', 'backend', 'backend:', ':secret', 'a b:c', 'a:b c']) assert.equal(parseApiKey(text), undefined, text);
});

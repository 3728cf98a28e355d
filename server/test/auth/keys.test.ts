import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { type AuthenticatorOptions, createAuthenticator } from '../../src/auth/authenticate.ts';
import type { SigningKey } from '../../src/auth/verify-token.ts';

const NOW = Date.UTC(2026, 0, 1); // ms
const TOLERANCE = 5_000; // ms
const SERVER = 'the-secret-of-the-server-0123456789-abc';
const FIRST = 'the-first-secret-of-key-a-0123456789-abc';
const SECOND = 'the-second-secret-of-key-a-0123456789-ab';
const SCHOOL = 'the-secret-of-the-school-0123456789-abcd';

const bytes = (text: string) => new TextEncoder().encode(text);
const KEYS: Record<string, SigningKey> = {
  a: {
    ...{ id: 'a', project: 'default' },
    secrets: [
      { value: bytes(SECOND), until: undefined },
      { value: bytes(FIRST), until: NOW + 60_000 },
    ],
  },
  school: { id: 'school', project: 'school', secrets: [{ value: bytes(SCHOOL), until: undefined }] },
  forgotten: { id: 'forgotten', project: 'default', secrets: [] },
};

const authenticator = (options: Partial<AuthenticatorOptions> = {}) =>
  createAuthenticator({
    secret: bytes(SERVER),
    keys: id => (Object.hasOwn(KEYS, id) ? KEYS[id] : undefined),
    isRevoked: () => false,
    clockTolerance: TOLERANCE,
    now: () => NOW,
    ...options,
  });

const base64 = (value: string | object) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function sign(claims: object | string, secret: string, header: object = { alg: 'HS256' }): string {
  const signed = `${base64(header)}.${base64(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const open = (token: string, authenticate = authenticator()) =>
  authenticate({ query: new URLSearchParams({ token }), authorization: undefined });

const refused = (code: string) => ({ name: 'TokenRefused', code });

test('iss names the key that signed, and the key names the project (SPEC:P2)', async () => {
  const { project, key } = await open(sign({ user_id: 'u', iss: 'school' }, SCHOOL));
  assert.deepEqual({ project, key }, { project: 'school', key: 'school' });
});

test('without iss, or with one that is empty, the secret of the server signs for the default project (SPEC:P2)', async () => {
  for (const iss of [undefined, null, '']) {
    const { project, key } = await open(sign({ user_id: 'u', iss }, SERVER));
    assert.deepEqual({ project, key }, { project: 'default', key: undefined });
  }
});

test('a key that does not exist, or was revoked, is refused with its reason', async () => {
  for (const iss of ['nobody', 'A', 'a ', '__proto__', 'constructor', 'toString']) {
    await assert.rejects(open(sign({ user_id: 'u', iss }, SERVER)), refused('token-issuer'), iss);
  }
  await assert.rejects(open(sign({ user_id: 'u', iss: 'forgotten' }, '')), refused('token-signature'), 'a key without secrets');
});

test('nobody signs for another: every wrong pair of iss and secret is refused', async () => {
  const secrets = { a: [FIRST, SECOND], school: [SCHOOL], '': [SERVER] };
  for (const [iss, own] of Object.entries(secrets)) {
    for (const secret of Object.values(secrets).flat()) {
      const token = sign({ user_id: 'u', iss }, secret);
      if (own.includes(secret)) await open(token);
      else await assert.rejects(open(token), refused('token-signature'), `${iss} by ${secret}`);
    }
  }
});

test('iss of another type, too long or with control characters is a wrong claim', async () => {
  for (const iss of [7, true, {}, ['a'], { toString: 'a' }, 'a'.repeat(129), 'a\u0000', '\n']) {
    await assert.rejects(open(sign({ user_id: 'u', iss }, SCHOOL)), refused('token-claims'), JSON.stringify(iss));
  }
});

test('of two iss the last one counts, for the secret as for the grant', async () => {
  const claims = '{"user_id":"u","iss":"a","iss":"school"}';
  assert.equal((await open(sign(claims, SCHOOL))).project, 'school');
  await assert.rejects(open(sign(claims, SECOND)), refused('token-signature'));
});

test('kid, jku, jwk and x5c of the header choose nothing', async () => {
  const jwk = { kty: 'oct', k: base64('attacker') };
  for (const extra of [{ kid: 'school' }, { kid: '../../dev/null' }, { jku: 'http://127.0.0.1/' }, { jwk }, { x5c: ['AAAA'] }]) {
    const header = { alg: 'HS256', ...extra };
    assert.equal((await open(sign({ user_id: 'u', iss: 'a' }, SECOND, header))).project, 'default');
    await assert.rejects(open(sign({ user_id: 'u', iss: 'a' }, SCHOOL, header)), refused('token-signature'));
    await assert.rejects(open(sign({ user_id: 'u', iss: 'a' }, 'attacker', header)), refused('token-signature'));
  }
});

test('another algorithm is refused before anybody looks at iss', async () => {
  const asked: string[] = [];
  const authenticate = authenticator({
    keys(id) {
      asked.push(id);
      return undefined;
    },
  });
  for (const alg of ['none', 'HS512', 'RS256']) {
    await assert.rejects(open(sign({ user_id: 'u', iss: 'a' }, SECOND, { alg }), authenticate), refused('token-algorithm'));
  }
  assert.deepEqual(asked, []);
});

test('a rotated secret is taken until its overlap is over, within the tolerance for clocks', async () => {
  const token = sign({ user_id: 'u', iss: 'a' }, FIRST);
  const at = (now: number) => open(token, authenticator({ now: () => now }));
  await at(NOW);
  await at(NOW + 60_000 + TOLERANCE - 1);
  await assert.rejects(at(NOW + 60_000 + TOLERANCE), refused('token-signature'));
  await open(sign({ user_id: 'u', iss: 'a' }, SECOND), authenticator({ now: () => NOW + 1e12 }));
});

test('a token that was taken back is refused, and what is asked of it is what it says', async () => {
  const asked: object[] = [];
  const authenticate = authenticator({
    isRevoked({ project, jti, userId, room, issuedAt }) {
      asked.push({ project, jti, userId, room, issuedAt });
      return true;
    },
  });
  const claims = { user_id: 'u', iss: 'school', jti: 'j', room: 'r', iat: NOW / 1_000 };
  await assert.rejects(open(sign(claims, SCHOOL), authenticate), refused('token-revoked'));
  assert.deepEqual(asked, [{ project: 'school', jti: 'j', userId: 'u', room: 'r', issuedAt: NOW }]);
});

test('a secret never comes out with a refusal', async () => {
  for (const [claims, secret] of [
    [{ user_id: 'u', iss: 'a' }, SCHOOL],
    [{ user_id: 'u', iss: 'nobody' }, SCHOOL],
    [{ user_id: 7, iss: 'a' }, SECOND],
  ] as const) {
    await assert.rejects(open(sign(claims, secret)), (error: Error) => {
      for (const known of [SERVER, FIRST, SECOND, SCHOOL]) assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes(known));
      return true;
    });
  }
});

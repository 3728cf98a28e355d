import assert from 'node:assert/strict';
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAuthenticator } from '../../src/auth/authenticate.ts';
import { TokenRefused } from '../../src/auth/token-refused.ts';
import { grantOf } from '../support/grant-of.ts';

const SECRET = 'the-secret-of-these-tests-0123456789';
const NOW = Date.UTC(2026, 0, 1) / 1_000; // seconds
const TOLERANCE = 5; // seconds

const authenticate = createAuthenticator({
  secret: new TextEncoder().encode(SECRET),
  keys: () => undefined,
  isRevoked: () => false,
  clockTolerance: TOLERANCE * 1_000,
  now: () => NOW * 1_000,
});
const open = (token: string, query: Record<string, string> = {}) =>
  authenticate({ query: new URLSearchParams({ ...query, token }), authorization: undefined });

const base64 = (value: string | object) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

interface Signing {
  readonly header?: object | string;
  readonly secret?: string;
  readonly hash?: string;
}

/** Signed by hand, so that a mistake of our signing cannot hide one of our verifying. */
function sign(
  claims: object | string,
  { header = { alg: 'HS256', typ: 'JWT' }, secret = SECRET, hash = 'sha256' }: Signing = {},
) {
  const signed = `${base64(header)}.${base64(claims)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

const good = { user_id: 'alice', room: 'r', exp: NOW + 60 };
const [head = '', body = '', signature = ''] = sign(good).split('.');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const signedByRsa = `${base64({ alg: 'RS256' })}.${body}`;

const BAD: Record<string, [code: string, token: string]> = {
  'no token': ['token-missing', ''],
  'not a token': ['token-malformed', 'hello'],
  'two segments': ['token-malformed', `${head}.${body}`],
  'four segments': ['token-malformed', `${head}.${body}.${signature}.${signature}`],
  'five segments, as if encrypted': ['token-malformed', `${head}.${body}.${signature}.${signature}.${signature}`],
  'empty segments': ['token-malformed', '..'],
  'a header that is no base64': ['token-malformed', `###.${body}.${signature}`],
  'a header that is no JSON': ['token-malformed', sign(good, { header: 'nonsense' })],
  'a header that is a list': ['token-malformed', sign(good, { header: [] })],
  'a signature that is no base64': ['token-malformed', `${head}.${body}.!!!!`],
  'standard instead of URL-safe base64': ['token-malformed', `${head}.${body}.${'+/'.repeat(21)}+=`],
  'alg none without a signature': ['token-algorithm', `${base64({ alg: 'none' })}.${body}.`],
  'alg None with a signature': ['token-algorithm', sign(good, { header: { alg: 'None' } })],
  'no alg': ['token-algorithm', sign(good, { header: { typ: 'JWT' } })],
  'alg hs256 in small letters': ['token-algorithm', sign(good, { header: { alg: 'hs256' } })],
  'HS512 with our secret': ['token-algorithm', sign(good, { header: { alg: 'HS512' }, hash: 'sha512' })],
  'HS384 with our secret': ['token-algorithm', sign(good, { header: { alg: 'HS384' }, hash: 'sha384' })],
  'RS256 by a key of its own': [
    'token-algorithm',
    `${signedByRsa}.${createSign('sha256').update(signedByRsa).sign(rsa.privateKey).toString('base64url')}`,
  ],
  'HS256 with a public key as the secret': ['token-signature', sign(good, { secret: publicKey })],
  'another secret': ['token-signature', sign(good, { secret: 'tt55oo77' })],
  'an empty secret': ['token-signature', sign(good, { secret: '' })],
  'no signature': ['token-signature', `${head}.${body}.`],
  'a truncated signature': ['token-signature', `${head}.${body}.${signature.slice(0, -4)}`],
  'claims changed after signing': ['token-signature', `${head}.${base64({ ...good, user_type: 'host' })}.${signature}`],
  'header changed after signing': ['token-signature', `${base64({ alg: 'HS256' })}.${body}.${signature}`],
  'another typ': ['token-malformed', sign(good, { header: { alg: 'HS256', typ: 'at+jwt' } })],
  'a typ that is a number': ['token-malformed', sign(good, { header: { alg: 'HS256', typ: 1 } })],
  'critical extensions': ['token-malformed', sign(good, { header: { alg: 'HS256', crit: ['exp'], exp: 1 } })],
  'an unencoded payload (b64)': ['token-malformed', sign(good, { header: { alg: 'HS256', crit: ['b64'], b64: false } })],
  'b64 without crit': ['token-malformed', sign(good, { header: { alg: 'HS256', b64: false } })],
  'claims that are no JSON': ['token-malformed', sign('hello')],
  'claims that are a list': ['token-malformed', sign([good])],
  'claims that are null': ['token-malformed', sign('null')],
  'no user_id': ['token-claims', sign({ room: 'r' })],
  'a user_id that is a number': ['token-claims', sign({ ...good, user_id: 7 })],
  'a user_id that is null': ['token-claims', sign({ ...good, user_id: null })],
  'an empty user_id': ['token-claims', sign({ ...good, user_id: '' })],
  'an oversized user_id': ['token-claims', sign({ ...good, user_id: 'a'.repeat(257) })],
  'control characters in user_id': ['token-claims', sign({ ...good, user_id: 'a\u001b[2J' })],
  'control characters in the room': ['token-claims', sign({ ...good, room: 'r\r\nSet-Cookie: a' })],
  'a room that is an object': ['token-claims', sign({ ...good, room: { $ne: null } })],
  'an oversized role': ['token-claims', sign({ ...good, user_type: 'a'.repeat(65) })],
  'exp as a string': ['token-claims', sign({ ...good, exp: '9999999999' })],
  'exp beyond the numbers': ['token-claims', sign(`{"user_id":"alice","exp":1e999}`)],
  'nbf as a string': ['token-claims', sign({ ...good, nbf: '0' })],
  expired: ['token-expired', sign({ ...good, exp: NOW - TOLERANCE })],
  'expired since 1970': ['token-expired', sign({ ...good, exp: 0 })],
  'not yet valid': ['token-not-yet-valid', sign({ ...good, nbf: NOW + TOLERANCE + 1 })],
  'ten megabytes': ['token-malformed', sign({ ...good, email: 'a'.repeat(10_000_000) })],
  'duplicated claims, the last of which is bad': ['token-claims', sign('{"user_id":"alice","user_id":1}')],
};

for (const [name, [code, token]] of Object.entries(BAD)) {
  test(`${name}: ${code}`, async () => {
    await assert.rejects(open(token), (error: Error) => {
      assert.ok(error instanceof TokenRefused, error.stack);
      assert.equal(error.code, code);
      assert.ok(!error.message.includes(SECRET));
      for (const part of token.split('.')) assert.ok(part === '' || !error.message.includes(part), 'the token is in the message');
      return true;
    });
  });
}

test('a good token becomes a grant, with the defaults of the protocol (SPEC:P2)', async () => {
  assert.deepEqual(await open(sign({ user_id: 'alice' })), grantOf('alice', { room: 'default' }));
  const claims = { user_id: 'alice', name: 'Alice', email: 'a@example.com', room: 'r', user_type: 'host', sub: 'ignored' };
  const seen = { name: 'Alice', email: 'a@example.com', room: 'r', role: 'host' };
  assert.deepEqual(await open(sign(claims)), grantOf('alice', seen));
});

test('an optional claim that is null or empty counts as left out (SPEC:P2)', async () => {
  for (const empty of [null, '']) {
    const grant = await open(sign({ user_id: 'alice', name: empty, email: empty, room: empty, user_type: empty }));
    assert.deepEqual(grant, grantOf('alice', { room: 'default' }));
  }
});

test('the token wins over the query, which only fills what the token leaves out (SPEC:P4)', async () => {
  const query = { room: 'asked', username: 'Asked' };
  const { room, name } = await open(sign({ user_id: 'alice', room: 'r', name: 'Alice' }), query);
  assert.deepEqual([room, name], ['r', 'Alice']);
  const free = await open(sign({ user_id: 'alice' }), query);
  assert.deepEqual([free.room, free.name], ['asked', 'Asked']);
  await assert.rejects(open(sign({ user_id: 'alice' }), { room: 'a'.repeat(129) }), TokenRefused);
  await assert.rejects(open(sign({ user_id: 'alice' }), { username: '\u0000' }), TokenRefused);
});

test('clocks may be off by the tolerance', async () => {
  await open(sign({ ...good, exp: NOW - TOLERANCE + 1 }));
  await open(sign({ ...good, nbf: NOW + TOLERANCE }));
});

test('without typ, or with another case of it, a token is fine', async () => {
  for (const header of [{ alg: 'HS256' }, { alg: 'HS256', typ: 'jwt' }, { alg: 'HS256', typ: 'application/jwt' }]) {
    await open(sign(good, { header }));
  }
});

test('of duplicated claims the last one counts (RFC 7519 4)', async () => {
  assert.equal((await open(sign('{"user_id":"alice","user_id":"bob"}'))).userId, 'bob');
});

test('the query wins over the header, and a header that is no Bearer is no token (SPEC:P1)', async () => {
  const query = new URLSearchParams({ token: sign({ user_id: 'query' }) });
  const header = sign({ user_id: 'header' });
  assert.equal((await authenticate({ query, authorization: `Bearer ${header}` })).userId, 'query');
  assert.equal((await authenticate({ query: new URLSearchParams(), authorization: `bearer ${header}` })).userId, 'header');
  for (const authorization of ['Basic YTpi', 'Bearer', `Bearer ${header} x`, header]) {
    await assert.rejects(authenticate({ query: new URLSearchParams(), authorization }), { code: 'token-missing' });
  }
});

test('nothing but a TokenRefused comes out, whatever goes in', async () => {
  const part = fc.oneof(fc.base64String(), fc.string(), fc.json().map(base64), fc.constantFrom(head, body, signature));
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 5 }), async parts => {
      const token = parts.join('.');
      await open(token).then(
        () => assert.equal(token, `${head}.${body}.${signature}`),
        error => assert.ok(error instanceof TokenRefused, error.stack),
      );
    }),
    { numRuns: 500 },
  );
});

test('a signed token of any claims gives a grant within its bounds, or is refused for its claims', async () => {
  const claims = fc.record(
    {
      user_id: fc.anything(),
      room: fc.anything(),
      name: fc.string({ unit: 'binary' }),
      user_type: fc.anything(),
      exp: fc.anything(),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(claims, async value => {
      const token = sign(JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? String(item) : item)));
      const grant = await open(token).catch(error => assert.ok(error instanceof TokenRefused, error.stack));
      if (grant !== undefined) {
        for (const text of [grant.userId, grant.room, grant.role, grant.name]) assert.match(text, /^[^\p{Cc}]{1,256}$/u);
      }
    }),
    { numRuns: 500 },
  );
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startServer } from '@aqlinks/server';
import { newFolder, runAqlinks, runGenerateToken } from './support/run-aqlinks.ts';

const JWT_SECRET = 'kJ8s0Xv2Qm9ZtR4wB7nY1cL5fH3gD6pA';

/** What the server says to a token: 426 means that it would open. */
async function tryAt(origin: string, token: string): Promise<number> {
  return (await fetch(`${origin}/ws?token=${token}`)).status;
}

async function newServer(t: TestContext, jwtSecret: string) {
  const options = { serverAddr: '127.0.0.1:0', mediaPort: 0, logLevel: 'silent', jwtSecret } as const;
  const server = await startServer(options, { environment: {} });
  t.after(() => server.close());
  return server;
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

test('node generate-token.js alice meeting-room-1 host prints a token that opens the server, and nothing else', async t => {
  const server = await newServer(t, JWT_SECRET);
  const place = { folder: newFolder(t), env: { JWT_SECRET } };
  const { code, stdout, stderr } = await runGenerateToken(['alice', 'meeting-room-1', 'host'], place);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const { user_id, room, user_type, iat, exp } = claimsOf(stdout);
  assert.deepEqual({ user_id, room, user_type }, { user_id: 'alice', room: 'meeting-room-1', user_type: 'host' });
  assert.equal(Number(exp) - Number(iat), 24 * 3600);
  assert.equal(await tryAt(server.origin, stdout.trim()), 426);
});

test('generate-token.js finds the secret in .env, or where the server keeps the one that it made', async t => {
  const folder = newFolder(t);
  const missing = await runGenerateToken(['alice'], { folder });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /JWT_SECRET/);
  const { stdout: first } = await runAqlinks(['token', '--user', 'alice'], { folder }); // makes and keeps one, as the server does
  const { stdout: kept } = await runGenerateToken(['alice'], { folder });
  writeFileSync(join(folder, '.env'), `JWT_SECRET=${JWT_SECRET}\n`);
  const { stdout: fromFile } = await runGenerateToken(['alice'], { folder });
  assert.equal(await tryAt((await newServer(t, JWT_SECRET)).origin, fromFile.trim()), 426);
  assert.equal(await tryAt((await newServer(t, JWT_SECRET)).origin, kept.trim()), 401);
  assert.notEqual(first, fromFile);
});

test('generate-token.js refuses what the server would refuse', async t => {
  const place = { folder: newFolder(t), env: { JWT_SECRET } };
  for (const args of [[], ['a', 'b', 'c', 'd'], ['--help'], ['a\u0007'], ['a', ''], ['a', 'r'.repeat(129)]]) {
    const { code, stdout, stderr } = await runGenerateToken(args, place);
    assert.deepEqual([code, stdout], [1, ''], args.join());
    assert.notEqual(stderr, '');
  }
});

test('aqlinks token signs with options, for as long as --ttl says', async t => {
  const place = { folder: newFolder(t), env: { JWT_SECRET } };
  const args = [
    'token',
    '--user',
    'alice',
    '--room',
    'r',
    '--type',
    'host',
    '--name',
    'Alice',
    '--email',
    'a@example.com',
    '--ttl',
    '30m',
  ];
  const { code, stdout } = await runAqlinks(args, place);
  assert.equal(code, 0);
  const { iat, exp, ...claims } = claimsOf(stdout);
  assert.deepEqual(claims, { user_id: 'alice', room: 'r', user_type: 'host', name: 'Alice', email: 'a@example.com' });
  assert.equal(Number(exp) - Number(iat), 30 * 60);
  const { stdout: json } = await runAqlinks([...args, '--json'], place);
  const { token, expires_at } = JSON.parse(json);
  assert.equal(Date.parse(expires_at), Number(claimsOf(token).exp) * 1_000);
  assert.equal(await tryAt((await newServer(t, JWT_SECRET)).origin, stdout.trim()), 426);
});

test('aqlinks token says what is missing or wrong', async t => {
  const place = { folder: newFolder(t), env: { JWT_SECRET } };
  const wrong: [string[], number, RegExp][] = [
    [[], 2, /--user/],
    [['--user', 'a', '--ttl', 'soon'], 2, /--ttl soon/],
    [['--user', 'a', '--rom', 'r'], 2, /--rom/],
    [['--user', 'a', 'b'], 2, /b/],
    [['--user', 'a'.repeat(300)], 1, /too long/],
  ];
  for (const [args, expected, message] of wrong) {
    const { code, stdout, stderr } = await runAqlinks(['token', ...args], place);
    assert.deepEqual([code, stdout], [expected, '']);
    assert.match(stderr, message);
    assert.ok(!stderr.includes(JWT_SECRET));
  }
});

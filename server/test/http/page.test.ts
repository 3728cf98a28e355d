import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenResponse } from '@aqlinks/protocol';
import { newServer, SECRET } from '../support/new-server.ts';
import { refusalOf } from '../support/refusal-of.ts';

test('/ and /aq_server lead to the page', async t => {
  const server = await newServer(t);
  for (const path of ['/', '/aq_server']) {
    const response = await fetch(`${server.origin}${path}`, { redirect: 'manual' });
    assert.deepEqual([response.status, response.headers.get('location')], [302, '/aq_server/']);
  }
});

test('the page may load its own files and connect to its own server, nothing else', async t => {
  const server = await newServer(t);
  const response = await fetch(server.pageUrl);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /The page of the tests/);
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|http/);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
  assert.equal(response.headers.get('cache-control'), 'no-cache');
});

test('files with a hash in their name are kept by browsers for a year', async t => {
  const server = await newServer(t);
  const response = await fetch(`${server.pageUrl}assets/page-0123.js`);
  assert.match(response.headers.get('content-type') ?? '', /javascript/);
  assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
});

test('nothing outside the folder of the page is served', async t => {
  const server = await newServer(t);
  for (const path of [
    '../new-server.ts',
    '..%2fnew-server.ts',
    '%2e%2e/new-server.ts',
    '....//new-server.ts',
    'assets/..%5c..%5cnew-server.ts',
  ]) {
    assert.notEqual((await fetch(`${server.pageUrl}${path}`)).status, 200, path);
  }
});

const ask = (origin: string, body: unknown) =>
  fetch(`${origin}/aq_server/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

test('in development the page gets a token from the server, which opens the room it names (SPEC:P42)', async t => {
  const server = await newServer(t);
  const response = await ask(server.origin, { user_id: 'tab-1', name: 'Alice', room: 'r', user_type: 'host' });
  assert.equal(response.status, 201);
  const text = await response.text();
  assert.ok(!text.includes(SECRET));
  const { token, expires_at } = TokenResponse.parse(JSON.parse(text));
  assert.ok(Date.parse(expires_at) > Date.now());
  assert.equal((await fetch(`${server.origin}/ws?token=${token}`)).status, 426);
});

test('a request for a token that is none is refused with what to correct (SPEC:P42)', async t => {
  const server = await newServer(t);
  const bad = [
    {},
    { user_id: '' },
    { user_id: 1 },
    { user_id: 'a', room: 'a'.repeat(129) },
    { user_id: 'a', admin: true },
    'null',
    '{',
    '[]',
  ];
  for (const body of bad) {
    const response = await ask(server.origin, body);
    assert.equal(response.status, 400, JSON.stringify(body));
    const { error, message } = (await response.json()) as { error: string; message: string };
    assert.match(error, /^(invalid-request|not-json)$/);
    assert.ok(message.length > 5);
  }
  assert.equal((await ask(server.origin, `{"user_id":"${'a'.repeat(20_000)}"}`)).status, 413);
});

test('production signs no tokens (SPEC:P42)', async t => {
  const server = await newServer(t, { environment: 'production' });
  assert.equal((await ask(server.origin, { user_id: 'a' })).status, 404);
  assert.equal((await refusalOf(server.webSocketUrl)).status, 401);
});
